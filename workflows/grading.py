"""Grade an incident by a plan: what holds, what is unknown, what experts must say, what is near."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workflows.criteria import Answer, missing
from workflows.facts import FactValue
from workflows.plan import Criterion, Grade, Plan

Used = dict[str, FactValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A criterion that gives the verdict its grade."""

    criterion: str
    basis: str
    confidence: str
    text: str
    facts: Used


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertQuestion:
    """A criterion of a graver grade that only experts can decide.

    Its confidence tells why a criterion in numbers is asked: doubtful numbers never decide.
    """

    criterion: str
    basis: str
    confidence: str
    text: str
    grade: Grade


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a criterion of a graver grade still lacks.

    `missing` is by how many each count must grow, `reach` the count then reached;
    an unknown count is taken from 0 and stands in the verdict's `unknown`.
    """

    grade: Grade
    criterion: str
    missing: dict[str, int]
    reach: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One criterion with its answer: met, not_met, no_data or expert."""

    criterion: str
    grade: Grade | None
    state: str
    text: str
    basis: str
    confidence: str
    facts: Used


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A note of the plan whose condition holds: a gap in the text, a duty, a variant."""

    note: str
    basis: str
    confidence: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackVerdict:
    """What another rule set says beside the plan."""

    plan: str
    title: str
    track: str
    grade: Grade | None
    because: tuple[Reason, ...] = ()
    unknown: tuple[str, ...] = ()
    needs_expert: tuple[ExpertQuestion, ...] = ()
    notes: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A suggested grade (建议级别) with its grounds; None when no criterion is known to hold."""

    grade: Grade | None
    plan: str
    because: tuple[Reason, ...]
    unknown: tuple[str, ...]
    needs_expert: tuple[ExpertQuestion, ...]
    next: tuple[Step, ...]
    findings: tuple[Finding, ...]
    notes: tuple[Remark, ...]
    tracks: tuple[TrackVerdict, ...]

    def as_dict(self) -> dict[str, object]:
        """Return plain data, ready for JSON."""
        return _plain(self)


def grade(plan: Plan, facts: Mapping[str, FactValue], *, tracks: Sequence[Plan] = ()) -> Verdict:
    """Grade the facts: the gravest criterion that holds wins (就高不就低).

    A criterion marked doubtful never decides; when its numbers hold it becomes a question.
    `unknown` lists only facts that could make the verdict graver.
    """
    raise NotImplementedError


def _plain(value: object) -> dict[str, object]:
    raise NotImplementedError


_ = (Answer, missing, Criterion)
