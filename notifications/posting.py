"""Post JSON to a provider that is not Twilio, and read the JSON that it answers."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import requests

from notifications.connection import Garbled, make_session, read_body, read_object, read_wish
from notifications.message import NotProcessed, Outcome, Uncertain
from notifications.provider import SETTINGS_STATUSES, TOO_MANY, of_transport


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: an object, empty when it was none; `retry_after` is seconds."""

    status: int
    found: Mapping[str, object]
    retry_after: float | None


class Poster:
    """A pool of connections to one provider; `timeout` is seconds to connect and to answer."""

    def __init__(self, base_url: str, *, timeout: tuple[float, float]) -> None:
        self._limits = timeout
        self._session = make_session(base_url)

    def post(self, url: str, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        """Post once, without redirects; raises RequestException or Garbled."""
        deadline = time.monotonic() + sum(self._limits)
        with self._session.post(
            url,
            data=body,
            headers={"Content-Type": "application/json; charset=utf-8", **(headers or {})},
            timeout=self._limits,
            allow_redirects=False,
            stream=True,
        ) as answer:
            return Answer(
                status=answer.status_code,
                found=read_object(read_body(answer, deadline=deadline)),
                retry_after=read_wish(answer.headers.get("Retry-After")),
            )


def as_json(values: Mapping[str, object]) -> bytes:
    """Write the body of a request."""
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def outcome_of(post: Callable[[], Answer], read: Callable[[Answer], Outcome]) -> Outcome:
    """Post, and say what came of it; `read` is asked about answers of HTTP 200 alone."""
    try:
        answer = post()
    except requests.RequestException as failure:
        return of_transport(failure)
    except Garbled as nonsense:
        return Uncertain(reason=f"the answer was not understood: {nonsense}")
    return read(answer) if answer.status == 200 else _declined(answer)


def _declined(answer: Answer) -> Outcome:
    reason = f"the provider answered HTTP {answer.status}"
    if answer.status == TOO_MANY:
        return NotProcessed(reason=reason, retry_after=answer.retry_after)
    if answer.status >= 500 or 200 < answer.status < 300:
        return Uncertain(reason=reason)
    settings = answer.status in SETTINGS_STATUSES or answer.status < 400
    return NotProcessed(reason=reason, configuration=settings)
