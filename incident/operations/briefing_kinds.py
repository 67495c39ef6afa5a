"""What each kind of document says beside the common facts."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from incident import words
from incident.documents import (
    ActivationOrder,
    Change,
    Content,
    Final,
    Group,
    Initial,
    Milestone,
    Progress,
    Section,
    Special,
    Table,
)
from incident.models import Briefing, Consultation, IncidentClock
from incident.operations.briefing_facts import Text, at, differences, level, occurred_at, say, shown
from incident.operations.briefing_facts import split as points_of
from incident.operations.briefing_sources import Stored
from incident.operations.clocks import MARK
from workflows.plan import Grade
from workflows.response import demands

FINAL = "briefing:final"
FINDINGS = {True: "finding_met", False: "finding_not_met", None: "finding_unknown"}
COURSE = ("occurred", "received", "verified", "graded", "activated", "regraded", "terminated")
BY_STEP = {
    "verified": "action:verify",
    "graded": "action:approve_grade",
    "activated": "action:activate",
    "regraded": "action:regrade",
    "terminated": "action:terminate",
}


def compose(stored: Stored, briefing: Briefing, text: Text) -> Content:
    """Return the content of a briefing of its kind."""
    match briefing.kind:
        case "progress":
            return _progress(stored, briefing)
        case "final":
            return _final(stored, text)
        case "special":
            return Special(reason=text.get("reason"))
        case "activation_order":
            return _order(stored)
        case _:
            return Initial()


def sections(stored: Stored, kind: str, text: Text) -> tuple[Section, ...]:
    """Return the parts that stand between the fixed ones: what experts gave, what people wrote."""
    if kind == "activation_order":
        return ()
    if kind == "special":
        written = [Section(heading=s["heading"], text=s["text"]) for s in text.get("sections", ())]
        return (*written, *_opinions(stored))
    return (*_adopted(stored), *(_endings(stored) if kind == "final" else ()))


def changes(stored: Stored) -> tuple[Change, ...]:
    """Return what is no longer as the previous report said, numbers of persons first."""
    return (*_grade_change(stored), *_fact_changes(stored))


def _progress(stored: Stored, briefing: Briefing) -> Progress:
    previous = stored.previous
    return Progress(
        sequence=briefing.sequence,
        previous_number=previous.number if previous else None,
        previous_at=previous.issued_at if previous else None,
        changes=changes(stored),
    )


def _fact_changes(stored: Stored) -> Iterator[Change]:
    for name, old, new in differences(stored):
        yield Change(
            label=words.label("facts", name),
            old=shown(stored, name, old),
            new=shown(stored, name, new),
            basis=_origin(stored, name),
        )


def _origin(stored: Stored, name: str) -> str:
    """Return where the present value came from, and why an earlier one was corrected."""
    row = stored.known.get(name)
    if row is None:
        return say("withdrawn")
    source = words.label("sources", row.source)
    return say("corrected", source=source, reason=row.reason) if row.reason else source


def _grade_change(stored: Stored) -> Iterator[Change]:
    before = stored.previous.facts.get("grade") if stored.previous else None
    now = stored.incident.grade
    if stored.previous is not None and before != now:
        yield Change(
            label=say("grade_label"),
            old=words.label("grades", before),
            new=words.label("grades", now),
            basis=stored.proposal.criterion if stored.proposal else None,
        )


def _final(stored: Stored, text: Text) -> Final:
    return Final(
        terminated_at=stored.moments.get("terminated"),
        conclusion=text.get("conclusion") or _conclusions(stored),
        responsibility=text.get("responsibility"),
        rectification=text.get("rectification"),
        lessons=text.get("lessons") or _lessons(stored),
        milestones=_milestones(stored),
    )


def _conclusions(stored: Stored) -> str | None:
    return (
        "\n".join(_traced(stored, row, row.conclusion or "") for row in stored.consultations)
        or None
    )


def _lessons(stored: Stored) -> str | None:
    """Return what the review found wanting, and what is to be mended."""
    if stored.review is None:
        return None
    lines = [stored.review.not_well]
    if stored.mended:
        lines.append(say("mended", items=say("stop").join(stored.mended)))
    return "\n".join(lines)


def _milestones(stored: Stored) -> tuple[Milestone, ...]:
    """Return the course and every clock with a number, in the order of what happened.

    A clock of ours that ran out before the end without a word stands as 〔待核〕 until somebody
    says how it was kept; one that fell due after the end, or is another's, is left out.
    """
    kept = {clock.satisfied_how: clock for clock in reversed(stored.clocks) if _counts(clock)}
    course = list(_course(stored, kept))
    used = {id(kept[how]) for how in BY_STEP.values() if how in kept}
    rest = [clock for clock in stored.clocks if _belongs(stored, clock) and id(clock) not in used]
    course += [
        Milestone(label=clock.title, at=clock.satisfied_at, due=clock.due_at, basis=clock.basis)
        for clock in rest
    ]
    return tuple(
        sorted(course, key=lambda step: step.at or step.due or stored.incident.received_at)
    )


def _course(stored: Stored, kept: dict[str | None, IncidentClock]) -> Iterator[Milestone]:
    moments: dict[str, datetime | None] = {**stored.moments, "occurred": occurred_at(stored)}
    for name in COURSE:
        if (moment := moments.get(name)) is not None:
            clock = kept.get(BY_STEP.get(name, ""))
            yield Milestone(
                label=words.label("moments", name),
                at=moment,
                due=clock.due_at if clock else None,
                basis=clock.basis if clock else None,
            )


def _counts(clock: IncidentClock) -> bool:
    return clock.due_at is not None and not clock.advisory


def _belongs(stored: Stored, clock: IncidentClock) -> bool:
    if not _counts(clock) or FINAL in clock.satisfied_by:
        return False
    if clock.satisfied_at is not None:
        return True
    ended, ours = stored.moments.get("terminated"), set(clock.satisfied_by) != {MARK}
    return ours and (ended is None or (clock.due_at is not None and clock.due_at <= ended))


def _adopted(stored: Stored) -> Iterator[Section]:
    """Return what signed consultations gave to the briefing, each point with where it is from."""
    lines: list[str] = []
    for row in stored.consultations:
        given = row.adopted or {}
        if point := given.get("briefing"):
            lines.append(_traced(stored, row, point))
        if measures := given.get("measures"):
            told = say("adopted_measures", measures=say("stop").join(measures))
            lines.append(_traced(stored, row, told))
    if lines:
        yield Section(heading=say("consulted"), text="\n".join(lines))


def _opinions(stored: Stored) -> Iterator[Section]:
    lines: list[str] = []
    for row in stored.consultations:
        lines.append(_traced(stored, row, say("concluded", text=row.conclusion)))
        if row.dissent:
            lines.append(say("dissent", text=row.dissent))
    if lines:
        yield Section(heading=say("consulted"), text="\n".join(lines))


def _traced(stored: Stored, row: Consultation, text: str) -> str:
    signed = (row.signed_at or row.opened_at).astimezone(stored.rules.zone)
    return say("from_consultation", text=text.rstrip("。"), at=say("day", t=signed))


def _endings(stored: Stored) -> Iterator[Section]:
    """Return each condition for ending the response with the answer that was given to it."""
    ended = stored.steps.get("terminate")
    if ended is None:
        return
    answers: dict[str, bool | None] = ended.data.get("findings", {})
    plan = stored.rules.library.plan(stored.incident.plan)
    rows = tuple(
        (ending.text, say(FINDINGS[answers.get(ending.id)])) for ending in plan.termination
    )
    override = ended.data.get("override")
    yield Section(
        heading=say("endings"),
        text=say("override", text=override) if override else None,
        table=Table(columns=(say("ending"), say("finding")), rows=rows),
    )


def _order(stored: Stored) -> ActivationOrder:
    """Return the order of the last activation, from what the commander brought."""
    entry = stored.steps.get("activate")
    if entry is None:
        return ActivationOrder()
    brought: dict[str, Any] = dict(entry.data)
    plan = stored.rules.library.plan(stored.incident.plan)
    until = datetime.fromisoformat(brought["expected_until"])
    return ActivationOrder(
        matter=brought["matters"],
        grade=level(brought["level"]),
        period=say("period", **{"from": at(stored, entry.at), "until": at(stored, until)}),
        measures=tuple(points_of(brought["measures"])),
        basis=say("order_basis", plan=plan.document),
        effective_at=entry.at,
        groups=_groups(stored, Grade(brought["level"])),
    )


def _groups(stored: Stored, grade: Grade) -> tuple[Group, ...]:
    incident = stored.incident
    plan = stored.rules.library.plan(incident.plan)
    wanted = demands(plan, grade, setting=incident.setting, kind=incident.kind)
    return tuple(Group(name=g.title, lead=g.lead, duty=g.duties) for g in wanted.groups)
