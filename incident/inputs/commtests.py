"""What is asked of a test of communication."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from incident.inputs.base import Input, Line
from workflows.lifecycle import Role

CHANNELS = ("sms", "voice", "mail")
MINUTES = (5, 15, 30, 60, 120)
Channel = Annotated[str, Field(pattern="|".join(CHANNELS))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """How the audience is chosen: everybody with a role, everybody on duty now, people by name."""

    roles: tuple[Role, ...] = ()
    on_duty: bool = False
    people: tuple[int, ...] = ()
    channels: tuple[str, ...] = ("sms",)
    minutes: int = 15
    drill: bool = False
    note: str | None = None


class CommTestInput(Input):
    """Whom to call, by what, for how long an answer counts; `drill` stays on the stand-in."""

    roles: tuple[Role, ...] = ()
    on_duty: bool = False
    people: tuple[int, ...] = ()
    channels: Annotated[tuple[Channel, ...], Field(min_length=1)]
    minutes: Annotated[int, Field(ge=min(MINUTES), le=max(MINUTES))]
    drill: bool = False
    note: Line | None = None

    def chosen(self) -> Chosen:
        """Return it as the operation takes it."""
        return Chosen(
            roles=self.roles,
            on_duty=self.on_duty,
            people=self.people,
            channels=tuple(dict.fromkeys(self.channels)),
            minutes=self.minutes,
            drill=self.drill,
            note=self.note,
        )
