"""The pages of a report: what each shows, from the report while it is written."""

import json
from collections.abc import Mapping
from typing import Any, get_args

from flask import render_template, url_for

from incident import words
from incident.errors import InvalidInput
from incident.inputs.report import ReportInput, Source
from incident.models import Incident, Submission
from incident.operations import drafts, facts
from incident.operations.drafts import Fields
from incident.queries import incidents, places, reached, room, scope, similar
from incident.queries import reports as reported
from incident.rulebook import Rulebook
from incident.web import frame, report_form, showing, writing_report
from incident.web.access import who
from incident.web.desk import services
from incident.web.language import language
from incident.web.looks import label
from incident.web.writing_report import FOLLOW_UP_TYPES, OUTSIDE_SOURCES, Writing
from workflows.facts import COUNT_BASES, SETTINGS
from workflows.grading import Verdict, grade
from workflows.library import PlanNotFound
from workflows.plan import Kind

SOURCES: tuple[str, ...] = get_args(Source)
CLOCKS_SHOWN = 4


def sheet(writing: Writing, errors: Mapping[str, str]) -> str:
    """Return the sheet with the values, errors and hints."""
    return render_template("reports/sheet.html", **form_values(writing, errors))


def form_values(writing: Writing, errors: Mapping[str, str]) -> dict[str, Any]:
    """Return what a page with the form's fields needs."""
    desk = services()
    incident = writing.incident
    with desk.reading() as session:
        mine = [] if incident else _others(drafts.mine(session, who()), writing)
        filed = reported.mine(session, who()) if writing_report.is_outside() else []
        of_drill = frame.drill_of(session, incident.drill if incident else None)
    return {
        "key": writing.key,
        "f": writing.fields,
        "b": writing.before,
        "e": errors,
        "incident": incident,
        **of_drill,
        "action": sheet_address(writing),
        "places": places.choices(desk.rules.divisions, desk.rules.jurisdiction),
        "place_of": desk.rules.divisions.full_name,
        "choices": choices(),
        "draft_saved": writing.is_saved,
        "source_fixed": writing_report.is_outside() and bool(writing.fields.get("source")),
        "drafts": mine,
        "filed": filed,
        "changed": writing.changed,
        **hints(writing.fields, incident),
    }


def check(writing: Writing, report: ReportInput, *, seen: str) -> str:
    """Return the second look: every answer, likely duplicates, and who will be told."""
    desk = services()
    plan = plan_of(writing.fields, desk.rules)
    with desk.reading() as session:
        told = (
            reported.called_out(session, plan, kind=report.kind, setting=report.setting)
            if plan and writing.incident is None
            else 0
        )
        of_drill = frame.drill_of(session, writing.incident.drill if writing.incident else None)
    return render_template(
        "reports/check.html",
        key=writing.key,
        f=writing.fields,
        b=writing.before,
        changed=writing.changed,
        incident=writing.incident,
        **of_drill,
        back=sheet_address(writing),
        place=desk.rules.divisions.full_name(report.place.division),
        report=report,
        told=told,
        seen=seen,
        sent=json.dumps(writing.sent, ensure_ascii=False),
        **hints(writing.fields, writing.incident),
    )


def done(submission: Submission) -> str:
    """Return the number of the incident, its next clocks, and how many were told."""
    desk = services()
    with desk.reading() as session:
        incident = scope.incident(session, str(submission.answer["incident"]), who())
        clocks = room.rail(room.clocks(session, incident, desk.now()))[:CLOCKS_SHOWN]
        tally = reached.tally(session, incident.id)
        row = incidents.summaries(session, [incident])[0]
        of_drill = frame.drill_of(session, incident.drill)
    return render_template(
        "reports/done.html",
        row=row,
        place=desk.rules.divisions.full_name(incident.division),
        **of_drill,
        filed_at=submission.at,
        report=submission.answer["report"],
        clocks=clocks,
        asked=len(tally.asked),
        acked=len(tally.acked),
        outside=writing_report.is_outside(),
    )


def hints(fields: Fields, incident: Incident | None) -> dict[str, Any]:
    """Return what the fields make likely: duplicates, the grade, which place is meant."""
    desk = services()
    found = places.find(
        fields.get(report_form.DIVISION, ""), desk.rules.divisions, desk.rules.jurisdiction
    )
    return {
        "similar": () if incident else _similar(fields),
        "verdict": (verdict := _verdict(fields, incident)),
        "because": showing.because(verdict) if verdict else (),
        "nearest": showing.nearest(verdict) if verdict else (),
        "meant": [(code, desk.rules.divisions.full_name(code)) for code in found[:8]],
    }


def plan_of(fields: Fields, rules: Rulebook) -> Any:
    """Return the edition that would be in force, None before kind or place are known."""
    kind = fields.get("kind", "")
    if kind not in set(Kind):
        return None
    probe = report_form.probe(fields, now=services().now(), rules=rules)
    try:
        day = rules.day(probe.at)
        return rules.library.in_force(kind, probe.division or rules.jurisdiction, day)
    except PlanNotFound:
        return None


def error_fields(error: InvalidInput) -> dict[str, str]:
    """Return {field: what is wrong} in the order of the form, said with the field's label."""
    order = {name: place for place, name in enumerate(report_form.ORDER)}
    told = sorted(error.errors, key=lambda item: order.get(item.field, len(order)))
    return {item.field: words.phrase("fields", item.code, item.values, language()) for item in told}


def sheet_address(writing: Writing) -> str:
    """Return where this report is typed."""
    if writing.incident is None:
        return url_for("reports.sheet", key=writing.key)
    return url_for("reports.follow_up_sheet", number=writing.incident.number, key=writing.key)


def _others(mine: list[Any], writing: Writing) -> list[Any]:
    return [draft for draft in mine if draft.key != writing.key]


def choices() -> dict[str, list[tuple[str, str]]]:
    """Return the values and words of each choice of the form."""
    sources = OUTSIDE_SOURCES if writing_report.is_outside() else SOURCES
    told = {
        "kinds": ("kinds", list(Kind)),
        "sources": ("sources", sources),
        "settings": ("settings", SETTINGS),
        "bases": ("count_bases", COUNT_BASES),
        "types": ("report_types", FOLLOW_UP_TYPES),
    }
    return {
        name: [(key, label(group, key)) for key in keys] for name, (group, keys) in told.items()
    }


def _similar(fields: Fields) -> tuple[similar.Similar, ...]:
    desk = services()
    probe = report_form.probe(fields, now=desk.now(), rules=desk.rules)
    if not (probe.unit or probe.address or probe.product or probe.batch or probe.division):
        return ()
    with desk.reading() as session:
        return similar.likely(session, who(), probe)


def _verdict(fields: Fields, incident: Incident | None) -> Verdict | None:
    """Return the likely grade of what is known so far; of a follow-up with all that is known."""
    desk = services()
    known = report_form.facts_so_far(fields)
    if incident is None:
        plan = plan_of(fields, desk.rules)
    else:
        plan = desk.rules.library.plan(incident.plan)
        with desk.reading() as session:
            known = {**facts.for_rules(facts.current(session, incident.id)), **known}
    if plan is None or not known:
        return None
    return grade(plan, known)
