"""The shapes of what the API answers about incidents; moments are ISO 8601 with offset."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import PlainSerializer, WithJsonSchema


def _in_utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


Moment = Annotated[
    datetime,
    PlainSerializer(_in_utc, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAction:
    """An action that the caller may take now; `requires` names what it must bring."""

    name: str
    label: str
    role: str
    requires: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockAnswer:
    """A statutory clock. `id` is this clock, `rule` its item in the plan.

    `state` is running, near, overdue, at_once (the law gives no number; `due_at` is null),
    done or late. `satisfied_by` is what stops it, `satisfied_how` what did.
    """

    id: int
    rule: str
    title: str
    actor: str
    receiver: str
    basis: str
    confidence: str
    grade: str | None
    starts_at: Moment
    due_at: Moment | None
    state: str
    advisory: bool
    satisfied_by: tuple[str, ...]
    satisfied_at: Moment | None
    satisfied_how: str | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalAnswer:
    """A grade proposed and not decided."""

    grade: str
    reason: str | None
    proposed_at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentLine:
    """An incident in a list. A count that is not in `counts` is unknown."""

    number: str
    title: str
    kind: str
    state: str
    grade: str | None
    version: int
    plan: str
    division: str
    setting: str | None
    unit: str | None
    drill: bool
    occurred_at: Moment | None
    received_at: Moment
    changed_at: Moment
    next_due_at: Moment | None
    next_clock: str | None
    counts: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentAnswer:
    """An incident. A fact or count that is not there is unknown, never 0 or no.

    `grade` is I to IV, ungraded, or null before the first approval. `facts` are the newest
    values; `actions` what the caller may do now.
    """

    number: str
    title: str
    kind: str
    state: str
    grade: str | None
    version: int
    plan: str
    division: str
    address: str | None
    setting: str | None
    unit: str | None
    drill: bool
    occurred_at: Moment | None
    aware_at: Moment | None
    received_at: Moment
    changed_at: Moment
    next_due_at: Moment | None
    merged_into: str | None
    proposal: ProposalAnswer | None
    facts: dict[str, Any]
    counts: dict[str, int]
    actions: tuple[OpenAction, ...]
    clocks: tuple[ClockAnswer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportAnswer:
    """A report as it was filed; `content` is what came in."""

    id: int
    incident: str
    report_type: str
    source: str
    filed_at: Moment
    content: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A report that was filed, and the incident that it opened or added to."""

    report: ReportAnswer
    incident: IncidentAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class Incidents:
    """A page of the list; `next` is the cursor of the next one, null at the end."""

    items: tuple[IncidentLine, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedAnswer:
    """What another rule set demands of somebody else; it is not kept here, nor marked as done.

    `due_at` null means at once.
    """

    rule: str
    title: str
    actor: str
    receiver: str
    basis: str
    confidence: str
    starts_at: Moment
    due_at: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackAnswer:
    """A rule set beside the main one, and the grade that the facts have under it."""

    plan: str
    title: str
    grade: str | None
    owed: tuple[OwedAnswer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """A part of the clocks of an incident, the nearest due first; `tracks` only advise."""

    items: tuple[ClockAnswer, ...]
    next: str | None
    tracks: tuple[TrackAnswer, ...]
