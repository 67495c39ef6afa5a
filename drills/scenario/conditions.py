"""What may become true in a drill: the conditions of scenarios, as values.

Every condition is asked for its first moment: once it was true, it has come true. So none of
them says "not".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from workflows.facts import FactValue
from workflows.lifecycle import Action, Role, State
from workflows.plan import CalloutEvent

Of = Literal["all", "any"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InState:
    """The incident has reached a state."""

    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionTaken:
    """A step of the life was taken."""

    action: Action


@dataclass(frozen=True, slots=True, kw_only=True)
class FactIs:
    """A fact is known and is at least a number, or equals a value; one of the two is None."""

    fact: str
    at_least: int | None = None
    equals: FactValue = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDone:
    """A task of the plan is done; `evidence`: and its evidence is attached."""

    task: str
    evidence: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockKept:
    """A clock of the plan was satisfied before it ran out."""

    clock: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAnswered:
    """The call of an event was answered by all, or by any one, of those called in a role."""

    event: CalloutEvent
    role: Role
    of: Of = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefingIssued:
    """A briefing of a kind was issued, and says something on each of `contains`."""

    kind: str
    contains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultationConcluded:
    """The experts' conclusion was signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InjectAnswered:
    """An inject was answered: somebody to whom it went has said what is done about it."""

    inject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """All the parts have come true."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """One of the parts has come true."""

    parts: tuple["Condition", ...]


Condition = (
    InState
    | ActionTaken
    | FactIs
    | TaskDone
    | ClockKept
    | MessageAnswered
    | BriefingIssued
    | ConsultationConcluded
    | InjectAnswered
    | AllOf
    | AnyOf
)


def plain(condition: Condition) -> dict[str, object]:
    """Return the condition as plain values that `parse` reads again."""
    match condition:
        case InState(state=state):
            return {"state": str(state)}
        case ActionTaken(action=action):
            return {"action": str(action)}
        case FactIs(fact=fact, at_least=None, equals=value):
            return {"fact": fact, "equals": value}
        case FactIs(fact=fact, at_least=number):
            return {"fact": fact, "at_least": number}
        case TaskDone(task=task, evidence=evidence):
            return {"task": task, **({} if evidence else {"evidence": False})}
        case ClockKept(clock=clock):
            return {"clock": clock}
        case MessageAnswered(event=event, role=role, of=of):
            return {"message": str(event), "role": str(role), "of": of}
        case BriefingIssued(kind=kind, contains=contains):
            return {"briefing": kind, **({"contains": list(contains)} if contains else {})}
        case ConsultationConcluded():
            return {"consultation": "concluded"}
        case InjectAnswered(inject=inject):
            return {"answered": inject}
        case AllOf(parts=parts):
            return {"all": [plain(part) for part in parts]}
        case AnyOf(parts=parts):
            return {"any": [plain(part) for part in parts]}


def leaves(condition: Condition) -> Iterator[Condition]:
    """Return the conditions that a condition is put together of, without all and any."""
    if isinstance(condition, AllOf | AnyOf):
        for part in condition.parts:
            yield from leaves(part)
    else:
        yield condition
