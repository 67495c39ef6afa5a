"""A telephone call by Twilio's client, in which the message is read out twice."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from twilio.base import values
from twilio.twiml.voice_response import VoiceResponse

from notifications.connection import make_client
from notifications.message import Message, Outcome, Sent
from notifications.provider import ask, deliver, sent
from notifications.sms import RECENT, SKEW

LANGUAGE = "zh-CN"
TIMES = 2
PAUSE = 1
RING = 40
_SILENT = str.maketrans({"【": " ", "】": " ", "（": " ", "）": " "})


class TwilioVoice:
    """The voice channel; the arguments are those of the SMS channel.

    It rings for `RING` seconds. That somebody answers is no proof that somebody heard.
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
        timeout: tuple[float, float] = (3, 5),
    ) -> None:
        self.stand_in = stand_in
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
        return self._client.calls.create(
            to=message.to,
            from_=self._from,
            twiml=spoken(message.body),
            timeout=RING,
            status_callback=message.callback_url or values.unset,
        )

    def _recent(self, to: str, *, since: datetime) -> Sequence[Sent]:
        calls = self._client.calls.list(
            to=to, start_time_after=since, limit=RECENT, page_size=RECENT
        )
        return [sent(call) for call in calls]


def spoken(body: str) -> str:
    """Write the TwiML that reads a text twice; brackets become a breath."""
    said = " ".join(body.translate(_SILENT).split())
    response = VoiceResponse()
    for _ in range(TIMES):
        response.say(said, language=LANGUAGE)
        response.pause(length=PAUSE)
    return str(response)
