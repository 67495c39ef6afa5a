"""A scenario: who takes part, what happens when, and what is expected to become true."""

from datetime import timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import Field, PlainSerializer, PlainValidator, StringConstraints

from drills.scenario.condition_reading import parse
from drills.scenario.conditions import ActionTaken, Condition, plain
from incident.inputs.base import Input, Line, Paragraph, Short
from workflows.lifecycle import Role
from workflows.plan import Confidence, Kind

SLOWEST, FASTEST = 0.5, 60.0
MINUTES = r"^\d{1,4}m$"
SIMULATORS: Final = "simulators"
SEGMENT = "main"

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,60}$")]
Offset = Annotated[str, StringConstraints(pattern=MINUTES)]
When = Annotated[Condition, PlainValidator(lambda raw: parse(raw)), PlainSerializer(plain)]
Via = Literal[
    "phone_card",
    "sms",
    "report",
    "follow_up",
    "hospital_update",
    "lab_result",
    "media_post",
    "leader_question",
    "resource_failure",
    "equipment_failure",
]


class Indicator(Input):
    """What evaluators judge by, and how well the source of it is known."""

    text: Line
    basis: Line
    confidence: Confidence


class Objective(Input):
    """What the drill is to show; the weights of a scenario add up to 100.

    `item` is the evaluation item whose usual indicators it has besides its own `criteria`.
    """

    id: Identifier
    text: Line
    weight: Annotated[int, Field(ge=1, le=100)]
    item: Identifier | None = None
    criteria: tuple[Indicator, ...] = ()


class Segment(Input):
    """A part of the drill; `apart`: it can also be run alone."""

    id: Identifier
    title: Line
    starts: Offset = "0m"
    lasts: Offset
    apart: bool = False

    @property
    def start(self) -> timedelta:
        """Return when it begins, in drill time."""
        return minutes(self.starts)

    @property
    def end(self) -> timedelta:
        """Return when it is over, in drill time."""
        return self.start + minutes(self.lasts)


class Part(Input):
    """A role in the drill; a player sits at the desk in the role `desk`."""

    id: Identifier
    title: Short
    plays: Literal["player", "simulator", "controller", "evaluator"]
    desk: Role | None = None


class Person(Input):
    """An example person of the cast; `part` is the simulators' role that acts it."""

    id: Identifier
    name: Short
    who: Line
    phone: str | None = None
    part: Identifier | None = None


class Background(Input):
    """What controllers have to know, such as an agent's usual incubation; players never see it.

    `confidence` is a mark of the field (V, M, …) or the grade of a table (A, B, C).
    """

    text: Paragraph
    basis: Line
    confidence: Annotated[str, StringConstraints(pattern=r"^(V~?|M[?-]?|P|[ABC])$")]


class Repeat(Input):
    """Play an inject again, so many times, each time `every` later."""

    every: Offset
    times: Annotated[int, Field(ge=1, le=50)]


class Branch(Input):
    """Which injects come next: those of `answered`, or those of `expired` if nobody answered."""

    answered: tuple[Identifier, ...] = ()
    expired: tuple[Identifier, ...] = ()


class Inject(Input):
    """Something that happens in the drill.

    It comes `at` a minute after its segment's start, `when` something has become true, by hand
    when it is `ready`, or by the branch of another that names it. It goes to players, or to the
    simulators who act it. `expires`: so long after it was played it can be answered.
    """

    id: Identifier
    segment: Identifier = SEGMENT
    at: Offset | None = None
    when: When | None = None
    ready: bool = False
    via: Via
    to: Literal["players", "simulators"] = "players"
    sender: Line
    report: dict[str, Any] | None = None
    facts: dict[str, Any] | None = None
    text: Paragraph | None = None
    repeat: Repeat | None = None
    expires: Offset | None = None
    branch: Branch | None = None

    @property
    def effect(self) -> Literal["report", "follow_up", "facts", "message"]:
        """Return what it does at the desk: a new report, a further one, facts, or only words."""
        if self.report is not None:
            return "report" if self.via == "report" else "follow_up"
        return "facts" if self.facts is not None else "message"


class Expectation(Input):
    """What must become true, within how long after which moment.

    `since` is start, segment (of `segment`) or inject:<id>. `parts` are the roles for whom it is
    expected, of whom `of` says whether all or any one; without parts it is asked of the desk.
    It is passed or failed, with the seconds; there are no halves.
    """

    id: Identifier
    text: Line
    when: When
    within: Offset
    since: Annotated[str, StringConstraints(max_length=70)] = "start"
    segment: Identifier = SEGMENT
    parts: tuple[Identifier, ...] = ()
    of: Literal["all", "any"] = "any"
    objective: Identifier

    @property
    def action(self) -> str | None:
        """Return the step that is expected; None where something else is."""
        return str(self.when.action) if isinstance(self.when, ActionTaken) else None


class Timed(Input):
    """An inject at its drill time; of one that repeats, the `turn`, from 0."""

    inject: Inject
    offset: timedelta
    turn: int = 0


class Scenario(Input):
    """One drill to play. `plan` is the edition it was written for, None: the one in force."""

    id: Identifier
    title: Line
    kind: Kind
    form: Literal["tabletop", "operational"]
    content: Literal["single", "comprehensive"]
    purpose: Literal["test", "show", "study"]
    double_blind: bool = False
    plan: Short | None = None
    summary: Paragraph
    speed: Annotated[float, Field(ge=SLOWEST, le=FASTEST)]
    segments: Annotated[tuple[Segment, ...], Field(min_length=1)]
    parts: Annotated[tuple[Part, ...], Field(min_length=1)]
    cast: tuple[Person, ...] = ()
    objectives: Annotated[tuple[Objective, ...], Field(min_length=1)]
    background: tuple[Background, ...] = ()
    injects: Annotated[tuple[Inject, ...], Field(min_length=1)]
    expectations: tuple[Expectation, ...] = ()

    @property
    def timeline(self) -> tuple[Timed, ...]:
        """Return the injects that come by the time alone, in its order, repetitions too."""
        starts = {segment.id: segment.start for segment in self.segments}
        found = [
            Timed(inject=inject, offset=starts[inject.segment] + after, turn=turn)
            for inject in self.injects
            if inject.segment in starts
            for turn, after in enumerate(times(inject))
        ]
        return tuple(sorted(found, key=lambda one: one.offset))

    @property
    def length(self) -> timedelta:
        """Return the drill time at which the last segment is over."""
        return max(segment.end for segment in self.segments)

    def deadline(self, wanted: Expectation) -> timedelta | None:
        """Return the drill time until which it is expected; None: an inject without time decides.

        Of an inject that repeats, the first time counts.
        """
        if (start := self.starts_from(wanted.since, wanted.segment)) is None:
            return None
        return start + minutes(wanted.within)

    def starts_from(self, since: str, segment: str) -> timedelta | None:
        """Return the drill time of "start", "segment" or "inject:<id>"; None if it has none."""
        if since == "start":
            return timedelta()
        if since == "segment":
            return next((one.start for one in self.segments if one.id == segment), None)
        found = (one.offset for one in self.timeline if f"inject:{one.inject.id}" == since)
        return next(found, None)


def times(inject: Inject) -> tuple[timedelta, ...]:
    """Return when an inject comes after its segment's start; nothing where no time is set."""
    if inject.at is None:
        return ()
    first, repeat = minutes(inject.at), inject.repeat
    again = range(1, repeat.times + 1) if repeat else ()
    return (first, *(first + minutes(repeat.every) * turn for turn in again if repeat))


def minutes(text: str) -> timedelta:
    """Return the length of "20m"."""
    return timedelta(minutes=int(text.removesuffix("m")))
