"""Read a provider's callback, and believe it only with a true signature."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from twilio.request_validator import RequestValidator

# A status only ever replaces one of a lower rank. Calls have words of their own.
_RANKS: Mapping[str, int] = {
    "accepted": 0,
    "scheduled": 0,
    "queued": 1,
    "initiated": 1,
    "sending": 2,
    "ringing": 2,
    "sent": 3,
    "in-progress": 3,
    "delivered": 4,
    "undelivered": 4,
    "failed": 4,
    "canceled": 4,
    "read": 5,
    "completed": 4,
    "busy": 4,
    "no-answer": 4,
}
_UNKNOWN = 0
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_STATUS = re.compile(r"[a-z_-]{1,32}")


class BadSignature(Exception):
    """Nobody who knows our token sent this; the answer is 403 and nothing is kept."""


class BadReceipt(Exception):
    """Signed, but without a message or a status that can be read; the answer is 400."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the provider says of one message; `error_code` is None when it says no error."""

    provider_id: str
    status: str
    error_code: int | None


def read(
    *, url: str, form: Mapping[str, str], signature: str | None, tokens: Sequence[str]
) -> Receipt:
    """Check the signature, then read the form.

    `url` is the callback's address as we published it, never as the request arrived behind a
    proxy. `tokens` are those in force, two while they are being changed. The same receipt may
    come again, with the same signature: whoever stores it must know it by id and status.
    """
    if not is_signed(url=url, form=form, signature=signature, tokens=tokens):
        raise BadSignature("the callback bears no true signature")
    return _receipt(form)


def is_signed(
    *, url: str, form: Mapping[str, str], signature: str | None, tokens: Sequence[str]
) -> bool:
    """Say whether whoever knows one of the tokens sent this form to this address."""
    if not signature or not signature.isascii() or not urlsplit(url).hostname:
        return False
    plain = dict(form.items())
    return any(RequestValidator(token).validate(url, plain, signature) for token in tokens if token)


def rank(status: str) -> int:
    """Say how far along a status is; an unknown one is at the very start."""
    return _RANKS.get(status, _UNKNOWN)


def is_forward(*, known: str, told: str) -> bool:
    """Say whether a status that was told now may replace the one known so far."""
    return rank(told) > rank(known)


def _receipt(form: Mapping[str, str]) -> Receipt:
    provider_id = form.get("MessageSid") or form.get("SmsSid") or form.get("CallSid") or ""
    status = form.get("MessageStatus") or form.get("SmsStatus") or form.get("CallStatus") or ""
    if not _ID.fullmatch(provider_id) or not _STATUS.fullmatch(status):
        raise BadReceipt("the callback names no message or no status")
    code = form.get("ErrorCode", "")
    return Receipt(
        provider_id=provider_id,
        status=status,
        error_code=int(code) if re.fullmatch(r"[0-9]{1,9}", code) else None,
    )
