"""A message to one person, and the four things that can come of sending it."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What one channel delivers to one person.

    `code` is ours, unique and says nothing about anybody; `to` is an E.164 number, or an
    address where the channel is mail. `callback_url` is None where no receipts are wanted.
    `provider` is who is to send it or may have it, None where any may. `link` is a page for
    people who can sign in; only mail shows it. The address and the text stay out of `repr`,
    so that no log can hold them.
    """

    code: str
    to: str = field(repr=False)
    body: str = field(repr=False)
    drill: bool
    callback_url: str | None = None
    channel: str = "sms"
    provider: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The provider took it; whether it arrives is told later by a receipt.

    `receipts` is False when it would not take the callback's address: ask it instead.
    `provider` is which of a channel's providers it was, None where there is but one.
    """

    provider_id: str
    status: str
    receipts: bool = True
    provider: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotProcessed:
    """It was certainly not sent, and may be sent again.

    `retry_after` is the provider's own wish in seconds, None where it gave none.
    `configuration` says that trying again is useless until somebody mends the settings; with
    `route` it is so for this kind of number or text alone, and the provider is well.
    """

    reason: str
    retry_after: float | None = None
    configuration: bool = False
    route: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertain:
    """Nobody can say whether it was sent: ask the provider before sending it again."""

    reason: str
    provider: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """This number will not be reached this way: `code` is the provider's, such as "21610"."""

    code: str
    reason: str


Outcome = Accepted | NotProcessed | Uncertain | Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What the provider says, when asked, of something that it has taken before.

    `created_at` is None where it gave no time, `error_code` where nothing went wrong.
    """

    provider_id: str
    status: str
    created_at: datetime | None
    error_code: int | None
    provider: str | None = None
