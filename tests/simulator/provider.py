"""A provider of the simulator: every fault of the real ones, drawn from the world's dice."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from notifications.message import Accepted, Message, NotProcessed, Outcome, Refused, Sent, Uncertain

AGAIN, DRILL = "重发", "【演练】"
FAULTS = ("lost answer", "lost request", "throttle", "connection", "settings", "refused", "broken")
FINAL = ("delivered", "delivered", "delivered", "undelivered", "failed")


@dataclass(slots=True)
class Taken:
    """A message that the provider has, whatever the desk knows of it."""

    id: str
    code: str
    body: str
    at: datetime
    status: str = "queued"


@dataclass(slots=True)
class SimProvider:
    """One channel of the live or of the drill world; `ill` is how often it fails."""

    name: str
    stand_in: bool
    dice: Random
    ill: float = 0.0
    taken: list[Taken] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    leaks: list[str] = field(default_factory=list)
    now: datetime | None = None

    def send(self, message: Message) -> Outcome:
        if message.drill is not self.stand_in or (DRILL in message.body) is not message.drill:
            self.leaks.append(message.code)
        fault = self.dice.choice(FAULTS) if self.dice.random() < self.ill else ""
        if fault:
            self.faults[fault] += 1
        match fault:
            case "lost answer":
                self._take(message)
                return Uncertain(reason="timeout")
            case "lost request":
                return Uncertain(reason="reset")
            case "throttle":
                return NotProcessed(reason="busy", retry_after=self.dice.choice([1.0, 8.0, 30.0]))
            case "connection":
                return NotProcessed(reason="refused")
            case "settings":
                return NotProcessed(reason="settings", configuration=True)
            case "refused":
                return Refused(code="21211", reason="no such number")
            case "broken":
                raise RuntimeError("a fault of the channel itself")
            case _:
                return Accepted(provider_id=self._take(message).id, status="queued")

    def find(self, message: Message, *, since: datetime) -> Sequence[Sent] | None:
        if self.dice.random() < self.ill:
            self.faults["not asked"] += 1
            return None
        return [self._sent(one) for one in self.taken if one.code == message.code]

    def look_up(self, provider_id: str) -> Sent | None:
        found = [self._sent(one) for one in self.taken if one.id == provider_id]
        return found[0] if found and self.dice.random() >= self.ill else None

    def move_on(self) -> Taken | None:
        """Let one message come nearer to its end; None where none is under way."""
        under_way = [one for one in self.taken if one.status in ("queued", "sent")]
        if not under_way:
            return None
        one = self.dice.choice(under_way)
        one.status = "sent" if one.status == "queued" else self.dice.choice(FINAL)
        return one

    def heal(self) -> None:
        """End every fault; what was under way arrives, and whoever asks is told."""
        self.ill = 0.0
        for one in self.taken:
            one.status = "delivered" if one.status in ("queued", "sent") else one.status

    def _take(self, message: Message) -> Taken:
        assert self.now is not None
        id = f"{self.name}-{self.stand_in}-{len(self.taken)}"
        one = Taken(id=id, code=message.code, body=message.body, at=self.now)
        self.taken.append(one)
        return one

    def _sent(self, one: Taken) -> Sent:
        return Sent(provider_id=one.id, status=one.status, created_at=one.at, error_code=None)
