"""The plans in force and past, with their sources."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response

from incident.api import answering, reading
from incident.api.asking import Listing, part
from incident.api.contract import PREFIX, operation
from incident.errors import NotFound
from incident.web.access import Permission, requires
from incident.web.desk import services
from workflows.library import PlanNotFound
from workflows.plan import Clock as ClockRule
from workflows.plan import Criterion, Ending, Measure, Note, Plan

blueprint = Blueprint("api_plans", __name__, url_prefix=PREFIX)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLine:
    """An edition of a plan; `document` is its source, `digest` the SHA-256 of its file."""

    id: str
    kinds: tuple[str, ...]
    jurisdiction: str
    edition: str
    track: str
    title: str
    document: str
    in_force_from: date | None
    in_force_to: date | None
    in_force: bool
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleAnswer:
    """A rule in words, with its source and how well that is known.

    `grade` is the one that a criterion leads to, null for other rules.
    """

    id: str
    basis: str
    confidence: str
    text: str
    grade: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRuleAnswer:
    """A clock of a plan; `within` such as 2h, 7d or 3wd (working days), null for "at once"."""

    id: str
    basis: str
    confidence: str
    title: str
    actor: str
    receiver: str
    starts: tuple[str, ...]
    within: str | None
    satisfied_by: tuple[str, ...]
    advisory: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAnswer:
    """An edition of a plan with its rules."""

    plan: PlanLine
    remark: str
    criteria: tuple[RuleAnswer, ...]
    notes: tuple[RuleAnswer, ...]
    clocks: tuple[ClockRuleAnswer, ...]
    measures: tuple[RuleAnswer, ...]
    termination: tuple[RuleAnswer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans:
    """A part of the plans, by their names."""

    items: tuple[PlanLine, ...]
    next: str | None


@blueprint.get("/plans")
@requires(Permission.PLANS)
@operation("List the editions of all plans.", query=Listing, answer=Plans)
def index() -> Response:
    asked = reading.query(Listing)
    rules, now = services().rules, services().now()
    plans = sorted(rules.library.plans, key=lambda plan: plan.id)
    shown, following = part(plans, asked)
    items = tuple(_line(plan, rules.day(now)) for plan in shown)
    return answering.respond(Plans(items=items, next=following))


@blueprint.get("/plans/<id>")
@requires(Permission.PLANS)
@operation("Show one edition of a plan.", answer=PlanAnswer)
def show(id: str) -> Response:
    rules, now = services().rules, services().now()
    try:
        plan = rules.library.plan(id)
    except PlanNotFound as error:
        raise NotFound from error
    return answering.respond(_plan(plan, rules.day(now)))


def _line(plan: Plan, today: date) -> PlanLine:
    return PlanLine(
        id=plan.id,
        kinds=tuple(plan.kinds),
        jurisdiction=plan.jurisdiction,
        edition=plan.edition,
        track=plan.track,
        title=plan.title,
        document=plan.document,
        in_force_from=plan.in_force_from,
        in_force_to=plan.in_force_to,
        in_force=plan.is_in_force(today),
        digest=plan.digest,
    )


def _plan(plan: Plan, today: date) -> PlanAnswer:
    return PlanAnswer(
        plan=_line(plan, today),
        remark=plan.remark,
        criteria=_rules(plan.criteria),
        notes=_rules(plan.notes),
        clocks=tuple(_clock(rule) for rule in plan.clocks),
        measures=_rules(plan.measures),
        termination=_rules(plan.termination),
    )


def _rules(items: Iterable[Criterion | Note | Measure | Ending]) -> tuple[RuleAnswer, ...]:
    return tuple(
        RuleAnswer(
            id=item.id,
            basis=item.basis,
            confidence=item.confidence,
            text=item.text,
            grade=item.grade if isinstance(item, Criterion) else None,
        )
        for item in items
    )


def _clock(rule: ClockRule) -> ClockRuleAnswer:
    return ClockRuleAnswer(
        id=rule.id,
        basis=rule.basis,
        confidence=rule.confidence,
        title=rule.title,
        actor=rule.actor,
        receiver=rule.receiver,
        starts=rule.starts,
        within=str(rule.within) if rule.within else None,
        satisfied_by=rule.satisfied_by,
        advisory=rule.advisory,
    )
