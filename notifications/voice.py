"""A telephone call by Twilio's client: the message is read out twice, and a key confirms it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from twilio.base import values

from notifications.connection import make_client
from notifications.keypad import spoken
from notifications.message import Message, Outcome, Sent
from notifications.provider import ask, deliver, sent
from notifications.sms import RECENT, SKEW

RING = 40
TOLD = ("ringing", "answered", "completed")
KEYS = "/keys"


class TwilioVoice:
    """The voice channel; the arguments are those of the SMS channel.

    It rings for `RING` seconds. That somebody answers is no proof that somebody heard: a key
    is, and it goes to the callback's address with `KEYS` behind it.
    """

    name = "voice"

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        from_number: str,
        base_url: str | None,
        stand_in: bool,
        provider: str = "twilio",
        timeout: tuple[float, float] = (3, 5),
    ) -> None:
        self.stand_in = stand_in
        self.provider = provider
        self._from = from_number
        self._client = make_client(
            account_sid=account_sid,
            auth_token=auth_token,
            base_url=base_url,
            stand_in=stand_in,
            timeout=timeout,
        )

    def send(self, message: Message) -> Outcome:
        return deliver(lambda: self._create(message))

    def find(self, message: Message, *, since: datetime) -> Sequence[Sent] | None:
        """Ask which calls were made to this number; a call does not say what was read out."""
        return ask(lambda: self._recent(message.to, since=since - SKEW))

    def look_up(self, provider_id: str) -> Sent | None:
        return ask(lambda: sent(self._client.calls(provider_id).fetch()))

    def _create(self, message: Message) -> Any:
        url = message.callback_url
        return self._client.calls.create(
            to=message.to,
            from_=self._from,
            twiml=spoken(message.body, keys_url=url and url + KEYS),
            timeout=RING,
            status_callback=url or values.unset,
            status_callback_event=list(TOLD) if url else values.unset,
        )

    def _recent(self, to: str, *, since: datetime) -> Sequence[Sent]:
        calls = self._client.calls.list(
            to=to, start_time_after=since, limit=RECENT, page_size=RECENT
        )
        return [sent(call) for call in calls]
