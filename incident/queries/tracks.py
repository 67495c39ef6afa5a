"""The clocks of rule sets beside the main one, such as public health: shown, never run here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from incident.models import Incident
from incident.operations import facts, grading
from incident.operations.clocks import ENDED, moments_of
from incident.rulebook import Rulebook
from workflows.clocks import DueClock, due
from workflows.plan import Grade, Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What somebody else owes by another rule set; `due_at` None means at once.

    Nobody here says when it is done, so nothing tells whether it is.
    """

    rule: str
    title: str
    actor: str
    receiver: str
    basis: str
    confidence: str
    starts_at: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One rule set beside the main one, with the grade that the facts have under it."""

    plan: str
    title: str
    grade: str | None
    owed: tuple[Owed, ...]


def beside(session: Session, incident: Incident, rules: Rulebook) -> tuple[Track, ...]:
    """Return the rule sets that apply beside the incident's own, each with what it demands."""
    known = facts.current(session, incident.id)
    verdict = grading.verdict(incident, known, rules)
    return tuple(
        _track(incident, rules.library.plan(track.plan), track.grade, known, rules)
        for track in verdict.tracks
    )


def _track(
    incident: Incident,
    plan: Plan,
    grade: Grade | None,
    known: Mapping[str, object],
    rules: Rulebook,
) -> Track:
    found = due(
        plan,
        kind=incident.kind,
        grade=grade,
        moments=moments_of(incident),
        setting=incident.setting,
        calendar=rules.calendar,
        facts=facts.for_rules(known),
    )
    ended = incident.state in ENDED
    owed = tuple(_owed(clock) for clock in found if not (ended and clock.repeats))
    return Track(plan=plan.id, title=plan.title, grade=grade, owed=owed)


def _owed(clock: DueClock) -> Owed:
    return Owed(
        rule=clock.rule,
        title=clock.title,
        actor=clock.actor,
        receiver=clock.receiver,
        basis=clock.basis,
        confidence=clock.confidence,
        starts_at=clock.starts_at,
        due_at=clock.due_at,
    )
