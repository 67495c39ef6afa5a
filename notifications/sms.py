"""SMS by Twilio's client, to Twilio or to anything that speaks its HTTP."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from twilio.base import values

from notifications.connection import make_client
from notifications.message import Accepted, Message, Outcome, Refused, Sent
from notifications.provider import CALLBACK_REFUSED, ask, deliver, sent

# Clocks differ: a message found this much before `since` may still be ours.
SKEW = timedelta(minutes=5)
RECENT = 50


class TwilioSms:
    """The SMS channel; may be used by many threads at once.

    `base_url` None is Twilio itself, which a stand-in can never be. `timeout` is seconds to
    connect and to answer; `validity` is how many seconds the provider may keep a message
    before it is too old to be sent: an alert that comes hours late is worse than none.
    """

    name = "sms"

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
        validity: int = 300,
    ) -> None:
        self.stand_in = stand_in
        self.provider = provider
        self._from = from_number
        self._validity = validity
        self._client = make_client(
            account_sid=account_sid,
            auth_token=auth_token,
            base_url=base_url,
            stand_in=stand_in,
            timeout=timeout,
        )

    def send(self, message: Message) -> Outcome:
        """Send once; and again without receipts where the callback's address is refused."""
        outcome = deliver(lambda: self._create(message))
        if isinstance(outcome, Refused) and outcome.code == CALLBACK_REFUSED:
            outcome = deliver(lambda: self._create(replace(message, callback_url=None)))
            if isinstance(outcome, Accepted):
                return replace(outcome, receipts=False)
        return outcome

    def find(self, message: Message, *, since: datetime) -> Sequence[Sent] | None:
        """Ask whether the provider has taken this very text for this number.

        Newest first; None where it could not be asked. Twilio keeps no reference of ours, so
        the text is what a message is known by.
        """
        return ask(lambda: self._matching(message, since=since - SKEW))

    def look_up(self, provider_id: str) -> Sent | None:
        """Ask what has become of a message; None where the provider could not be asked."""
        return ask(lambda: sent(self._client.messages(provider_id).fetch()))

    def _create(self, message: Message) -> Any:
        return self._client.messages.create(
            to=message.to,
            from_=self._from,
            body=message.body,
            validity_period=self._validity,
            status_callback=message.callback_url or values.unset,
        )

    def _matching(self, message: Message, *, since: datetime) -> Sequence[Sent]:
        records = self._client.messages.list(
            to=message.to, date_sent_after=since, limit=RECENT, page_size=RECENT
        )
        return [sent(record) for record in records if message.body in record.body]
