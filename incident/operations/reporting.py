"""Take a report: open an incident, or add to one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from incident import words
from incident.crashpoints import crashpoint
from incident.errors import Conflict, FieldError, InvalidInput
from incident.inputs.report import ReportInput, check_report
from incident.models import Incident, IncidentClock, Observation, Report
from incident.operations import alerts, clocks, facts, inserting, pace, timeline
from incident.operations.inserting import Part, Row
from incident.rulebook import Rulebook
from incident.who import Who
from notifications.text import Purpose
from workflows.grading import suggested
from workflows.library import PlanNotFound
from workflows.lifecycle import State

FOLLOW_UP = "follow_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A report, the incident that it opened, and the rows of the clocks that run from now on."""

    report: Report
    incident: Incident
    clocks: tuple[Row, ...]


def receive(
    session: Session,
    report: ReportInput,
    *,
    number: str,
    who: Who,
    now: datetime,
    rules: Rulebook,
    drill: str | None = None,
) -> tuple[Report, Incident]:
    """Open an incident from a report; return both."""
    opened = open_incident(
        session, report, number=number, who=who, now=now, rules=rules, drill=drill
    )
    return opened.report, opened.incident


def open_incident(
    session: Session,
    report: ReportInput,
    *,
    number: str,
    who: Who,
    now: datetime,
    rules: Rulebook,
    drill: str | None = None,
) -> Opened:
    """Open an incident from a report: facts, clocks, call-outs and the first entry."""
    check_report(report, now=now, divisions=rules.divisions)
    incident = _open(report, number=number, who=who, now=now, rules=rules, drill=drill)
    stated = facts.of_report(report)
    known = facts.for_rules(stated)
    time = pace.time_of(session, drill)
    started = clocks.first(incident, facts=known, rules=rules, time=time)
    incident.next_due_at = clocks.nearest(started)
    filed = _report(report, who=who, now=now)
    seen = facts.observations(
        stated,
        source=report.source,
        basis=report.counts.basis,
        as_of=incident.received_at,
        who=who,
        now=now,
        reason=report.correction,
    )
    opened = _insert(session, incident, filed, started=started, observations=seen)
    crashpoint("intake.after_report")
    grade = suggested(rules.library.plan(incident.plan), known)
    timeline.write(
        session,
        incident,
        "reported",
        who=who,
        now=now,
        at=incident.received_at,
        words_for=_told(report, rules),
        data={"report": filed.id, "plan": incident.plan, "suggested": grade},
    )
    alerts.start(session, incident, Purpose.REPORTED, facts=stated, rules=rules, now=now)
    return opened


def add(
    session: Session,
    incident: Incident,
    report: ReportInput,
    *,
    who: Who,
    now: datetime,
    rules: Rulebook,
) -> Report:
    """Add a further report to an incident; refuse what silently contradicts the last one."""
    _refuse_if_over(session, incident)
    if report.kind != incident.kind:
        raise InvalidInput([FieldError("kind", "other-kind")])
    check_report(report, now=now, divisions=rules.divisions)
    as_of = report.received_at or now
    known = facts.known_at(facts.series(session, incident.id), as_of)
    stated = facts.of_report(report)
    facts.check_change(known, stated, reason=report.correction, field="counts")
    changes = facts.changed(known, stated)
    filed = _file(session, incident, report, stated, who=who, now=now)
    facts.after_change(session, incident, now=now, rules=rules)
    timeline.write(
        session,
        incident,
        FOLLOW_UP,
        who=who,
        now=now,
        at=as_of,
        words_for=_told(report, rules),
        data={"report": filed.id, "type": report.report_type},
    )
    reason = report.correction
    facts.tell_change(session, incident, changes, who=who, now=now, at=as_of, reason=reason)
    return filed


def _refuse_if_over(session: Session, incident: Incident) -> None:
    """Raise Conflict for an incident that takes no report; one that was merged names the other."""
    if incident.merged_into is not None:
        into = session.get_one(Incident, incident.merged_into)
        raise Conflict("incident-merged", state=incident.state, into=into.number)
    if incident.state in clocks.OVER:
        raise Conflict("incident-over", state=incident.state)


def _open(
    report: ReportInput,
    *,
    number: str,
    who: Who,
    now: datetime,
    rules: Rulebook,
    drill: str | None,
) -> Incident:
    suspect = report.suspect
    return Incident(
        number=number,
        kind=report.kind,
        title=_title(report, rules),
        state=State.REPORTED,
        plan=_plan(report, now, rules),
        jurisdiction=rules.jurisdiction,
        division=report.place.division,
        address=report.place.address,
        setting=report.setting,
        unit=report.unit.name if report.unit else None,
        product=suspect.product if suspect else None,
        batch=suspect.batch if suspect else None,
        drill=drill,
        occurred_at=report.occurred_at,
        aware_at=report.aware_at,
        received_at=report.received_at or now,
        changed_at=now,
        moments={},
        opened_by=who.id,
        version=1,
    )


def _plan(report: ReportInput, now: datetime, rules: Rulebook) -> str:
    """Return the edition in force where and when it happened."""
    day = rules.day(report.occurred_at or report.aware_at or report.received_at or now)
    try:
        return rules.library.in_force(report.kind, report.place.division, day).id
    except PlanNotFound as error:
        raise Conflict("no-plan-in-force", kind=report.kind) from error


def _title(report: ReportInput, rules: Rulebook) -> str:
    unit = report.unit.name if report.unit else ""
    place = rules.divisions.name(report.place.division) or ""
    kind = words.label("kinds", report.kind)
    return words.phrase("common", "title", {"place": place, "unit": unit, "kind": kind})


def _insert(
    session: Session,
    incident: Incident,
    report: Report,
    *,
    started: Sequence[Row],
    observations: Sequence[Row],
) -> Opened:
    """Insert a new incident with all that its report brings."""
    of_incident = {"incident_id": Incident}
    ids = inserting.together(
        session,
        Part(model=Incident, rows=[inserting.row(incident)]),
        Part(model=Report, rows=[inserting.row(report)], of=of_incident),
        Part(model=IncidentClock, rows=started, of=of_incident),
        Part(model=Observation, rows=observations, of=of_incident | {"report_id": Report}),
    )
    ((incident_id,), (report_id,)) = ids[Incident], ids[Report]
    report.incident_id = incident_id
    inserting.stored(session, incident, incident_id)
    inserting.stored(session, report, report_id)
    numbered = zip(started, ids.get(IncidentClock, ()), strict=True)
    running = tuple({**row, "id": id} for row, id in numbered)
    return Opened(report=report, incident=incident, clocks=running)


def _file(
    session: Session,
    incident: Incident,
    report: ReportInput,
    stated: facts.Facts,
    *,
    who: Who,
    now: datetime,
) -> Report:
    """Add a further report with its facts."""
    filed = _report(report, who=who, now=now)
    filed.incident_id = incident.id
    session.add(filed)
    session.flush()
    facts.record(
        session,
        incident,
        stated,
        source=report.source,
        basis=report.counts.basis,
        as_of=report.received_at or now,
        who=who,
        now=now,
        report_id=filed.id,
        reason=report.correction,
    )
    return filed


def _report(report: ReportInput, *, who: Who, now: datetime) -> Report:
    return Report(
        report_type=report.report_type,
        source=report.source,
        content=report.model_dump(mode="json", exclude_none=True),
        filed_at=now,
        filed_by=who.id,
    )


def _told(report: ReportInput, rules: Rulebook) -> dict[str, object]:
    """Return what the timeline says of a report: source, place, numbers; no person."""
    counts = report.counts
    unknown = words.label("common", "unknown")
    return {
        "source": words.label("sources", report.source),
        "place": rules.divisions.full_name(report.place.division) or report.place.division,
        "ill": unknown if counts.ill is None else counts.ill,
        "severe": unknown if counts.severe is None else counts.severe,
        "deaths": unknown if counts.deaths is None else counts.deaths,
    }
