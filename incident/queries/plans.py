"""The plans for their readers: editions in force and past, and one edition by its parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from incident.models import Incident
from incident.queries import scope
from incident.rulebook import Rulebook
from incident.who import Who
from workflows.plan import MAIN_TRACK, Callout, Criterion, Grade, Kind, Measure, Plan

BEGUN_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One line of the list; `is_ours` says that the office would use it today."""

    plan: Plan
    place: str | None
    is_in_force: bool
    is_ours: bool


def editions(rules: Rulebook, day: date) -> tuple[Edition, ...]:
    """Return all editions, those that this office uses first, those of the past last."""
    ours = _ours(rules, day)
    found = [
        Edition(
            plan=plan,
            place=None if plan.jurisdiction == "CN" else _place(plan, rules),
            is_in_force=plan.is_in_force(day),
            is_ours=plan.id in ours,
        )
        for plan in rules.library.plans
    ]
    return tuple(sorted(found, key=_order))


def _order(one: Edition) -> tuple[bool, bool, bool, int, str]:
    """Put those of this office first, then the kinds in their order, the past last."""
    plan = one.plan
    kind = list(Kind).index(plan.kinds[0])
    is_beside = plan.track not in MAIN_TRACK.values()
    return (not one.is_ours, not one.is_in_force, is_beside, kind, plan.id)


def by_grade(plan: Plan) -> list[tuple[Grade, list[Criterion]]]:
    """Return the criteria of each grade that the plan has, the gravest first."""
    return [
        (grade, items)
        for grade in Grade
        if (items := [item for item in plan.criteria if item.grade is grade])
    ]


def demanded(plan: Plan) -> list[tuple[Measure, tuple[Grade, ...]]]:
    """Return each measure with the grades under which it is due."""
    return [(item, grades_of(item)) for item in plan.measures]


def grades_of(item: Measure | Callout) -> tuple[Grade, ...]:
    """Return under which grades a rule applies, the gravest first."""
    return tuple(g for g in Grade if item.scope.grades is None or g in item.scope.grades)


def begun_with(session: Session, who: Who, plan: Plan) -> Sequence[Incident]:
    """Return the newest incidents that began with this edition and this person may know of."""
    query = scope.incidents(who).where(Incident.plan == plan.id)
    return list(session.scalars(query.order_by(Incident.id.desc()).limit(BEGUN_SHOWN)))


def _ours(rules: Rulebook, day: date) -> frozenset[str]:
    found = {
        kind: [
            plan
            for plan in rules.library.plans
            if kind in plan.kinds and plan.track == MAIN_TRACK[kind]
        ]
        for kind in MAIN_TRACK
    }
    main = {
        rules.library.in_force(kind, rules.jurisdiction, day).id
        for kind, plans in found.items()
        if any(plan.is_in_force(day) and plan.applies_in(rules.jurisdiction) for plan in plans)
    }
    beside = {
        plan.id for kind in found for plan in rules.library.tracks(kind, rules.jurisdiction, day)
    }
    return frozenset(main | beside)


def _place(plan: Plan, rules: Rulebook) -> str | None:
    return rules.divisions.full_name(plan.jurisdiction.ljust(6, "0"))
