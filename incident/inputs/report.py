"""A report as it comes in by page or API, and what makes it impossible."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from incident.errors import FieldError, InvalidInput
from incident.inputs.base import Input, Line, Moment, Paragraph, Reason, Short
from workflows.divisions import Divisions
from workflows.plan import Kind

COUNTS = (
    "exposed",
    "ill",
    "visited",
    "hospitalised",
    "severe",
    "deaths",
    "unexpected",
)
PARTS = (
    ("ill", "exposed"),
    ("deaths", "exposed"),
    ("hospitalised", "exposed"),
    ("severe", "exposed"),
    ("deaths", "ill"),
    ("hospitalised", "ill"),
    ("severe", "ill"),
)
EARLIER = {
    "aware_at": ("occurred_at",),
    "last_onset_at": ("first_onset_at",),
    "received_at": ("aware_at", "occurred_at", "first_onset_at", "last_onset_at"),
}
FUTURE_ALLOWED = timedelta(minutes=5)  # clocks of different machines

LARGEST_COUNT = 10_000_000
Count = Annotated[int, Field(ge=0, le=LARGEST_COUNT, strict=True)]
Source = Literal[
    "phone",
    "hospital",
    "enterprise",
    "hotline_12315",
    "hotline_12345",
    "media",
    "inspection",
    "superior",
    "other",
]
Setting = Literal[
    "school",
    "canteen",
    "restaurant",
    "banquet",
    "delivery",
    "home",
    "hospital",
    "clinic",
    "retail",
    "major_event",
    "other",
]
CountBasis = Literal[
    "self_reported",
    "suspected",
    "probable",
    "confirmed",
    "visited",
    "hospitalized",
    "observed",
]
Phone = Annotated[str, StringConstraints(max_length=30, pattern=r"^[0-9+()\- ]{3,30}$")]


class Place(Input):
    """Where it happened; `division` is a GB/T 2260 code."""

    division: Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
    address: Line | None = None


class Unit(Input):
    """The school, canteen, clinic or shop concerned."""

    name: Line
    licence: Short | None = None


class Counts(Input):
    """Persons; absent means unknown, never 0. `basis` says how they were counted."""

    exposed: Count | None = None
    ill: Count | None = None
    visited: Count | None = None
    hospitalised: Count | None = None
    severe: Count | None = None
    deaths: Count | None = None
    unexpected: Count | None = None
    basis: CountBasis | None = None


class Suspect(Input):
    """The food or product that is suspected."""

    product: Line | None = None
    producer: Line | None = None
    batch: Short | None = None
    approval_no: Short | None = None
    meal: Line | None = None


class Reporter(Input):
    """Who reported; seen by the desk only."""

    name: Short | None = None
    organisation: Line | None = None
    phone: Phone | None = None


class ReportInput(Input):
    """A report. With `incident` set it adds to that one.

    `received_at` is when the call came, if it is entered later. `correction` says why a
    count fell or another fact was taken back.
    """

    kind: Kind
    source: Source
    place: Place
    occurred_at: Moment | None = None
    aware_at: Moment | None = None
    received_at: Moment | None = None
    setting: Setting | None = None
    unit: Unit | None = None
    counts: Counts = Counts()
    suspect: Suspect | None = None
    symptoms: Annotated[tuple[Short, ...], Field(max_length=30)] = ()
    first_onset_at: Moment | None = None
    last_onset_at: Moment | None = None
    measures: Paragraph | None = None
    narrative: Paragraph | None = None
    reporter: Reporter | None = None
    report_type: Literal["initial", "progress", "final"] = "initial"
    incident: Short | None = None
    correction: Reason | None = None


def check_report(report: ReportInput, *, now: datetime, divisions: Divisions) -> None:
    """Raise InvalidInput for a report that cannot be true, field by field."""
    errors = [
        *_future(report, now),
        *_order(report),
        *_numbers(report.counts),
    ]
    if not divisions.exists(report.place.division):
        errors.append(FieldError("place.division", "unknown-division"))
    if errors:
        raise InvalidInput(errors)


def _future(report: ReportInput, now: datetime) -> Iterator[FieldError]:
    for name in ("occurred_at", "aware_at", "received_at", "first_onset_at", "last_onset_at"):
        moment: datetime | None = getattr(report, name)
        if moment and moment > now + FUTURE_ALLOWED:
            yield FieldError(name, "in-future")


def impossible(counts: Mapping[str, Any], basis: object) -> Iterator[tuple[str, str]]:
    """Yield (part, whole) where a count exceeds one that contains it; None is unknown.

    A stated basis may explain more deaths than ill.
    """
    for part, whole in PARTS:
        first, second = counts.get(part), counts.get(whole)
        if first is None or second is None or first <= second:
            continue
        if (part, whole) != ("deaths", "ill") or basis is None:
            yield part, whole


def _order(report: ReportInput) -> Iterator[FieldError]:
    """Name the moments that come before what must have been earlier, each once."""
    for later, before in EARLIER.items():
        second = getattr(report, later)
        for earlier in before:
            first = getattr(report, earlier)
            if first and second and first > second:
                yield FieldError(later, "before", {"other": earlier})
                break


def _numbers(counts: Counts) -> Iterator[FieldError]:
    """Name the counts that exceed what contains them, each once."""
    stated = {name: getattr(counts, name) for name in COUNTS}
    wrong = dict(impossible(stated, counts.basis))
    for part, whole in wrong.items():
        yield FieldError(f"counts.{part}", "above", {"other": whole})
