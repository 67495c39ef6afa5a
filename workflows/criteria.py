"""The condition language: whether a condition holds for the facts that are known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from itertools import product

from workflows.facts import FactValue


class Answer(IntEnum):
    """What is known of a condition; `all` takes the least answer of its parts, `any` the greatest.

    The order is a chain, so both distribute over each other, and any nesting can be
    written as ways: any of these, each all of those. Unknown is never taken for no.
    """

    NOT_MET = 0
    NO_DATA = 1
    EXPERT = 2
    MET = 3

    @property
    def word(self) -> str:
        """Return the answer as the API says it."""
        return _WORDS[self]


_WORDS = tuple(answer.name.lower() for answer in Answer)


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A count reaches a number."""

    fact: str
    number: int

    def answer(self, facts: Mapping[str, FactValue]) -> Answer:
        """Compare the fact."""
        value = facts.get(self.fact)
        if value is None:
            return Answer.NO_DATA
        return Answer.MET if int(value) >= self.number else Answer.NOT_MET


@dataclass(frozen=True, slots=True)
class AtMost:
    """A count does not pass a number."""

    fact: str
    number: int

    def answer(self, facts: Mapping[str, FactValue]) -> Answer:
        """Compare the fact."""
        value = facts.get(self.fact)
        if value is None:
            return Answer.NO_DATA
        return Answer.MET if int(value) <= self.number else Answer.NOT_MET


@dataclass(frozen=True, slots=True)
class OneOf:
    """A choice or flag has one of some values."""

    fact: str
    values: frozenset[FactValue]

    def answer(self, facts: Mapping[str, FactValue]) -> Answer:
        """Compare the fact."""
        value = facts.get(self.fact)
        if value is None:
            return Answer.NO_DATA
        return Answer.MET if value in self.values else Answer.NOT_MET


@dataclass(frozen=True, slots=True)
class Question:
    """Something that only an expert can answer; the program never does."""

    text: str

    def answer(self, facts: Mapping[str, FactValue]) -> Answer:
        """Return that an expert is needed, whatever the facts."""
        return Answer.EXPERT


Test = AtLeast | AtMost | OneOf | Question
Way = tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """Holds when any of its ways does; a way holds when all its tests do."""

    ways: tuple[Way, ...]

    def answer(self, facts: Mapping[str, FactValue]) -> Answer:
        """Say whether the condition holds; a fact that is absent or None is unknown."""
        greatest = Answer.NOT_MET
        for way in self.ways:
            answer = _least(way, facts)
            if answer is Answer.MET:
                return answer
            greatest = max(greatest, answer)
        return greatest

    def names(self) -> tuple[str, ...]:
        """Return the facts asked for, each once, in order."""
        tests = (test for way in self.ways for test in way if not isinstance(test, Question))
        return tuple(dict.fromkeys(test.fact for test in tests))

    def questions(self) -> tuple[str, ...]:
        """Return the questions for experts, each once, in order."""
        tests = (test for way in self.ways for test in way if isinstance(test, Question))
        return tuple(dict.fromkeys(test.text for test in tests))

    def unknown(self, facts: Mapping[str, FactValue]) -> tuple[str, ...]:
        """Return the unknown facts that could still bring the condition nearer to holding."""
        names: dict[str, None] = {}
        for way in self.ways:
            lacking = [test for test in way if test.answer(facts) < Answer.EXPERT]
            if all(test.answer(facts) is Answer.NO_DATA for test in lacking):
                names.update(dict.fromkeys(t.fact for t in lacking if not isinstance(t, Question)))
        return tuple(names)

    def distances(self, facts: Mapping[str, FactValue]) -> tuple[dict[str, int], ...]:
        """Return, for each way that more persons could complete, the least counts to reach.

        Empty when no increase of counts is enough, or none is needed.
        """
        goals = (_goal(way, facts) for way in self.ways)
        return tuple(goal for goal in goals if goal)


def all_of(parts: Iterable[Condition]) -> Condition:
    """Join conditions that must hold together."""
    joined = product(*(part.ways for part in parts))
    return Condition(tuple(tuple(dict.fromkeys(t for way in ways for t in way)) for ways in joined))


def any_of(parts: Iterable[Condition]) -> Condition:
    """Join conditions of which one is enough."""
    return Condition(tuple(dict.fromkeys(way for part in parts for way in part.ways)))


def without_caps(condition: Condition, starts: Mapping[str, int]) -> Condition:
    """Drop the upper bounds above which something graver starts without a gap."""
    return Condition(
        tuple(
            tuple(
                test
                for test in way
                if not isinstance(test, AtMost)
                or starts.get(test.fact, test.number + 2) > test.number + 1
            )
            for way in condition.ways
        )
    )


def open_starts(condition: Condition) -> dict[str, int]:
    """Return the counts that are enough for the condition by themselves."""
    alone = (way[0] for way in condition.ways if len(way) == 1)
    return {test.fact: test.number for test in alone if isinstance(test, AtLeast)}


def missing(goal: Mapping[str, int], facts: Mapping[str, FactValue]) -> dict[str, int]:
    """Return by how much each count must grow to reach the goal; unknown counts from 0."""
    return {name: number - int(facts.get(name) or 0) for name, number in goal.items()}


def _least(way: Way, facts: Mapping[str, FactValue]) -> Answer:
    least = Answer.MET
    for test in way:
        answer = test.answer(facts)
        if answer is Answer.NOT_MET:
            return answer
        least = min(least, answer)
    return least


def _goal(way: Way, facts: Mapping[str, FactValue]) -> dict[str, int] | None:
    goal: dict[str, int] = {}
    for test in way:
        if test.answer(facts) is Answer.MET:
            continue
        if not isinstance(test, AtLeast):
            return None
        goal[test.fact] = max(test.number, goal.get(test.fact, 0))
    capped = (test for test in way if isinstance(test, AtMost))
    return None if any(goal.get(test.fact, 0) > test.number for test in capped) else goal
