"""The macros say what they should: words beside colours, labels, unknown as unknown."""

import re
from datetime import timedelta
from typing import Any

import pytest

from templates import ROOT
from tests.pages.component_pages import NOW, render, snippet

CLOCK: dict[str, Any] = {
    "title": "书面报告",
    "actor": "值班员",
    "receiver": "区政府",
    "basis": "预案 4.2",
    "confidence": "V",
    "starts_at": NOW - timedelta(hours=1),
    "due_at": NOW + timedelta(hours=1),
    "done_at": None,
    "advisory": False,
}


def test_the_components_page_renders_in_both_kinds_and_languages() -> None:
    assert "【演练】" in render(drill=True)
    assert "【演练】" not in render()
    assert '<html lang="en"' in render(language="en")


def test_a_page_renders_for_nobody_signed_in() -> None:
    page = render(me=None, navigation=[])

    assert "退出登录" not in page
    assert 'class="places"' not in page


def test_every_id_on_the_page_is_there_once() -> None:
    ids = re.findall(r'\sid="([^"]+)"', render())

    assert sorted(ids) == sorted(set(ids))


def test_every_control_has_a_label() -> None:
    page = render()
    wrapped = re.findall(r"<label[^>]*>\s*<input", page)
    controls = re.findall(
        r'<(?:input|select|textarea)(?![^>]*(?:type="hidden"|\shidden))[^>]*>', page
    )
    named = [tag for tag in controls if f'for="{_attribute(tag, "id")}"' in page]

    assert len(named) + len(wrapped) == len(controls)


def test_every_description_points_at_something() -> None:
    page = render()
    pointed = " ".join(re.findall(r'aria-(?:describedby|labelledby)="([^"]+)"', page)).split()

    assert pointed
    assert [target for target in pointed if f'id="{target}"' not in page] == []


def test_the_error_summary_leads_to_the_fields() -> None:
    page = render()

    for target in re.findall(r'<a href="#(f-[^"]+)"', page):
        assert f'id="{target}"' in page


@pytest.mark.parametrize(("grade", "numeral"), [("I", "Ⅰ"), ("II", "Ⅱ"), ("III", "Ⅲ"), ("IV", "Ⅳ")])
def test_a_grade_is_a_numeral_and_a_word(grade: str, numeral: str) -> None:
    chip = snippet(
        '{% from "components/marks.html" import grade_chip %}{{ grade_chip(grade) }}', grade=grade
    )

    assert numeral in chip
    assert f"grade_words:{grade}" in chip


@pytest.mark.parametrize(("grade", "word"), [(None, "待定级"), ("ungraded", "非级别")])
def test_no_grade_yet_differs_from_ungraded(grade: str | None, word: str) -> None:
    chip = '{% from "components/marks.html" import grade_chip %}{{ grade_chip(grade) }}'

    assert word in snippet(chip, grade=grade)


@pytest.mark.parametrize(
    ("changes", "standing"),
    [
        ({}, "running"),
        ({"due_at": NOW + timedelta(minutes=21)}, "running"),
        ({"due_at": NOW + timedelta(minutes=20)}, "near"),
        ({"due_at": NOW + timedelta(seconds=1)}, "near"),
        ({"due_at": NOW}, "overdue"),
        ({"due_at": NOW - timedelta(minutes=1)}, "overdue"),
        ({"due_at": None}, "prompt"),
        ({"done_at": NOW}, "done"),
        ({"done_at": NOW, "due_at": NOW}, "done"),
        ({"done_at": NOW, "due_at": NOW - timedelta(seconds=1)}, "late"),
        ({"done_at": NOW, "due_at": None}, "done"),
    ],
)
def test_a_clock_stands_as_its_times_say(changes: dict[str, Any], standing: str) -> None:
    source = '{% from "components/clocks.html" import clock_card %}{{ clock_card(clock, now) }}'

    assert f'class="clock clock-{standing}"' in snippet(source, clock=CLOCK | changes)


def test_a_closed_clock_does_not_tick() -> None:
    source = '{% from "components/clocks.html" import clock_card %}{{ clock_card(clock, now) }}'

    assert "data-due" in snippet(source, clock=CLOCK)
    assert "data-due" not in snippet(source, clock=CLOCK | {"done_at": NOW})


def test_an_unknown_count_is_never_nought() -> None:
    importing = '{% from "components/incident.html" import figure_row %}'
    source = importing + '{{ figure_row([("死亡", n, "人")]) }}'

    assert "不详" in snippet(source, n=None)
    assert "<b>0</b>" in snippet(source, n=0)


def test_a_struck_entry_points_at_its_correction() -> None:
    entry = {
        "seq": 2,
        "at": NOW - timedelta(hours=1),
        "entered_at": NOW,
        "type": "note",
        "actor": None,
        "text": "16 人",
        "corrects": None,
    }
    importing = '{% from "components/incident.html" import entry %}'
    item = snippet(importing + '{{ entry(one, "#e2", corrected_by=3) }}', one=entry)

    assert "<del>16 人</del>" in item
    assert 'href="#e3"' in item
    assert "补录" in item


def test_only_a_persons_own_answer_gets_a_tick() -> None:
    row = {
        "person": "周示例",
        "post": None,
        "phone": None,
        "channel": "sms",
        "status": "delivered",
        "status_at": NOW,
        "reason": None,
        "acknowledged_at": None,
        "answer": None,
        "next": None,
    }
    source = '{% from "components/people.html" import delivery_row %}{{ delivery_row(row) }}'

    assert "verdict-met" not in snippet(source, row=row)
    assert "verdict-met" in snippet(source, row=row | {"acknowledged_at": NOW})


def test_hostile_words_stay_words() -> None:
    source = '{% from "components/page.html" import empty_state %}{{ empty_state(words, words) }}'

    assert "<script" not in snippet(source, words="<script>alert(1)</script>")


def test_the_catalogue_has_every_word_of_the_components() -> None:
    catalogue = "".join(path.read_text() for path in (ROOT / "translations" / "en").glob("*.po"))
    folder = ROOT / "pages"
    files = [folder / "layout.html", *(folder / "components").iterdir(), folder / "components.html"]
    asked = {
        word for file in files for word in re.findall(r"\b_\([\"'](.+?)[\"']\)", file.read_text())
    }

    assert [word for word in sorted(asked - {"text"}) if f'msgid "{word}"' not in catalogue] == []


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return found[1] if found else ""
