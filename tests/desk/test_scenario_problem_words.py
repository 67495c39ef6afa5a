"""What the check of a scenario finds is said in the words of the page too."""

import re

import pytest

from drills.scenario.problem_words import in_words, tell
from drills.writing import drafts
from tests.desk.test_scenario_check import BROKEN, GOOD
from workflows.library import Library

CHINESE = re.compile(r"[\u4e00-\u9fff]")
LIBRARY = Library.load()


@pytest.mark.parametrize("name", BROKEN)
def test_every_problem_has_words(name: str) -> None:
    old, new, _ = BROKEN[name]

    checked = drafts.check("a-test", GOOD.replace(old, new), LIBRARY)

    assert checked.mistakes
    for one in checked.mistakes:
        assert CHINESE.search(in_words(one.what, "zh")), one.what
        right = in_words(one.right, "zh")
        assert CHINESE.search(right) or right == "food", right
        assert in_words(one.what, "en") == one.what


def test_a_problem_says_where_it_stands() -> None:
    text = GOOD.replace("id: asks, at: 5m,", "id: asks, at: 61m,")
    checked = drafts.check("a-test", text, LIBRARY)
    assert isinstance(checked.found.source.content, dict)

    told = tell(checked.mistakes[0], checked.found.source.content, 7, "zh")

    assert (told.section, told.place, told.field, told.line) == ("injects", 1, "at", 7)
    assert told.where == "注入 · asks · T+（分段开始后）"
