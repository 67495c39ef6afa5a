"""A report while it is written: its draft, its incident if it follows one up, its fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from incident.errors import FieldError, InvalidInput
from incident.inputs.report import COUNTS, ReportInput
from incident.models import Incident, Submission
from incident.operations import drafts, facts
from incident.operations.drafts import Fields
from incident.queries import reports, scope
from incident.web import report_form
from incident.web.access import who
from incident.web.desk import services
from incident.web.report_form import MOMENTS

OUTSIDE_SOURCES = ("hospital", "enterprise", "other")
FOLLOW_UP_TYPES = ("progress", "final")
OF_FACTS = {
    "counts.basis": "count_basis",
    "setting": "setting",
    "symptoms": "symptoms",
    "measures": "measures",
    "suspect.product": "suspect_product",
    "suspect.producer": "suspect_producer",
    "suspect.batch": "suspect_batch",
    "suspect.approval_no": "approval_no",
    "suspect.meal": "meal",
    "first_onset_at": "first_onset_at",
    "last_onset_at": "last_onset_at",
} | {f"counts.{name}": name for name in COUNTS}
ALWAYS_SENT = (
    "kind",
    "source",
    "received_at",
    "report_type",
    "narrative",
    "correction",
    "reporter.name",
    "reporter.organisation",
    "reporter.phone",
    "place.division",
    "place.address",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """`before` are the last values of a follow-up, empty for a first report."""

    key: str
    incident: Incident | None
    fields: Fields
    before: Fields
    filed: Submission | None
    is_saved: bool

    @property
    def changed(self) -> tuple[str, ...]:
        """Return the fields of a follow-up that say something else than before."""
        if self.incident is None:
            return ()
        fields = self.fields
        return tuple(
            name
            for name in OF_FACTS
            if fields.get(name) and fields.get(name) != self.before.get(name, "")
        )

    @property
    def sent(self) -> Fields:
        """Return what is filed: of a follow-up only what is always said or has changed."""
        if self.incident is None:
            return self.fields
        wanted = {*ALWAYS_SENT, *self.changed}
        return {name: value for name, value in self.fields.items() if name in wanted}


def load(
    session: Session, key: str, number: str | None = None, *, origin: str | None = None
) -> Writing:
    """Return what is written under a key; `number` begins a follow-up to that incident.

    `origin` is the key of a draft that turned out to be about the same; what was typed there
    is not typed again. Raise NotFound for another person's draft or incident.
    """
    draft = drafts.find(session, key, who())
    kept = draft.content[drafts.INCIDENT] if draft else number
    incident = scope.incident(session, kept, who()) if kept else None
    before = _last_values(session, incident) if incident else {}
    start = _follow_up_start(session, incident, before) if incident else _start(session)
    if origin and incident:
        start = {**start, **_carried(drafts.fields_of(drafts.find(session, origin, who())))}
    return Writing(
        key=key,
        incident=incident,
        fields={**start, **drafts.fields_of(draft), **_fixed(session, incident)},
        before=before,
        filed=drafts.filed(session, key, who()),
        is_saved=draft is not None,
    )


def keep(key: str, number: str | None = None) -> bool:
    """Put what the request brought into the draft; tell whether the report is still open."""
    try:
        return _keep(key, number)
    except IntegrityError:  # its first two savings at the same moment
        return _keep(key, number)


def check(writing: Writing) -> ReportInput:
    """Return the report to be filed; raise InvalidInput with every field that is wrong.

    A follow-up is judged with all that it shows, though only what changed is filed.
    """
    desk = services()
    whole = report_form.read(writing.fields, now=desk.now(), rules=desk.rules)
    if is_outside() and whole.source not in OUTSIDE_SOURCES:
        raise InvalidInput([FieldError("source", "not-one-of")])
    if writing.incident is None:
        return whole
    stated = report_form.read(writing.sent, now=desk.now(), rules=desk.rules)
    if stated.report_type not in FOLLOW_UP_TYPES:
        raise InvalidInput([FieldError("report_type", "not-one-of")])
    with desk.reading() as session:
        series = facts.series(session, writing.incident.id)
    known = facts.known_at(series, stated.received_at or desk.now())
    facts.check_change(known, facts.of_report(stated), reason=stated.correction, field="counts")
    return stated


def is_outside() -> bool:
    """Tell whether the person is a reporting unit and not of the office."""
    return not scope.sees_all(who())


def _keep(key: str, number: str | None) -> bool:
    desk = services()
    with desk.transaction() as session:
        if number is not None:
            scope.incident(session, number, who())
        fields = report_form.posted(request.form)
        saved = drafts.save(session, key, fields, who=who(), now=desk.now(), incident=number)
    return saved is not None


def _start(session: Session) -> Fields:
    """Return what a first report opens with: the time, and who reports from outside."""
    desk = services()
    fields = {
        "received_at": report_form.local_text(desk.now(), desk.rules),
        "source": "" if is_outside() else "phone",
    }
    return {**fields, **_reporter(session)}


def _reporter(session: Session) -> Fields:
    if not is_outside():
        return {}
    return {
        "reporter.name": who().display[:60],
        "source": reports.last_source(session, who()) or "",
    }


def _fixed(session: Session, incident: Incident | None) -> Fields:
    """Return the fields that nobody types: where a follow-up belongs, what a unit is."""
    fixed: Fields = {}
    if incident is not None:
        fixed = {
            "kind": incident.kind,
            "place.division": incident.division,
            "place.address": incident.address or "",
        }
    if is_outside() and (source := reports.last_source(session, who())):
        fixed["source"] = source
    return fixed


def _last_values(session: Session, incident: Incident) -> Fields:
    """Return the facts as they stand, as the fields of a form."""
    known: Mapping[str, Any] = facts.current(session, incident.id)
    rules = services().rules
    values = {}
    for field, name in OF_FACTS.items():
        value = known.get(name)
        shown = report_form.local_text(value, rules) if field in MOMENTS else value
        values[field] = "" if shown is None else str(shown)
    return values


def _carried(fields: Fields) -> Fields:
    """Return what a report typed as new says of the incident that it follows up."""
    names = {*OF_FACTS, *ALWAYS_SENT} - {"kind", "report_type"}
    return {name: value for name, value in fields.items() if name in names and value}


def _follow_up_start(session: Session, incident: Incident, before: Fields) -> Fields:
    """Return what a follow-up opens with: the last values, and who reported last."""
    rules, now = services().rules, services().now()
    filed = reports.last(session, incident.id)
    last = report_form.of_report(filed.content, rules) if filed else {}
    again = ("source", "reporter.name", "reporter.organisation", "reporter.phone")
    return {
        **{name: last.get(name, "") for name in again},
        **before,
        "received_at": report_form.local_text(now, rules),
        "report_type": "progress",
        **_reporter(session),
    }
