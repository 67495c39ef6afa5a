"""SMS by a gateway of the mainland: registered signature and template, signed JSON over HTTP."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import requests

from notifications import gateway_signature
from notifications.connection import Garbled, is_id
from notifications.message import (
    Accepted,
    Message,
    NotProcessed,
    Outcome,
    Refused,
    Sent,
    Uncertain,
)
from notifications.posting import Answer, Poster, as_json, outcome_of
from notifications.registered import part

SEND, RECENT, QUERY, BALANCE = "/sms/send", "/sms/recent", "/sms/query", "/account/balance"
SKEW = timedelta(minutes=5)
TAKEN = 0
CONFIGURATION = frozenset({1001, 1002, 1003, 2001, 2002, 2003, 3003, 3004})
UNREACHABLE = frozenset({2101, 2102})
OPTED_OUT, OPTED_OUT_WORD = 2102, "21610"
BAD_NUMBER_WORD = "21211"
CLOSED_ROUTE = frozenset({2103})
PATIENCE = {3001: 5.0, 3002: 60.0}
UNSURE = 5001

# What the gateway says of a message in the end, as the desk's words have it.
STATUSES = {"taken": "queued", "sent": "sent", "arrived": "delivered", "lost": "undelivered"}
REASONS = {"UNREACHABLE": 30003, "BLOCKED": 30004, "NO-SUCH-NUMBER": 30005, "FILTERED": 30007}
NO_REASON = 30008


class GatewaySms:
    """The SMS channel by such a gateway; may be used by many threads at once.

    `templates` gives the registered id of each text; a text without one is not sent this way.
    `extension` is the number that replies come back with. `push_url` is where the gateway is
    told to push reports and replies, None where its own settings say so.
    """

    name = "sms"

    def __init__(
        self,
        *,
        base_url: str,
        key: str,
        secret: str,
        templates: Mapping[str, str],
        stand_in: bool,
        now: Callable[[], datetime],
        provider: str = "mainland",
        extension: str = "",
        push_url: str | None = None,
        timeout: tuple[float, float] = (3, 5),
    ) -> None:
        self.stand_in = stand_in
        self.provider = provider
        self._base = base_url.rstrip("/")
        self._key, self._secret = key, secret
        self._templates = templates
        self._extension, self._push_url = extension, push_url
        self._now = now
        self._poster = Poster(base_url, timeout=timeout)

    def send(self, message: Message) -> Outcome:
        parted = part(message.body)
        template = self._templates.get(parted.template) if parted else None
        if parted is None or template is None:
            return NotProcessed(reason="no registered text fits", configuration=True, route=True)
        request = {
            "phone": message.to,
            "signature": parted.signature,
            "template": template,
            "parameters": dict(parted.parameters),
            "reference": message.code,
            "extension": self._extension,
            "push": self._push_url,
        }
        return outcome_of(lambda: self._post(SEND, request), _read)

    def find(self, message: Message, *, since: datetime) -> Sequence[Sent] | None:
        """Ask whether the gateway has taken this very message: it keeps our reference."""
        request = {"phone": message.to, "since": (since - SKEW).isoformat()}
        found = self._asked(RECENT, request)
        if found is None:
            return None
        ours = [one for one in found if one.get("reference") == message.code]
        return [sent for one in ours if (sent := _sent(one))]

    def look_up(self, provider_id: str) -> Sent | None:
        """Ask what has become of a message; None where the gateway could not be asked."""
        found = self._asked(QUERY, {"id": provider_id})
        return _sent(found[0]) if found else None

    def balance(self) -> int | None:
        """Ask how many messages are still paid for; None where it could not be asked."""
        try:
            left = self._post(BALANCE, {}).found.get("left")
        except (requests.RequestException, Garbled):
            return None
        return left if isinstance(left, int) and not isinstance(left, bool) else None

    def _asked(self, path: str, request: Mapping[str, object]) -> list[Mapping[str, object]] | None:
        try:
            answer = self._post(path, request)
        except (requests.RequestException, Garbled):
            return None
        found = answer.found.get("messages")
        if answer.status != 200 or answer.found.get("code") != TAKEN or not isinstance(found, list):
            return None
        return [one for one in found if isinstance(one, dict)]

    def _post(self, path: str, request: Mapping[str, object]) -> Answer:
        body = as_json(request)
        headers = gateway_signature.signed(
            key=self._key,
            secret=self._secret,
            path=urlsplit(self._base + path).path,
            nonce=secrets.token_hex(8),
            body=body,
            now=self._now(),
        )
        return self._poster.post(self._base + path, body, headers)


def _read(answer: Answer) -> Outcome:
    """Say what the gateway's own code means; it answers HTTP 200 to almost everything."""
    code, provider_id = answer.found.get("code"), answer.found.get("id")
    if code == TAKEN and is_id(provider_id):
        return Accepted(provider_id=str(provider_id), status="queued")
    if not isinstance(code, int) or code in (TAKEN, UNSURE):
        return Uncertain(reason=f"the gateway answered code {code!r}"[:60])
    reason = f"the gateway answered code {code}"
    if code in UNREACHABLE:
        word = OPTED_OUT_WORD if code == OPTED_OUT else BAD_NUMBER_WORD
        return Refused(code=word, reason=reason)
    if code in PATIENCE:
        return NotProcessed(reason=reason, retry_after=PATIENCE[code])
    closed = code in CLOSED_ROUTE
    return NotProcessed(reason=reason, configuration=closed or code in CONFIGURATION, route=closed)


def _sent(found: Mapping[str, object]) -> Sent | None:
    provider_id, status = found.get("id"), STATUSES.get(str(found.get("status")))
    if not is_id(provider_id) or status is None:
        return None
    return Sent(
        provider_id=str(provider_id),
        status=status,
        created_at=_moment(found.get("at")),
        error_code=reason_of(found.get("reason")) if status == "undelivered" else None,
    )


def reason_of(reason: object) -> int:
    """Return the desk's number for the reason that a gateway gives; an unknown one is unknown."""
    return REASONS.get(str(reason), NO_REASON)


def _moment(text: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else None
