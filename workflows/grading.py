"""Grade an incident by a plan: what holds, what is unknown, what experts must say, what is near."""

from collections.abc import Iterator, Mapping, Sequence
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
        return {name: _plain(getattr(self, name)) for name in self.__slots__}


def grade(plan: Plan, facts: Mapping[str, FactValue], *, tracks: Sequence[Plan] = ()) -> Verdict:
    """Grade the facts: the gravest criterion that holds wins (就高不就低).

    A criterion marked doubtful never decides; when its numbers hold it becomes a question.
    The findings answer each criterion as its text stands; the grade is what the known facts
    give at least, whatever the unknown ones turn out to be. `unknown` lists only facts that
    could make it graver.
    """
    weighed = _weigh(plan, facts)
    return Verdict(
        grade=weighed.grade,
        plan=plan.id,
        because=weighed.because(),
        unknown=weighed.unknown(),
        needs_expert=weighed.needs_expert(),
        next=weighed.next(),
        findings=weighed.findings(),
        notes=_notes(plan, facts),
        tracks=tuple(_beside(track, facts) for track in tracks),
    )


def suggested(plan: Plan, facts: Mapping[str, FactValue]) -> Grade | None:
    """Return the grade that `grade` suggests, without its grounds."""
    met = (item.grade for item in plan.criteria if _decides(item, facts))
    return max(met, key=lambda held: held.severity, default=None)


@dataclass(frozen=True, slots=True)
class _Weighed:
    """The criteria of a plan with their answers, and the grade that follows."""

    facts: Mapping[str, FactValue]
    answers: tuple[tuple[Criterion, Answer], ...]
    grade: Grade | None

    def because(self) -> tuple[Reason, ...]:
        return tuple(
            Reason(
                criterion=item.id,
                basis=item.basis,
                confidence=item.confidence,
                text=item.text,
                facts=self._used(item),
            )
            for item, _answer in self.answers
            if item.grade is self.grade and _decides(item, self.facts)
        )

    def unknown(self) -> tuple[str, ...]:
        names: dict[str, None] = {}
        for item, _answer in self._graver():
            names.update(dict.fromkeys(item.when.unknown(self.facts)))
        return tuple(names)

    def needs_expert(self) -> tuple[ExpertQuestion, ...]:
        return tuple(
            ExpertQuestion(
                criterion=item.id,
                basis=item.basis,
                confidence=item.confidence,
                text=item.text,
                grade=item.grade,
            )
            for item, answer in self._graver()
            if answer is Answer.EXPERT
        )

    def next(self) -> tuple[Step, ...]:
        """Return the nearest first: by grade upwards, then by the persons that are missing."""
        steps = [
            Step(
                grade=item.grade,
                criterion=item.id,
                missing=missing(goal, self.facts),
                reach=goal,
            )
            for item, _answer in self._graver()
            if item.confidence.acts
            for goal in item.floor.distances(self.facts)
        ]
        return tuple(sorted(steps, key=lambda s: (s.grade.severity, sum(s.missing.values()))))

    def findings(self) -> tuple[Finding, ...]:
        return tuple(
            Finding(
                criterion=item.id,
                grade=item.grade,
                state=answer.word,
                text=item.text,
                basis=item.basis,
                confidence=item.confidence,
                facts=self._used(item),
            )
            for item, answer in self.answers
        )

    def _graver(self) -> Iterator[tuple[Criterion, Answer]]:
        reached = self.grade.severity if self.grade else 0
        return (pair for pair in self.answers if pair[0].grade.severity > reached)

    def _used(self, item: Criterion) -> Used:
        return {name: self.facts.get(name) for name in item.when.names()}


def _weigh(plan: Plan, facts: Mapping[str, FactValue]) -> _Weighed:
    answers = tuple((item, _answer(item, facts)) for item in plan.criteria)
    return _Weighed(facts, answers, suggested(plan, facts))


def _answer(item: Criterion, facts: Mapping[str, FactValue]) -> Answer:
    answer = item.when.answer(facts)
    if answer is Answer.MET and not item.confidence.acts:
        return Answer.EXPERT
    return answer


def _decides(item: Criterion, facts: Mapping[str, FactValue]) -> bool:
    return item.confidence.acts and item.floor.answer(facts) is Answer.MET


def _notes(plan: Plan, facts: Mapping[str, FactValue]) -> tuple[Remark, ...]:
    return tuple(
        Remark(note=item.id, basis=item.basis, confidence=item.confidence, text=item.text)
        for item in plan.notes
        if item.when.answer(facts) is Answer.MET
    )


def _beside(plan: Plan, facts: Mapping[str, FactValue]) -> TrackVerdict:
    weighed = _weigh(plan, facts)
    return TrackVerdict(
        plan=plan.id,
        title=plan.title,
        track=plan.track,
        grade=weighed.grade,
        because=weighed.because(),
        unknown=weighed.unknown(),
        needs_expert=weighed.needs_expert(),
        notes=_notes(plan, facts),
    )


def _plain(value: object) -> object:
    match value:
        case str():
            return str(value)
        case tuple():
            return [_plain(part) for part in value]
        case Reason() | ExpertQuestion() | Step() | Finding() | Remark() | TrackVerdict():
            return {name: _plain(getattr(value, name)) for name in value.__slots__}
    return value
