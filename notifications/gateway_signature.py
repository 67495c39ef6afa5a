"""The signature of the mainland gateway: an HMAC over path, moment, nonce and body."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

KEY, TIME, NONCE, SIGN = "X-Sms-Key", "X-Sms-Time", "X-Sms-Nonce", "X-Sms-Sign"
WINDOW = timedelta(minutes=5)  # how old, or how early, a signed request may be


def signed(
    *, key: str, secret: str, path: str, nonce: str, body: bytes, now: datetime
) -> dict[str, str]:
    """Return the headers of a signed request."""
    moment = str(int(now.timestamp()))
    sign = _sign(secret, path=path, moment=moment, nonce=nonce, body=body)
    return {KEY: key, TIME: moment, NONCE: nonce, SIGN: sign}


def is_signed(
    headers: Mapping[str, str], *, key: str, secret: str, path: str, body: bytes, now: datetime
) -> bool:
    """Say whether whoever knows our secret sent this, not longer ago than the window.

    The same request may come again within the window: whoever keeps it must know it.
    """
    moment, nonce = headers.get(TIME, ""), headers.get(NONCE, "")
    if not secret or headers.get(KEY) != key or not _is_recent(moment, now):
        return False
    expected = _sign(secret, path=path, moment=moment, nonce=nonce, body=body)
    return hmac.compare_digest(expected.encode(), headers.get(SIGN, "").encode())


def _sign(secret: str, *, path: str, moment: str, nonce: str, body: bytes) -> str:
    parts = (path, moment, nonce, hashlib.sha256(body).hexdigest())
    return hmac.new(secret.encode(), "\n".join(parts).encode(), hashlib.sha256).hexdigest()


def _is_recent(moment: str, now: datetime) -> bool:
    if not moment.isascii() or not moment.isdigit() or len(moment) > 12:
        return False
    return abs(int(moment) - now.timestamp()) <= WINDOW.total_seconds()
