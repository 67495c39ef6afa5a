"""The condition language: three answers and the expert's, joined without ever guessing."""

from collections.abc import Mapping
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.conditions import compile_condition
from workflows.criteria import Answer, Condition
from workflows.facts import FactValue

ANSWERS: Mapping[str, object] = {
    "met": {"fact": "ill", "at_least": 1},
    "not_met": {"fact": "ill", "at_least": 2},
    "no_data": {"fact": "deaths", "at_least": 1},
    "expert": {"expert": "asked"},
}
FACTS: Mapping[str, FactValue] = {"ill": 1}
RANK = ("not_met", "no_data", "expert", "met")


def compiled(raw: object) -> Condition:
    condition, mistakes = compile_condition(raw, ())
    assert not mistakes
    return condition


@pytest.mark.parametrize(("first", "second"), list(product(ANSWERS, repeat=2)))
def test_all_takes_the_least_answer_and_any_the_greatest(first: str, second: str) -> None:
    parts = [ANSWERS[first], ANSWERS[second]]
    ranks = sorted((first, second), key=RANK.index)
    assert compiled({"all": parts}).answer(FACTS).word == ranks[0]
    assert compiled({"any": parts}).answer(FACTS).word == ranks[1]


def _answer(raw: object, facts: Mapping[str, FactValue]) -> Answer:
    """Answer by walking the nested form, without the compiled ways."""
    match raw:
        case {"all": list(parts)}:
            return min(_answer(part, facts) for part in parts)
        case {"any": list(parts)}:
            return max(_answer(part, facts) for part in parts)
    return compiled(raw).answer(facts)


leaves = st.one_of(
    st.builds(
        lambda fact, word, number: {"fact": fact, word: number},
        st.sampled_from(["ill", "deaths", "severe"]),
        st.sampled_from(["at_least", "at_most"]),
        st.integers(0, 4),
    ),
    st.sampled_from([{"expert": "asked"}, {"fact": "overseas", "is": True}]),
)
conditions = st.recursive(
    leaves,
    lambda parts: st.builds(
        lambda word, some: {word: some},
        st.sampled_from(["all", "any"]),
        st.lists(parts, min_size=1, max_size=3),
    ),
    max_leaves=6,
)
facts_known = st.fixed_dictionaries(
    {},
    optional={
        "ill": st.integers(0, 4),
        "deaths": st.integers(0, 4),
        "severe": st.integers(0, 4),
        "overseas": st.booleans(),
    },
)


@given(conditions, facts_known)
def test_the_compiled_form_answers_as_the_written_one(
    raw: object, facts: Mapping[str, FactValue]
) -> None:
    assert compiled(raw).answer(facts) is _answer(raw, facts)


@given(conditions, facts_known)
def test_a_distance_leads_to_a_condition_that_holds(
    raw: object, facts: Mapping[str, FactValue]
) -> None:
    condition = compiled(raw)
    for goal in condition.distances(facts):
        assert condition.answer({**facts, **goal}) is Answer.MET


@pytest.mark.parametrize(
    ("raw", "facts", "expected"),
    [
        ({"fact": "ill", "at_least": 3}, {"ill": 2}, "not_met"),
        ({"fact": "ill", "at_least": 3}, {"ill": 3}, "met"),
        ({"fact": "ill", "at_least": 3}, {"ill": None}, "no_data"),
        ({"fact": "ill", "at_least": 0}, {}, "no_data"),
        ({"fact": "ill", "at_most": 3}, {"ill": 3}, "met"),
        ({"fact": "ill", "at_most": 3}, {"ill": 4}, "not_met"),
        ({"fact": "ill", "at_least": 3, "at_most": 5}, {"ill": 6}, "not_met"),
        ({"fact": "setting", "is": "school"}, {"setting": "school"}, "met"),
        ({"fact": "setting", "one_of": ["school", "home"]}, {"setting": "clinic"}, "not_met"),
        ({"fact": "overseas", "is": False}, {"overseas": False}, "met"),
        ({"fact": "overseas", "is": False}, {}, "no_data"),
    ],
)
def test_a_test_of_one_fact_answers(
    raw: object, facts: Mapping[str, FactValue], expected: str
) -> None:
    assert compiled(raw).answer(facts).word == expected


def test_unknown_facts_of_a_way_that_cannot_hold_are_not_listed() -> None:
    raw = {
        "any": [
            {"all": [{"fact": "ill", "at_least": 5}, {"fact": "deaths", "at_least": 1}]},
            {"all": [{"fact": "ill", "at_least": 1}, {"fact": "severe", "at_least": 1}]},
        ]
    }
    assert compiled(raw).unknown({"ill": 2}) == ("severe",)


def test_a_distance_may_need_several_counts_and_never_passes_a_bound() -> None:
    raw = {"all": [{"fact": "ill", "at_least": 5}, {"fact": "deaths", "at_least": 1}]}
    assert compiled(raw).distances({"ill": 2}) == ({"ill": 5, "deaths": 1},)
    bounded = {"fact": "ill", "at_least": 5, "at_most": 3}
    assert compiled(bounded).distances({"ill": 2}) == ()
