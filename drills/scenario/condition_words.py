"""Say in words what a condition asks for."""

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
    TaskDone,
)
from incident.words import label, phrase, vocabulary


def describe(condition: Condition, language: str = "zh") -> str:
    """Return a condition in words; ids of plans and injects stay as they are."""
    match condition:
        case AllOf(parts=parts) | AnyOf(parts=parts):
            joint = label("conditions", "and" if isinstance(condition, AllOf) else "or", language)
            return joint.join(_part(part, language) for part in parts)
        case InState(state=state):
            return _say("state", language, state=label("states", state, language))
        case ActionTaken(action=action):
            return _say("action", language, action=label("actions", action, language))
        case FactIs():
            return _fact(condition, language)
        case TaskDone(task=task, evidence=evidence):
            return _say("evidence" if evidence else "task", language, task=task)
        case ClockKept(clock=clock):
            return _say("clock", language, clock=clock)
        case MessageAnswered(event=event, role=role, of=of):
            called = label("conditions", event, language)
            return _say(
                f"message-{of}", language, event=called, role=label("roles", role, language)
            )
        case BriefingIssued():
            return _briefing(condition, language)
        case ConsultationConcluded():
            return _say("consultation", language)
        case InjectAnswered(inject=inject):
            return _say("answered", language, inject=inject)


def _part(part: Condition, language: str) -> str:
    told = describe(part, language)
    return f"({told})" if isinstance(part, AllOf | AnyOf) else told


def _fact(wanted: FactIs, language: str) -> str:
    fact = label("facts", wanted.fact, language)
    if wanted.at_least is not None:
        return _say("at_least", language, fact=fact, number=wanted.at_least)
    return _say("equals", language, fact=fact, value=wanted.equals)


def _briefing(wanted: BriefingIssued, language: str) -> str:
    kind = label("briefing_kinds", wanted.kind, language)
    if not wanted.contains:
        return _say("briefing", language, kind=kind)
    names = label("conditions", "comma", language).join(
        _content(name, language) for name in wanted.contains
    )
    return _say("contains", language, kind=kind, names=names)


def _content(name: str, language: str) -> str:
    group = "facts" if name in vocabulary()["facts"] else "briefing_fields"
    return label(group, name, language)


def _say(key: str, language: str, **values: object) -> str:
    return phrase("conditions", key, values, language)
