"""A report as the fields of a form: from what was typed to the input, and back."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from incident.errors import FieldError, InvalidInput
from incident.inputs.base import parse
from incident.inputs.report import COUNTS, ReportInput, check_report
from incident.operations.drafts import Fields
from incident.queries import places
from incident.queries.similar import Probe
from incident.rulebook import Rulebook
from workflows.plan import Kind

Raw = dict[str, Any]
COUNT_FIELDS = tuple(f"counts.{name}" for name in COUNTS)
MOMENTS = ("received_at", "occurred_at", "aware_at", "first_onset_at", "last_onset_at")
TEXTS = (
    "kind",
    "source",
    "place.address",
    "unit.name",
    "unit.licence",
    "setting",
    "counts.basis",
    "suspect.product",
    "suspect.producer",
    "suspect.batch",
    "suspect.approval_no",
    "suspect.meal",
    "measures",
    "narrative",
    "reporter.name",
    "reporter.organisation",
    "reporter.phone",
    "report_type",
    "correction",
)
DIVISION, SYMPTOMS = "place.division", "symptoms"
NAMES = frozenset({*COUNT_FIELDS, *MOMENTS, *TEXTS, DIVISION, SYMPTOMS})
ORDER = (
    "report_type",
    "received_at",
    "kind",
    DIVISION,
    "place.address",
    "unit.name",
    "counts.ill",
    "counts.severe",
    "counts.deaths",
    "suspect.product",
    "suspect.batch",
    "reporter.phone",
    "correction",
    "occurred_at",
    "aware_at",
    "setting",
    "unit.licence",
    "counts.exposed",
    "counts.visited",
    "counts.hospitalised",
    "counts.unexpected",
    "counts.basis",
    SYMPTOMS,
    "first_onset_at",
    "last_onset_at",
    "suspect.producer",
    "suspect.approval_no",
    "suspect.meal",
    "narrative",
    "measures",
    "source",
    "reporter.name",
    "reporter.organisation",
)
GAPS = re.compile(r"[、，,;；\s]+")
LOCAL = "%Y-%m-%dT%H:%M"
NOWHERE = "000000"  # well formed, and no place has it


def posted(form: Mapping[str, str]) -> Fields:
    """Return the fields of a report that a request brought, trimmed."""
    return {name: form[name].strip() for name in form if name in NAMES}


def read(fields: Fields, *, now: datetime, rules: Rulebook) -> ReportInput:
    """Return the report that the fields tell; raise InvalidInput with all that is wrong."""
    try:
        report = parse(ReportInput, raw(fields, rules))
    except InvalidInput as error:
        malformed = list(_as_fields(error))
        wrong = {item.field for item in malformed}
        rest = {name: value for name, value in fields.items() if name not in wrong}
        raise InvalidInput([*malformed, *_impossible(rest, now, rules)]) from None
    check_report(report, now=now, divisions=rules.divisions)
    return report


def raw(fields: Fields, rules: Rulebook) -> Raw:
    """Return the fields as the input wants them; an empty field is absent."""
    found: Raw = {}
    for name, value in _values(fields, rules):
        group, _, part = name.rpartition(".")
        (found.setdefault(group, {}) if group else found)[part] = value
    return found


def of_report(content: Mapping[str, Any], rules: Rulebook) -> Fields:
    """Return the fields that a filed report would be typed as."""
    fields = {}
    for name in (*TEXTS, *COUNT_FIELDS, DIVISION):
        group, _, part = name.rpartition(".")
        value = (content.get(group) or {} if group else content).get(part)
        fields[name] = "" if value is None else str(value)
    for name in MOMENTS:
        fields[name] = local_text(content.get(name), rules)
    fields[SYMPTOMS] = "、".join(content.get(SYMPTOMS, ()))
    return fields


def local_text(value: str | datetime | None, rules: Rulebook) -> str:
    """Return a moment as a datetime field shows it, in the office's zone; "" for none."""
    if not value:
        return ""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.astimezone(rules.zone).strftime(LOCAL)


def probe(fields: Fields, *, now: datetime, rules: Rulebook, drill: bool = False) -> Probe:
    """Return what is known so far for a look at likely duplicates."""
    found = places.find(fields.get(DIVISION, ""), rules.divisions, rules.jurisdiction)
    at = _moment(fields.get("received_at", ""), rules)
    return Probe(
        at=at if isinstance(at, datetime) else now,
        kind=fields.get("kind") or None,
        division=found[0] if len(found) == 1 else None,
        address=fields.get("place.address") or None,
        unit=fields.get("unit.name") or None,
        product=fields.get("suspect.product") or None,
        batch=fields.get("suspect.batch") or None,
        drill=drill,
    )


def facts_so_far(fields: Fields) -> dict[str, Any]:
    """Return what grading may already use of a form half filled in; nonsense is left out."""
    numbers = {name: _number(fields.get(f"counts.{name}", "")) for name in COUNTS}
    facts: dict[str, Any] = {
        name: value for name, value in numbers.items() if isinstance(value, int) and value >= 0
    }
    for name, field in (("setting", "setting"), ("count_basis", "counts.basis")):
        if fields.get(field):
            facts[name] = fields[field]
    return facts


def _values(fields: Fields, rules: Rulebook) -> Iterator[tuple[str, object]]:
    for name, text in fields.items():
        if not text or name not in NAMES:
            continue
        if name in COUNT_FIELDS:
            yield name, _number(text)
        elif name in MOMENTS:
            moment = _moment(text, rules)
            yield name, moment.isoformat() if isinstance(moment, datetime) else moment
        elif name == SYMPTOMS:
            yield name, [part for part in GAPS.split(text) if part]
        elif name == DIVISION:
            found = places.find(text, rules.divisions, rules.jurisdiction)
            yield name, found[0] if len(found) == 1 else NOWHERE
        else:
            yield name, text


def _number(text: str) -> int | str:
    """Return a number of persons, also from full-width digits; else the text as it is."""
    return int(text) if text.isdecimal() and len(text) <= 9 else text


def _moment(text: str, rules: Rulebook) -> datetime | str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment.replace(tzinfo=rules.zone) if moment.tzinfo is None else moment


def _as_fields(error: InvalidInput) -> Iterator[FieldError]:
    """Name the field of the form: a place without division is `place` to the input."""
    for item in error.errors:
        name = DIVISION if item.field == "place" else item.field
        name = name if name in NAMES else re.sub(r"\.\d+$", "", name)
        yield FieldError(name, item.code, item.values)


def _impossible(fields: Fields, now: datetime, rules: Rulebook) -> Iterator[FieldError]:
    """Name what cannot be true in the fields that are well formed, so that all is said at once.

    What must be there and is not is taken from the office; that it is missing is said already.
    """
    stand_in = {"kind": Kind.FOOD, "source": "other", DIVISION: rules.jurisdiction}
    try:
        report = parse(ReportInput, raw({**stand_in, **fields}, rules))
        check_report(report, now=now, divisions=rules.divisions)
    except InvalidInput as error:
        yield from _as_fields(error)
