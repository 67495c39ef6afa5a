"""The shape of a plan (预案): criteria, clocks, groups, measures, call-outs, escalations, ends."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from workflows.criteria import Condition
from workflows.lifecycle import Role


class Grade(StrEnum):
    """How grave an incident is; I (特别重大) is the gravest."""

    I = "I"  # noqa: E741
    II = "II"
    III = "III"
    IV = "IV"

    @property
    def severity(self) -> int:
        """Return 4 for I down to 1 for IV."""
        return _SEVERITY[self]


_SEVERITY = {Grade.I: 4, Grade.II: 3, Grade.III: 2, Grade.IV: 1}


class Kind(StrEnum):
    """What an incident is about."""

    FOOD = "food"
    DRUG = "drug"
    DEVICE = "device"
    COSMETIC = "cosmetic"
    VACCINE = "vaccine"


class Confidence(StrEnum):
    """How well a rule is known: read in the text, second-hand, from memory, doubtful, our own."""

    READ = "V"
    SECOND_HAND = "V~"
    MEMORY = "M"
    DOUBTFUL = "M?"
    PLACEHOLDER = "M-"
    OWN = "P"

    @property
    def acts(self) -> bool:
        """Return whether a rule so marked may decide anything by itself."""
        return self not in (Confidence.DOUBTFUL, Confidence.PLACEHOLDER)


MAIN_TRACK = {
    Kind.FOOD: "food_safety",
    Kind.DRUG: "drug_safety",
    Kind.DEVICE: "drug_safety",
    Kind.COSMETIC: "cosmetic_safety",
    Kind.VACCINE: "vaccine_safety",
}
TRACKS = (*dict.fromkeys(MAIN_TRACK.values()), "public_health")


class CalloutEvent(StrEnum):
    """What makes the desk call people out."""

    REPORTED = "reported"
    ACTIVATED = "activated"
    REGRADED = "regraded"
    OVERDUE = "overdue"


class Tier(StrEnum):
    """Whom a step of an escalation reaches: A岗, B岗, 带班领导, and last the duty desk itself."""

    MAIN = "main"
    STAND_IN = "stand_in"
    LEADER = "leader"
    DESK = "desk"


class ChannelName(StrEnum):
    """By what somebody is reached; the desk by its page with the siren, and by the call sheet."""

    SMS = "sms"
    VOICE = "voice"
    MAIL = "mail"
    ROBOT = "robot"
    PAGE = "page"
    SHEET = "sheet"


class Unit(StrEnum):
    """How a limit is counted: by the clock, by calendar days or by working days."""

    MINUTES = "m"
    HOURS = "h"
    DAYS = "d"
    WORKING_DAYS = "wd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A time limit such as 2h, 7d or 3wd."""

    number: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.number}{self.unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What every rule has: its name, its source, and how well the source is known."""

    id: str
    basis: str
    confidence: Confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where a rule applies; None means everywhere, and for grades also to an ungraded incident."""

    kinds: frozenset[str] | None = None
    grades: frozenset[Grade] | None = None
    settings: frozenset[str] | None = None

    def covers(self, *, kind: str | None, grade: Grade | None, setting: str | None) -> bool:
        """Tell whether the rule applies; a kind of None stands for all kinds of the plan."""
        return (
            (self.grades is None or grade in self.grades)
            and (self.kinds is None or kind is None or kind in self.kinds)
            and (self.settings is None or setting in self.settings)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion(Item):
    """One way into a grade.

    `when` is the text as it stands. `floor` is enough for at least this grade: `when`
    without the upper bounds above which a graver criterion takes over, so that 40 ill
    are IV or graver although the deaths, which IV rules out, are not known yet.
    """

    grade: Grade
    text: str
    when: Condition
    floor: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Item):
    """What an officer should know when a condition holds, although it decides no grade."""

    text: str
    when: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock(Item):
    """A report or step owed by `actor` to `receiver`.

    `starts` names moments; the first that is known starts the clock. `within` is None
    when the law says only "at once" or "in time". `when` further limits it to facts.
    """

    title: str
    actor: str
    receiver: str
    starts: tuple[str, ...]
    within: Limit | None
    satisfied_by: tuple[str, ...]
    scope: Scope
    repeats: timedelta | None = None
    when: Condition | None = None

    @property
    def advisory(self) -> bool:
        """Return whether the clock is shown but never acts."""
        return not self.confidence.acts


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Item):
    """A working group of the command (工作组)."""

    title: str
    lead: str
    members: tuple[str, ...]
    duties: str
    scope: Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure(Item):
    """Something to do, that becomes a task; `within` counts from activation, None: at once."""

    text: str
    lead: str
    group: str
    evidence: str
    scope: Scope
    within: Limit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Callout(Item):
    """Which roles are called out on an event."""

    event: CalloutEvent
    roles: tuple[Role, ...]
    scope: Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationStep:
    """One step of a ladder: so long after the start, to whom, by which channels at once."""

    after: timedelta
    to: Tier
    channels: tuple[ChannelName, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation(Item):
    """How the alert of an event climbs while nobody answers.

    The steps to people are taken again `repeats` times, each time `every` later. `remind` is when
    an answer "received" is no longer believed while the response waits for the person; None: never.
    """

    event: CalloutEvent | None
    scope: Scope
    steps: tuple[EscalationStep, ...]
    repeats: int
    every: timedelta
    remind: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending(Item):
    """One condition for ending a response, answered by people."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One edition of one rule set, as read from its file."""

    id: str
    kinds: tuple[Kind, ...]
    jurisdiction: str
    edition: str
    track: str
    title: str
    document: str
    remark: str
    office: tuple[str, ...]
    in_force_from: date | None
    in_force_to: date | None
    criteria: tuple[Criterion, ...] = field(repr=False)
    notes: tuple[Note, ...] = field(repr=False)
    clocks: tuple[Clock, ...] = field(repr=False)
    groups: tuple[Group, ...] = field(repr=False)
    measures: tuple[Measure, ...] = field(repr=False)
    callouts: tuple[Callout, ...] = field(repr=False)
    escalations: tuple[Escalation, ...] = field(repr=False)
    termination: tuple[Ending, ...] = field(repr=False)
    digest: str

    def is_in_force(self, day: date) -> bool:
        """Tell whether the edition holds on a day; both ends count, None is open."""
        started = self.in_force_from is None or self.in_force_from <= day
        return started and (self.in_force_to is None or day <= self.in_force_to)

    def applies_in(self, jurisdiction: str) -> bool:
        """Tell whether the plan's territory contains a division."""
        return self.jurisdiction == "CN" or jurisdiction.startswith(self.jurisdiction)
