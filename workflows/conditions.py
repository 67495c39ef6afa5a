"""Compile the conditions of a plan file into the form that is evaluated."""

from collections.abc import Mapping
from typing import Final

from workflows.criteria import AtLeast, AtMost, Condition, OneOf, Question, Test, all_of, any_of
from workflows.facts import FACTS, FactType
from workflows.problems import Mistake, Path

FORMS: Final = "a fact with at_least, at_most, one_of or is; or all, any, expert"
NEVER: Final = Condition(ways=((),))


def compile_condition(raw: object, at: Path) -> tuple[Condition, list[Mistake]]:
    """Return the condition and what is wrong with it; of no use when anything is wrong."""
    mistakes: list[Mistake] = []
    return _Compiler(mistakes).condition(raw, at), mistakes


class _Compiler:
    """Walks a condition and collects mistakes on the way."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self._mistakes = mistakes

    def condition(self, raw: object, at: Path) -> Condition:
        match raw:
            case {"all": list(parts), **rest} if parts and not rest:
                return all_of(self._parts(parts, (*at, "all")))
            case {"any": list(parts), **rest} if parts and not rest:
                return any_of(self._parts(parts, (*at, "any")))
            case {"expert": str(text), **rest} if text and not rest:
                return _single(Question(text))
            case {"fact": str(name), **tests} if tests:
                return self._fact(name, {str(word): said for word, said in tests.items()}, at)
        return self._wrong(at, "this is not a condition", f"write {FORMS}")

    def _parts(self, parts: list[object], at: Path) -> list[Condition]:
        return [self.condition(part, (*at, position)) for position, part in enumerate(parts)]

    def _fact(self, name: str, tests: Mapping[str, object], at: Path) -> Condition:
        fact = FACTS.get(name)
        if fact is None:
            return self._wrong(
                (*at, "fact"), f"unknown fact `{name}`", f"one of {', '.join(FACTS)}"
            )
        return all_of(
            self._test(name, fact, (word, value), (*at, word)) for word, value in tests.items()
        )

    def _test(self, name: str, fact: FactType, said: tuple[str, object], at: Path) -> Condition:
        word, value = said
        match word, value:
            case (("at_least" | "at_most"), int(number)) if fact.kind == "count" == _kind(value):
                return _single(
                    AtLeast(name, number) if word == "at_least" else AtMost(name, number)
                )
            case "one_of", list(values) if values and all(map(fact.accepts, values)):
                return _single(OneOf(name, frozenset(values)))
            case "is", _ if fact.accepts(value) and isinstance(value, int | str):
                return _single(OneOf(name, frozenset({value})))
        return self._wrong(at, f"`{word}: {value}` does not suit `{name}`", _suits(fact))

    def _wrong(self, at: Path, what: str, right: str) -> Condition:
        self._mistakes.append(Mistake(at, what, right))
        return NEVER


def _single(test: Test) -> Condition:
    return Condition(ways=((test,),))


def _kind(value: object) -> str:
    return "flag" if isinstance(value, bool) else "count"


def _suits(fact: FactType) -> str:
    words = "at_least or at_most" if fact.kind == "count" else "is or one_of"
    return f"{words} with {fact.wanted}"
