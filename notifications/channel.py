"""The interface of a channel, and the channels in use: live and drill apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from notifications.message import Message, NotProcessed, Outcome, Sent


class DrillLeak(Exception):
    """A message of a drill was about to leave by a channel that can ring a real telephone."""


class Channel(Protocol):
    """One way to reach a person.

    `stand_in` says that it ends in the stand-in provider and can reach nobody.
    `send` may be called from several threads at once and reports failure as an outcome.
    """

    @property
    def name(self) -> str: ...

    @property
    def stand_in(self) -> bool: ...

    def send(self, message: Message) -> Outcome: ...

    def find(self, message: Message, *, since: datetime) -> Sequence[Sent] | None:
        """Ask the provider whether it has taken this message; None where nobody can say."""
        ...

    def look_up(self, provider_id: str) -> Sent | None:
        """Ask what has become of what it took; None where nobody can say."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Channels:
    """The channels by name, for real messages and for those of drills."""

    live: Mapping[str, Channel]
    drill: Mapping[str, Channel]

    @property
    def live_is_stand_in(self) -> bool:
        """Say whether real messages, by at least one channel, end in the stand-in provider."""
        return any(channel.stand_in for channel in self.live.values())

    def send(self, message: Message) -> Outcome:
        """Deliver by the channel that the message names.

        This is the one guard between a drill and the world: raises DrillLeak, and sends
        nothing, when the message of a drill would meet a channel that is no stand-in.
        """
        channel = self._table(message).get(message.channel)
        if channel is None:
            return NotProcessed(
                reason=f"no channel {message.channel!r} is configured", configuration=True
            )
        if message.drill and channel.stand_in is not True:
            raise DrillLeak(f"message {message.code} of a drill was stopped before {channel.name}")
        return channel.send(message)

    def find(self, message: Message, *, since: datetime) -> Sequence[Sent] | None:
        """Ask whether a message of uncertain fate was taken after all, before sending again."""
        channel = self._table(message).get(message.channel)
        return channel.find(message, since=since) if channel else None

    def look_up(self, message: Message, provider_id: str) -> Sent | None:
        """Ask what has become of a message whose receipts do not come."""
        channel = self._table(message).get(message.channel)
        return channel.look_up(provider_id) if channel else None

    def _table(self, message: Message) -> Mapping[str, Channel]:
        return self.drill if message.drill else self.live
