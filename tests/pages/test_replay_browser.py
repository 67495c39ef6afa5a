"""The slider of a replay in a real browser: by mouse, by keys, and without script."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from incident.clock import FrozenClock
from tests.support.desk import act, make_incident, make_people
from tests.support.running import PHONE_SIZE, RunningDesk, session_cookie


@pytest.fixture
def number(running_desk: RunningDesk) -> str:
    """Return an incident with five notes, an hour apart."""
    services = running_desk.services
    officer = make_people(services)["duty_officer"]
    incident = make_incident(services)
    assert isinstance(services.clock, FrozenClock)
    for n in range(1, 6):
        services.clock.advance(timedelta(hours=1))
        act(services, incident, "note", officer, text=f"第{n}次来电")
    return incident.number


def shown(page: Page) -> str:
    return page.locator(".replay-then .timeline .entry-text").first.inner_text()


def test_the_slider_scrubs_without_a_new_page(
    running_desk: RunningDesk, browser: Browser, number: str
) -> None:
    page = running_desk.open(browser, "commander", f"/incidents/{number}/replay")
    page.evaluate("window.notReloaded = true")
    slider = page.locator("#replay-n")
    expect(slider).to_have_value("6")

    slider.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".replay-then .entry-text").first).to_have_text("第3次来电")
    expect(page.locator("[data-replay-place]")).to_have_text("4")
    assert "14:00:00" in (slider.get_attribute("aria-valuetext") or "")
    assert page.url.endswith("?n=4")

    page.keyboard.press("Home")
    expect(page.locator(".replay-then [data-seq]")).to_have_count(2)
    assert page.evaluate("window.notReloaded") is True
    page.context.close()


def test_arrows_and_steps_move_from_anywhere(
    running_desk: RunningDesk, browser: Browser, number: str
) -> None:
    page = running_desk.open(browser, "commander", f"/incidents/{number}/replay?n=3")
    page.locator("h1").click()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".replay-then .entry-text").first).to_have_text("第3次来电")

    page.get_by_role("link", name="上一笔").click()
    expect(page.locator(".replay-then .entry-text").first).to_have_text("第2次来电")
    page.get_by_role("link", name="最近").click()
    expect(page.locator(".replay-then .entry-text").first).to_have_text("第5次来电")
    expect(page.locator("[data-step=next]")).to_have_attribute("aria-disabled", "true")
    expect(page.locator("[data-without-script]")).to_be_hidden()
    page.context.close()


def test_fast_scrubbing_ends_where_the_slider_stands(
    running_desk: RunningDesk, browser: Browser, number: str
) -> None:
    page = running_desk.open(browser, "commander", f"/incidents/{number}/replay")
    page.locator("#replay-n").focus()
    for key in ("Home", "ArrowRight", "End", "ArrowLeft", "Home", "ArrowRight"):
        page.keyboard.press(key)

    expect(page.locator(".replay-then .entry-text").first).to_have_text("第1次来电")
    expect(page.locator("[data-replay-then]")).to_have_attribute("data-n", "2")
    page.context.close()


def test_without_script_the_slider_is_a_form(
    running_desk: RunningDesk, browser: Browser, number: str
) -> None:
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": PHONE_SIZE[0], "height": PHONE_SIZE[1]}
    )
    name, value = session_cookie(running_desk.services, "commander")
    context.add_cookies([{"name": name, "value": value, "url": running_desk.url}])
    page = context.new_page()
    page.goto(f"{running_desk.url}/incidents/{number}/replay")
    page.locator("#replay-n").press("ArrowLeft")
    page.get_by_role("button", name="看这一刻").click()
    assert shown(page) == "第4次来电"
    page.get_by_role("link", name="上一笔").click()
    assert shown(page) == "第3次来电"
    page.locator("#replay-at").fill("2026-11-23T12:30")
    page.get_by_role("button", name="去看").click()
    assert shown(page) == "第1次来电"
    context.close()
