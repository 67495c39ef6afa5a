"""An official document as plain data."""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter


class Status(StrEnum):
    DRAFT = "draft"
    ISSUED = "issued"


class Urgency(StrEnum):
    EXTRA_URGENT = "extra_urgent"  # 特急
    URGENT = "urgent"  # 加急


class Publicity(StrEnum):
    PUBLIC = "public"  # 此件公开发布
    ON_REQUEST = "on_request"  # 此件依申请公开
    INTERNAL = "internal"  # 此件不予公开


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many people, at one moment; None is unknown and printed as such, never as 0."""

    exposed: int | None = None
    ill: int | None = None
    visited: int | None = None
    hospitalised: int | None = None
    severe: int | None = None
    deaths: int | None = None
    basis: str | None = None
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of an incident; texts are the desk's labels and people's own words."""

    name: str
    kind: Literal["food", "drug", "device", "cosmetic", "vaccine"]
    occurred_at: datetime | None = None
    received_at: datetime | None = None
    source: str | None = None
    reporter: str | None = None
    reporter_contact: str | None = None
    place: str | None = None
    unit: str | None = None
    licence: str | None = None
    course: str | None = None
    counts: Counts = Counts()
    symptoms: str | None = None
    first_onset_at: datetime | None = None
    last_onset_at: datetime | None = None
    incubation: str | None = None
    suspect: str | None = None
    samples: str | None = None
    cause: str | None = None
    scope: str | None = None
    loss: str | None = None
    trend: str | None = None
    opinion: str | None = None
    measures: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    support: str | None = None
    grade: str | None = None
    grade_basis: str | None = None
    response: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | None, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part in people's own words; an empty line, or a new one, begins a new paragraph."""

    heading: str
    text: str | None = None
    table: Table | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One fact that is no longer what the briefing before it said."""

    label: str
    old: str | int | None
    new: str | int | None
    basis: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """One step of the handling; `due` is None where the law gives no number."""

    label: str
    at: datetime | None
    due: datetime | None = None
    basis: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    name: str
    lead: str | None = None
    duty: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Initial:
    """初报."""

    kind: Literal["initial"] = "initial"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """续报; `sequence` is its place among the follow-ups of the incident, from 1."""

    kind: Literal["progress"] = "progress"
    sequence: int
    previous_number: str | None = None
    previous_at: datetime | None = None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Final:
    """终报."""

    kind: Literal["final"] = "final"
    terminated_at: datetime | None = None
    conclusion: str | None = None
    responsibility: str | None = None
    rectification: str | None = None
    lessons: str | None = None
    milestones: tuple[Milestone, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Special:
    """专报: the sections are all of its body; `reason` says why it is written."""

    kind: Literal["special"] = "special"
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationOrder:
    """启动令, with the four elements of 突发事件应对法 72: matter, grade, period and measures."""

    kind: Literal["activation_order"] = "activation_order"
    matter: str | None = None
    grade: str | None = None
    period: str | None = None
    measures: tuple[str, ...] = ()
    basis: str | None = None
    effective_at: datetime | None = None
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One row of a figure: a share of 0 to 1, or minutes allowed and taken; None is not known."""

    name: str
    note: str
    share: float | None = None
    allowed: float | None = None
    taken: float | None = None
    is_late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A figure of bars that the press draws; `shape` says which of their numbers they show."""

    shape: Literal["shares", "lengths"]
    title: str
    description: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterAction:
    """演练评估总结报告: what was measured and judged, as tables, and what people add to it.

    A free part that is None was not written, and reads as missing.
    """

    kind: Literal["after_action"] = "after_action"
    particulars: tuple[tuple[str, str | None], ...]
    course: str
    score: str
    objectives: Table
    measured: Table
    clocks: Table
    figures: tuple[Chart, ...]
    differing: int
    well: str | None = None
    weak: str | None = None
    advice: str | None = None
    failed: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    improvements: Table
    earlier: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Handbook:
    """演练手册: the particulars, the sections of the document, and a script on wide pages."""

    kind: Literal["handbook"] = "handbook"
    reader: str
    particulars: tuple[tuple[str, str | None], ...]
    script: Table | None = None
    sheets: tuple[Section, ...] = ()


Content = Annotated[
    Initial | Progress | Final | Special | ActivationOrder | AfterAction | Handbook,
    Field(discriminator="kind"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialDocument:
    """One document, whole.

    An issued one must bear `number` and `issued_at`. `title` None stands for the title of its
    kind; a line break in it is kept. `signer` is who approved it for issue (签发人).
    """

    content: Content
    facts: Facts
    status: Status
    organisation: str
    incident: str
    facts_version: int
    chain_head: str | None
    drill: bool
    number: str | None = None
    issued_at: datetime | None = None
    title: str | None = None
    addressees: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    signer: str | None = None
    signer_post: str | None = None
    issuing_office: str | None = None
    urgency: Urgency | None = None
    secrecy: str | None = None
    publicity: Publicity | None = None
    contact: str | None = None
    sections: tuple[Section, ...] = ()
    attachments: tuple[str, ...] = ()
    time_zone: str = "Asia/Shanghai"

    def __post_init__(self) -> None:
        """Refuse an issued document that has no number or no time of issue."""
        if self.status is Status.ISSUED and (self.number is None or self.issued_at is None):
            raise ValueError("an issued document bears a number and the time of issue")


_JSON = TypeAdapter(OfficialDocument)


def to_json(document: OfficialDocument) -> bytes:
    """Write the document down: what is kept when it is issued, and what the press is given."""
    plain = _JSON.dump_python(document, mode="json")
    return json.dumps(plain, separators=(",", ":")).encode("ascii")


def from_json(text: bytes) -> OfficialDocument:
    """Read a document back; raises ValueError on anything else."""
    return _JSON.validate_python(json.loads(text))
