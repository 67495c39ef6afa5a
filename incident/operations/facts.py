"""Facts of an incident: a series of observations, and the values that follow from it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from incident import words
from incident.db import table
from incident.errors import Conflict, FieldError, InvalidInput
from incident.inputs.actions import UpdateFacts
from incident.inputs.facts import TEXTS as TEXTS
from incident.inputs.facts import check_counts, read
from incident.inputs.report import COUNTS, ReportInput
from incident.models import Incident, Observation
from incident.operations import clocks, timeline
from incident.rulebook import Rulebook
from incident.who import Who
from workflows.facts import FACTS, FactValue

Facts = dict[str, Any]
_CURRENT = (
    select(Observation.name, Observation.value)
    .where(Observation.incident_id == bindparam("incident"))
    .order_by(Observation.as_of, Observation.id)
)
_ADD = insert(table(Observation))  # without the ORM: no object is wanted of it


def current(session: Session, incident_id: int) -> Facts:
    """Return the known facts: of each name the value with the latest "as of"."""
    known: Facts = dict(session.execute(_CURRENT, {"incident": incident_id}).all())
    return {name: value for name, value in known.items() if value is not None}


def known_at(story: Iterable[Observation], moment: datetime | None = None) -> Facts:
    """Return what is known by a series of all facts; `moment` leaves out what speaks of later."""
    known = {row.name: row.value for row in story if moment is None or row.as_of <= moment}
    return {name: value for name, value in known.items() if value is not None}


def series(session: Session, incident_id: int, name: str | None = None) -> list[Observation]:
    """Return the observations, of one fact or of all, in the order of what they speak of."""
    query = select(Observation).where(Observation.incident_id == incident_id)
    if name:
        query = query.where(Observation.name == name)
    return list(session.scalars(query.order_by(Observation.as_of, Observation.id)))


def for_rules(facts: Mapping[str, Any]) -> dict[str, FactValue]:
    """Return those facts that the rules' vocabulary knows."""
    return {name: value for name, value in facts.items() if name in FACTS}


def of_report(report: ReportInput) -> Facts:
    """Return the facts that a report states; what it leaves out is not among them."""
    stated: Facts = {name: getattr(report.counts, name) for name in COUNTS}
    stated["count_basis"] = report.counts.basis
    stated["setting"] = report.setting
    stated["symptoms"] = "、".join(report.symptoms) or None
    stated["measures"] = report.measures
    for name in ("first_onset_at", "last_onset_at"):
        moment: datetime | None = getattr(report, name)
        stated[name] = moment.isoformat() if moment else None
    if suspect := report.suspect:
        stated["suspect_product"] = suspect.product
        stated["suspect_producer"] = suspect.producer
        stated["suspect_batch"] = suspect.batch
        stated["approval_no"] = suspect.approval_no
        stated["meal"] = suspect.meal
    return {name: value for name, value in stated.items() if value is not None}


def record(
    session: Session,
    incident: Incident,
    stated: Mapping[str, Any],
    *,
    source: str,
    basis: str | None,
    as_of: datetime,
    who: Who,
    now: datetime,
    report_id: int | None = None,
    reason: str | None = None,
) -> None:
    """Add observations; None withdraws a fact. Nothing is checked here."""
    of = {"incident_id": incident.id, "report_id": report_id}
    rows = observations(
        stated, source=source, basis=basis, as_of=as_of, who=who, now=now, reason=reason
    )
    if rows:
        session.execute(_ADD, [of | row for row in rows])


def observations(
    stated: Mapping[str, Any],
    *,
    source: str,
    basis: str | None,
    as_of: datetime,
    who: Who,
    now: datetime,
    reason: str | None = None,
) -> list[dict[str, Any]]:
    """Return the rows of facts that come in together, whichever incident they are of."""
    return [
        {
            "name": name,
            "value": value,
            "source": source,
            "basis": basis,
            "as_of": as_of,
            "entered_at": now,
            "entered_by": who.id,
            "reason": reason,
        }
        for name, value in stated.items()
    ]


def check_change(
    known: Mapping[str, Any], stated: Mapping[str, Any], *, reason: str | None, field: str
) -> None:
    """Refuse what cannot be true beside what is known, and silent contradictions.

    A count that falls or vanishes needs a reason.
    """
    check_counts(known, stated, field=field)
    if reason:
        return
    errors = [
        FieldError(f"{field}.{name}", "falls", {"before": known[name]})
        for name in COUNTS
        if name in stated and name in known and _falls(known[name], stated[name])
    ]
    if errors:
        raise InvalidInput(errors)


def update(
    session: Session,
    incident: Incident,
    change: UpdateFacts,
    *,
    who: Who,
    now: datetime,
    rules: Rulebook,
) -> None:
    """Take in new facts, say on the timeline what changed, and start clocks they call for."""
    if incident.state in clocks.OVER:
        raise Conflict("incident-finished", state=incident.state)
    stated = read(change.facts, field="facts")
    as_of = change.as_of or now
    if as_of > now:
        raise InvalidInput([FieldError("as_of", "in-future")])
    known = known_at(series(session, incident.id), as_of)
    check_change(known, stated, reason=change.reason, field="facts")
    record(
        session,
        incident,
        stated,
        source=change.source,
        basis=change.basis,
        as_of=as_of,
        who=who,
        now=now,
        reason=change.reason,
    )
    after_change(session, incident, now=now, rules=rules)
    changes = changed(known, stated)
    tell_change(session, incident, changes, who=who, now=now, at=as_of, reason=change.reason)


def changed(known: Mapping[str, Any], stated: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return {name: [before, after]} of what differs; None is unknown."""
    return {
        name: [known.get(name), value] for name, value in stated.items() if known.get(name) != value
    }


def after_change(
    session: Session,
    incident: Incident,
    *,
    now: datetime,
    rules: Rulebook,
) -> None:
    """Carry new facts on: the incident's own columns, and clocks that they start."""
    known = current(session, incident.id)
    incident.setting = known.get("setting")
    incident.product = known.get("suspect_product")
    incident.batch = known.get("suspect_batch")
    incident.changed_at = now
    flag_modified(incident, "changed_at")  # a new version, also at the same moment
    clocks.start(session, incident, facts=for_rules(known), now=now, rules=rules)


def tell_change(
    session: Session,
    incident: Incident,
    changes: Mapping[str, list[Any]],
    *,
    who: Who,
    now: datetime,
    at: datetime | None,
    reason: str | None,
) -> None:
    """Write on the timeline what changed, from what to what."""
    listed = "；".join(
        f"{words.label('facts', name)} {_shown(name, before)}→{_shown(name, after)}"
        for name, (before, after) in changes.items()
    )
    timeline.write(
        session,
        incident,
        "facts_corrected" if reason else "facts",
        who=who,
        now=now,
        at=at,
        words_for={"changes": listed or words.label("common", "nothing"), "reason": reason or ""},
        data={"changes": dict(changes)},
    )


def _shown(name: str, value: object) -> str:
    if value is None:
        return words.label("common", "unknown")
    if isinstance(value, bool):
        return words.label("common", "yes" if value else "no")
    if name in ("setting", "count_basis"):
        return words.label(f"{name}s" if name == "setting" else "count_bases", value)
    return str(value)


def _falls(before: object, after: object) -> bool:
    if after is None:
        return True
    return isinstance(before, int) and isinstance(after, int) and after < before
