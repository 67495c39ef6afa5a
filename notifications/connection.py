"""Twilio's own client over a connection of ours: time limits, a pool, another address."""

import json
import time
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import HTTPError

MAX_ANSWER = 256 * 1024
POOL = 32
TWILIO = "https://api.twilio.com"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
LONGEST_ID = 64
LONGEST_WAIT = 3600


class Garbled(Exception):
    """An answer came, but it is cut off, too large, too slow or not what was agreed."""


class Declined(Exception):
    """An answer came, and it is no success.

    Twilio's own exceptions lose the header and believe a status that stands in the body.
    `code` is the provider's error, None where it names none; `retry_after` is seconds.
    """

    def __init__(self, *, status: int, code: int | None, retry_after: float | None) -> None:
        super().__init__(f"the provider answered HTTP {status}, error {code}")
        self.status = status
        self.code = code
        self.retry_after = retry_after


class Connection(TwilioHttpClient):  # type: ignore[misc]  # Twilio ships no types
    """Twilio's transport with time limits, a pool, and room for another address.

    `timeout` is seconds to connect and seconds to answer; `base_url` None is Twilio itself.
    Nothing is logged here: Twilio's own log lines hold telephone numbers.
    """

    def __init__(self, *, base_url: str | None, timeout: tuple[float, float]) -> None:
        super().__init__(pool_connections=False)
        self._base = urlsplit(base_url) if base_url else None
        self._limits = timeout
        self._session = make_session(base_url)

    def request(
        self,
        method: str,
        url: str,
        params: Any = None,
        data: Any = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,  # noqa: FBT001, FBT002 - Twilio's signature
    ) -> Response:
        deadline = time.monotonic() + sum(self._limits)
        with self._session.request(
            method.upper(),
            self._address(url),
            params=params,
            data=data,
            headers=headers,
            auth=auth,
            timeout=self._limits,
            allow_redirects=False,
            stream=True,
        ) as answer:
            body = read_body(answer, deadline=deadline)
            found = read_object(body)
            if not 200 <= answer.status_code < 300:
                wish, code = read_wish(answer.headers.get("Retry-After")), number(found.get("code"))
                raise Declined(status=answer.status_code, code=code, retry_after=wish)
            if not is_id(found.get("sid")) and "page" not in found:
                raise Garbled("the answer is neither one thing nor a page of many")
            return Response(answer.status_code, body, answer.headers)

    def _address(self, url: str) -> str:
        """Swap scheme and host, and keep a folder that the other provider lives under."""
        if self._base is None:
            return url
        asked = urlsplit(url)
        path = self._base.path.rstrip("/") + asked.path
        return urlunsplit((self._base.scheme, self._base.netloc, path, asked.query, ""))


def make_client(
    *,
    account_sid: str,
    auth_token: str,
    base_url: str | None,
    stand_in: bool,
    timeout: tuple[float, float],
) -> Client:
    """Return Twilio's client.

    Raises ValueError for an address that is not http or https, and for a stand-in that
    would be Twilio itself.
    """
    parts = urlsplit(base_url or TWILIO)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("the provider's address must begin with http:// or https://")
    if stand_in and parts.hostname.endswith("twilio.com"):
        raise ValueError("a stand-in provider needs an address of its own")
    return Client(
        account_sid, auth_token, http_client=Connection(base_url=base_url, timeout=timeout)
    )


def is_id(sid: object) -> bool:
    """Say whether this can be the id that a provider gives."""
    return isinstance(sid, str) and 0 < len(sid) <= LONGEST_ID


def make_session(base_url: str | None) -> requests.Session:
    """Open a pool of connections; to loopback no proxy of the environment is taken."""
    session = requests.Session()
    session.trust_env = urlsplit(base_url or "").hostname not in LOOPBACK
    session.headers["Accept-Encoding"] = "identity"
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=POOL)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def read_body(answer: requests.Response, *, deadline: float) -> str:
    """Read the body in whatever pieces come; raises Garbled past the limits."""
    body = bytearray()
    try:
        while piece := answer.raw.read1(MAX_ANSWER):
            body += piece
            if len(body) > MAX_ANSWER or time.monotonic() > deadline:
                raise Garbled("the answer is too large or too slow")
    except (HTTPError, OSError) as broken:
        raise Garbled("the answer was cut off") from broken
    return body.decode("utf-8", errors="replace")


def read_wish(header: str | None) -> float | None:
    """Read a Retry-After in seconds, at most an hour; a date counts as absent."""
    if header is None or not header.isascii() or not header.isdigit():
        return None
    return float(min(int(header[:9]), LONGEST_WAIT))


def read_object(body: str) -> dict[str, object]:
    """Read a JSON object; anything else counts as an empty one."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def number(code: object) -> int | None:
    """Read an error code; booleans, fractions and words are none."""
    text = str(code)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
