"""An open page learns that the engine, the database or the link is gone, and that it is back."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from incident.clock import FrozenClock
from incident.operations import engine
from incident.queries import shell
from incident.services import Services
from incident.web import pulse
from tests.support.desk import make_incident, make_people
from tests.support.running import DESK_SIZE, PHONE_SIZE, RunningDesk

SOON = 15_000  # milliseconds; the machine is shared
ACCOUNT = "duty_officer"


def turn(services: Services) -> None:
    with services.transaction() as session:
        engine.take_lease(session, "test", services.now())


def later(services: Services, **step: float) -> None:
    assert isinstance(services.clock, FrozenClock)
    services.clock.advance(timedelta(**step))


@pytest.fixture
def services(running_desk: RunningDesk) -> Services:
    make_people(running_desk.services)
    make_incident(running_desk.services)
    turn(running_desk.services)
    return running_desk.services


@pytest.fixture(params=[DESK_SIZE, PHONE_SIZE], ids=["desk", "phone"])
def page(
    request: pytest.FixtureRequest, running_desk: RunningDesk, services: Services, browser: Browser
) -> Iterator[Page]:
    opened = running_desk.open(browser, ACCOUNT, "/desk", request.param)
    yield opened
    opened.context.close()


def test_an_open_page_learns_that_the_engine_stands_still_and_turns_again(
    page: Page, services: Services
) -> None:
    banner = page.locator("#pulse")
    expect(banner).to_be_hidden()
    later(services, seconds=31)
    expect(banner).to_be_visible(timeout=SOON)
    expect(banner).to_contain_text("引擎停跳")
    expect(page.locator("#engine")).to_have_class("pill pill-bad")
    turn(services)
    expect(banner).to_be_hidden(timeout=SOON)


def test_a_page_that_opens_then_shows_it_without_any_script(
    running_desk: RunningDesk, services: Services, browser: Browser
) -> None:
    later(services, seconds=31)
    page = running_desk.open(browser, ACCOUNT, "/plans")
    expect(page.locator("#pulse")).to_be_visible()
    page.context.close()


def test_a_database_that_is_away_makes_the_page_old_though_the_socket_beats(
    running_desk: RunningDesk,
    services: Services,
    browser: Browser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = running_desk.open(browser, ACCOUNT, "/desk")
    expect(page.locator("#link")).to_have_text("实时更新中", timeout=SOON)
    with monkeypatch.context() as patched:
        patched.setattr(pulse, "take", lambda _: shell.AWAY)
        expect(page.locator("#pulse")).to_contain_text("数据库不通", timeout=SOON)
        expect(page.locator("body")).to_have_class("is-stale", timeout=25_000)
    expect(page.locator("#pulse")).to_be_hidden(timeout=SOON)
    expect(page.locator("#stale-note")).to_be_hidden(timeout=SOON)
    page.context.close()


def test_a_link_that_is_lost_makes_the_page_old_within_twenty_seconds(
    running_desk: RunningDesk, services: Services, browser: Browser
) -> None:
    page = running_desk.open(browser, ACCOUNT, "/plans")
    page.clock.install()
    page.goto(f"{running_desk.url}/desk")
    expect(page.locator("#link")).to_have_text("实时更新中", timeout=SOON)
    page.context.set_offline(True)
    page.clock.run_for(20_000)
    expect(page.locator("#stale-note")).to_contain_text("数据已过期")
    assert page.locator("#live-assertive").inner_text().startswith("数据已过期")
    page.context.set_offline(False)
    page.clock.run_for(20_000)
    expect(page.locator("#stale-note")).to_be_hidden(timeout=SOON)
    page.context.close()
