"""Read the conditions of a scenario from plain values, and say what is wrong with one."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeVar, get_args

from drills.scenario.conditions import (
    ActionTaken,
    AllOf,
    AnyOf,
    BriefingIssued,
    ClockKept,
    Condition,
    ConsultationConcluded,
    FactIs,
    InjectAnswered,
    InState,
    MessageAnswered,
    Of,
    TaskDone,
)
from incident.inputs.briefings import FIELDS, BriefingKind
from incident.inputs.facts import TEXTS
from workflows.facts import FACTS
from workflows.lifecycle import Action, Role, State
from workflows.plan import CalloutEvent
from workflows.problems import Path

BRIEFINGS: tuple[str, ...] = get_args(BriefingKind)
CONTENTS = tuple(
    dict.fromkeys([*FACTS, *TEXTS, *(name for own in FIELDS.values() for name in own)])
)
"""What a briefing may be asked to contain: a fact that the desk keeps, or a part people write."""

S = TypeVar("S", bound=StrEnum)
Raw = Mapping[str, object]


class BadCondition(ValueError):
    """What is no condition: `at` is the path to it from where the condition begins."""

    def __init__(self, at: Path, what: str, right: str) -> None:
        super().__init__(f"{what}; {right}")
        self.at = at
        self.what = what
        self.right = right


def parse(raw: object, at: Path = ()) -> Condition:
    """Return the condition that plain values write down; raise BadCondition."""
    if isinstance(raw, Mapping):
        for name, read in READERS.items():
            if name in raw:
                return read({str(key): value for key, value in raw.items()}, at)
    raise BadCondition(at, "this is not a condition", f"begin with one of {', '.join(READERS)}")


def _state(raw: Raw, at: Path) -> Condition:
    _only(raw, at, "state")
    return InState(state=_member(State, raw, "state", at))


def _action(raw: Raw, at: Path) -> Condition:
    _only(raw, at, "action")
    return ActionTaken(action=_member(Action, raw, "action", at))


def _fact(raw: Raw, at: Path) -> Condition:
    _only(raw, at, "fact", "at_least", "equals")
    name = _choice(raw, "fact", (*FACTS, *TEXTS), at)
    number, value = raw.get("at_least"), raw.get("equals")
    is_count = name in FACTS and FACTS[name].kind == "count"
    if (number is None) == (value is None):
        raise BadCondition(at, f"`{name}` is compared with nothing", "give at_least or equals")
    if number is not None:
        if not is_count or not isinstance(number, int) or not FACTS[name].accepts(number):
            right = "at_least with a whole number from 0, for a count only"
            raise BadCondition((*at, "at_least"), f"`{number}` does not suit `{name}`", right)
        return FactIs(fact=name, at_least=number)
    suits = FACTS[name].accepts(value) if name in FACTS else isinstance(value, str)
    if not suits or not isinstance(value, int | str):
        right = FACTS[name].wanted if name in FACTS else "a text"
        raise BadCondition((*at, "equals"), f"`{value}` does not suit `{name}`", right)
    return FactIs(fact=name, equals=value)


def _task(raw: Raw, at: Path) -> Condition:
    _only(raw, at, "task", "evidence")
    evidence = raw.get("evidence", True)
    if not isinstance(evidence, bool):
        raise BadCondition((*at, "evidence"), "`evidence` does not suit", "true or false")
    return TaskDone(task=_name(raw, "task", at), evidence=evidence)


def _clock(raw: Raw, at: Path) -> Condition:
    _only(raw, at, "clock")
    return ClockKept(clock=_name(raw, "clock", at))


def _message(raw: Raw, at: Path) -> Condition:
    _only(raw, at, "message", "role", "of")
    of: Of = "all" if _choice({"of": "any", **raw}, "of", ("all", "any"), at) == "all" else "any"
    return MessageAnswered(
        event=_member(CalloutEvent, raw, "message", at), role=_member(Role, raw, "role", at), of=of
    )


def _briefing(raw: Raw, at: Path) -> Condition:
    _only(raw, at, "briefing", "contains")
    wanted = raw.get("contains", [])
    names = [str(name) for name in wanted] if isinstance(wanted, list | tuple) else [str(wanted)]
    for name in names:
        _choice({"contains": name}, "contains", CONTENTS, at)
    return BriefingIssued(kind=_choice(raw, "briefing", BRIEFINGS, at), contains=tuple(names))


def _consultation(raw: Raw, at: Path) -> Condition:
    _only(raw, at, "consultation")
    _choice(raw, "consultation", ("concluded",), at)
    return ConsultationConcluded()


def _answered(raw: Raw, at: Path) -> Condition:
    _only(raw, at, "answered")
    return InjectAnswered(inject=_name(raw, "answered", at))


def _all(raw: Raw, at: Path) -> Condition:
    return AllOf(parts=_parts(raw, "all", at))


def _any(raw: Raw, at: Path) -> Condition:
    return AnyOf(parts=_parts(raw, "any", at))


READERS: dict[str, Callable[[Raw, Path], Condition]] = {
    "state": _state,
    "action": _action,
    "fact": _fact,
    "task": _task,
    "clock": _clock,
    "message": _message,
    "briefing": _briefing,
    "consultation": _consultation,
    "answered": _answered,
    "all": _all,
    "any": _any,
}


def _parts(raw: Raw, name: str, at: Path) -> tuple[Condition, ...]:
    _only(raw, at, name)
    parts = raw[name]
    if not isinstance(parts, list | tuple) or not parts:
        raise BadCondition((*at, name), f"`{name}` is empty", "a list of conditions")
    return tuple(parse(part, (*at, name, position)) for position, part in enumerate(parts))


def _only(raw: Raw, at: Path, *names: str) -> None:
    for key in raw:
        if key not in names:
            right = f"only {', '.join(names)} stand beside each other"
            raise BadCondition((*at, key), f"unknown key `{key}` of a condition", right)


def _name(raw: Raw, key: str, at: Path) -> str:
    value = raw[key]
    if not isinstance(value, str) or not value:
        raise BadCondition((*at, key), f"`{key}` names nothing", "give an id")
    return value


def _choice(raw: Raw, key: str, choices: tuple[str, ...], at: Path) -> str:
    value = raw.get(key)
    if not isinstance(value, str) or value not in choices:
        raise BadCondition((*at, key), f"unknown {key} `{value}`", f"one of {', '.join(choices)}")
    return value


def _member(kind: type[S], raw: Raw, key: str, at: Path) -> S:
    return kind(_choice(raw, key, tuple(str(member) for member in kind), at))
