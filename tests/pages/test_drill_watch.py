"""The observers' view: all that players see with what was expected, and nothing to touch."""

import re
from datetime import timedelta
from typing import cast

import pytest

from drills import player
from drills.models import DrillRun
from incident.clock import FrozenClock
from incident.services import Services
from tests.support.desk import make_people
from tests.support.drills import As, begin_run, clients, run_of
from workflows.lifecycle import Role

VIEWS = ("", "?screen=1", "?public=1")
TOUCHED = re.compile(r"<(?:form|button|input|textarea|select)\b")
NUMBERS = re.compile(r"\+86\d+|1[3-9]\d{9}|YL-[A-Z]{2}\d{8}-\d+")


@pytest.fixture
def by(desk: Services) -> As:
    make_people(desk)
    return clients(desk)


@pytest.fixture
def run(desk: Services, by: As) -> DrillRun:
    run = begin_run(desk, make_people(desk)[Role.DIRECTOR])
    cast(FrozenClock, desk.clock).advance(timedelta(minutes=4))
    player.play_due(desk)
    return run_of(desk, run.key)


def inside(page: str) -> str:
    """Return the page's own part, without the shell round it."""
    return page.partition('<main id="content"')[2].partition("</main>")[0]


@pytest.mark.parametrize("role", ["observer", "evaluator", "director"])
def test_observers_see_what_came_and_what_was_expected(by: As, run: DrillRun, role: str) -> None:
    page = by(role).get(f"/drills/{run.key}/watch").text

    for words in ("多名学生先后就诊", "45 分钟内核定级别", "最近的记录", "钟表时间", "发病人数"):
        assert words in page
    assert "网络出现" not in page  # what has not come is not shown


def test_what_was_expected_stands_beside_what_came(by: As, run: DrillRun) -> None:
    page = by("observer").get(f"/drills/{run.key}/watch").text

    card = page.partition("人数多少")[2].partition("</article>")[0]
    assert "20 分钟内答复市政府值班室" in card


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_can_be_touched(by: As, run: DrillRun, view: str) -> None:
    page = by("observer").get(f"/drills/{run.key}/watch{view}").text

    assert TOUCHED.findall(inside(page)) == []


@pytest.mark.parametrize("view", VIEWS[1:])
def test_a_big_screen_has_no_shell(by: As, run: DrillRun, view: str) -> None:
    page = by("observer").get(f"/drills/{run.key}/watch{view}").text

    assert 'class="strip"' not in page
    assert 'class="places"' not in page
    assert 'class="in-drill"' in page
    assert "drill-screen.css" in page


def test_the_public_sees_no_name_number_place_word_or_expectation(
    desk: Services, by: As, run: DrillRun
) -> None:
    officer = make_people(desk)["duty_officer"]
    page = by("observer").get(f"/drills/{run.key}/watch?public=1").text

    private = [
        "示例市第一实验小学",
        "示例路",
        "示例市中心医院",
        "人数多少",
        "多名学生",
        "45 分钟内",
        "沙门氏菌",
        officer.display,
        str(run.incident),
    ]
    assert [word for word in private if word in page] == []
    assert NUMBERS.findall(page.replace(run.key, "")) == []
    assert "演练" in page
    assert "接报" in page


def test_posting_to_a_view_is_no_way_in(by: As, run: DrillRun) -> None:
    observer = by("observer")

    for view in VIEWS:
        assert observer.post(f"/drills/{run.key}/watch{view}").status_code == 405
    for step in ("pause", "resume", "end", "speed", "direct", "insert"):
        assert observer.post(f"/drills/{run.key}/{step}").status_code == 403


def test_an_observer_is_shown_the_view_at_the_drills_own_address(by: As, run: DrillRun) -> None:
    page = by("observer").get(f"/drills/{run.key}").text

    assert "最近的记录" in page
    assert "接下来" not in inside(page)
