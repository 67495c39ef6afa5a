"""Robots that post into a group chat: WeCom, DingTalk and Feishu."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from notifications.message import Accepted, Message, NotProcessed, Outcome, Sent, Uncertain
from notifications.posting import Answer, Poster, as_json, outcome_of

Payload = Mapping[str, object]
WAIT = 60.0  # seconds; each of the three allows so many posts a minute


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one of the three wants to be spoken to.

    `code` is the field of the answer that holds 0 for success, `busy` the codes that ask for
    patience. `write` returns the address and what is posted there.
    """

    code: str
    busy: frozenset[int]
    write: Callable[[str, str, str | None, datetime], tuple[str, Payload]]


class Robot:
    """The robot of one group; whom a message is for stands in its text alone.

    `url` is the robot's own address, a secret in itself; `secret` signs where the group asks
    for it. None of the three tells what became of a post, or can be asked.
    """

    name = "robot"

    def __init__(
        self,
        *,
        provider: str,
        url: str,
        secret: str | None,
        stand_in: bool,
        now: Callable[[], datetime],
        dialect: str | None = None,
        timeout: tuple[float, float] = (3, 5),
    ) -> None:
        self.stand_in = stand_in
        self.provider = provider
        self._dialect = DIALECTS[dialect or provider]
        self._url, self._secret = url, secret
        self._now = now
        self._poster = Poster(url, timeout=timeout)

    def send(self, message: Message) -> Outcome:
        url, payload = self._dialect.write(self._url, message.body, self._secret, self._now())
        outcome = outcome_of(lambda: self._poster.post(url, as_json(payload)), self._read)
        if isinstance(outcome, Accepted):
            return Accepted(provider_id=f"robot-{message.code}", status="sent", receipts=False)
        return outcome

    def find(self, message: Message, *, since: datetime) -> Sequence[Sent] | None:
        """A robot cannot be asked."""
        return None

    def look_up(self, provider_id: str) -> Sent | None:
        """A robot cannot be asked."""
        return None

    def _read(self, answer: Answer) -> Outcome:
        """Believe the code in the answer: a post that failed comes with HTTP 200 too."""
        code = answer.found.get(self._dialect.code)
        if not isinstance(code, int):
            return Uncertain(reason="the robot's answer was not understood")
        if code == 0:
            return Accepted(provider_id="", status="sent")
        reason = f"the robot answered code {code}"
        if code in self._dialect.busy:
            return NotProcessed(reason=reason, retry_after=WAIT)
        return NotProcessed(reason=reason, configuration=True)


def _wecom(url: str, text: str, secret: str | None, now: datetime) -> tuple[str, Payload]:
    return url, {"msgtype": "text", "text": {"content": text}}


def _dingtalk(url: str, text: str, secret: str | None, now: datetime) -> tuple[str, Payload]:
    """Sign in the address: milliseconds and secret, keyed with the secret."""
    payload = {"msgtype": "text", "text": {"content": text}}
    if not secret:
        return url, payload
    moment = str(int(now.timestamp() * 1000))
    sign = _digest(key=secret, text=f"{moment}\n{secret}")
    return (
        f"{url}{'&' if '?' in url else '?'}{urlencode({'timestamp': moment, 'sign': sign})}",
        payload,
    )


def _feishu(url: str, text: str, secret: str | None, now: datetime) -> tuple[str, Payload]:
    """Sign in the body: seconds and secret are the key, and nothing is what is signed."""
    payload = {"msg_type": "text", "content": {"text": text}}
    if not secret:
        return url, payload
    moment = str(int(now.timestamp()))
    return url, payload | {"timestamp": moment, "sign": _digest(key=f"{moment}\n{secret}", text="")}


def _digest(*, key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


DIALECTS: Mapping[str, Dialect] = {
    "wecom": Dialect(code="errcode", busy=frozenset({45009}), write=_wecom),
    "dingtalk": Dialect(code="errcode", busy=frozenset({130101}), write=_dingtalk),
    "feishu": Dialect(code="code", busy=frozenset({9499, 11232}), write=_feishu),
}
