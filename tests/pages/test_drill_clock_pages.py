"""A drill's clock on each of its pages: drill time, speed, wall time, a mark while it stands."""

from datetime import timedelta
from typing import cast

import pytest

from incident.app import create_app
from incident.clock import FrozenClock
from incident.operations import pace
from incident.services import Services
from tests.pages.incident_client import browser
from tests.support.desk import let_run, make_incident, make_people

DRILL = "YL20261123-01"
PAGES = ("", "/clocks", "/facts", "/board", "/messages", "/briefings", "/files", "/grade")


def page(desk: Services, number: str, path: str = "") -> str:
    make_people(desk)
    return browser(create_app(desk), "duty_officer").read(f"/incidents/{number}{path}")


def pause(desk: Services) -> None:
    with desk.transaction() as session:
        pace.stand(session, DRILL, now=desk.now())


def later(desk: Services, **passed: float) -> None:
    cast(FrozenClock, desk.clock).advance(timedelta(**passed))


@pytest.fixture
def number(desk: Services) -> str:
    """The incident of a drill at twelve times the speed, five minutes after it began."""
    let_run(desk, DRILL, speed=12)
    made = make_incident(desk, state="responding", drill=DRILL).number
    later(desk, minutes=5)
    return made


def test_every_page_of_a_drill_shows_both_times(desk: Services, number: str) -> None:
    for path in PAGES:
        shown = page(desk, number, path)

        assert "【演练】" in shown, path
        assert ">T+1:00:00<" in shown, path
        assert "12 倍速" in shown, path
        assert "钟表时间" in shown, path


def test_a_drill_that_stands_says_so_and_counts_nothing(desk: Services, number: str) -> None:
    pause(desk)
    before = page(desk, number, "/clocks")
    later(desk, hours=9)
    after = page(desk, number, "/clocks")

    assert "<strong>暂停</strong>" in after
    assert ">T+1:00:00<" in after
    assert "data-stands" in after
    assert lengths(after) == lengths(before)


def test_what_is_real_bears_no_clock_of_a_drill(desk: Services, number: str) -> None:
    shown = page(desk, make_incident(desk, state="responding").number)

    assert 'class="drill-clock' not in shown
    assert "data-stands" not in shown
    assert "data-speed" not in shown


def lengths(shown: str) -> list[str]:
    """Return the lengths of time that the clocks of a page show."""
    return [part.partition("<")[0] for part in shown.split("data-remaining>")[1:]]
