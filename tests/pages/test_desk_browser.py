"""The desk and the report in a real browser: by keyboard, live on a second screen, in any size."""

import io
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader
from sqlalchemy import func, select

from incident.jobs.lead import Leadership
from incident.models import Draft, Incident
from tests.support.desk import make_incident, make_people
from tests.support.running import DESK_SIZE, PHONE_SIZE, RunningDesk

PATHS = (
    "/desk",
    "/desk/call-list",
    "/reports/new",
    "/reports/new/steps",
    "/reports/drafts",
    "/plans",
    "/plans/food-CN@2011",
    "/plans/food-CN@2011/card",
)
SECONDS = 15_000


@pytest.fixture
def two(running_desk: RunningDesk, browser: Browser) -> Iterator[tuple[Page, Page]]:
    """Two officers: one takes the call, the other looks at the desk."""
    make_people(running_desk.services)
    screen = running_desk.open(browser, "duty_leader", "/desk")
    officer = running_desk.open(browser, "duty_officer", "/desk")
    yield officer, screen
    for page in (officer, screen):
        page.context.close()


def test_a_call_is_typed_by_keyboard_alone_and_the_other_screen_follows(
    running_desk: RunningDesk, two: tuple[Page, Page]
) -> None:
    officer, screen = two
    expect(screen.locator("#link")).to_contain_text("实时更新中")
    screen.evaluate("window.notReloaded = true")
    keys = officer.keyboard
    keys.press("n")
    officer.wait_for_url("**/reports/new/*")
    officer.locator("#f-received_at").focus()
    pressed = go(officer, "f-kind")
    keys.press("Space")
    pressed += 1 + go(officer, "f-place-division")
    keys.type("330106")
    pressed += go(officer, "f-place-address")
    keys.type("示例路1号")
    pressed += go(officer, "f-unit-name")
    keys.type("示例市第一实验小学")
    pressed += go(officer, "f-counts-ill")
    keys.type("34")
    pressed += go(officer, "f-counts-deaths")
    keys.type("0")
    pressed += go(officer, "f-reporter-phone")
    keys.type("+8610000000091")
    officer.wait_for_selector("[data-state=stored]", timeout=SECONDS)
    assert kept(running_desk) == "示例市第一实验小学"
    assert officer.locator("#hints").inner_text().count("一般") == 1
    keys.press("Enter")
    officer.wait_for_url("**/check")
    pressed += 1 + go(officer, None)
    keys.press("Enter")
    officer.wait_for_url("**/done")
    number = officer.locator(".big-number").inner_text()

    screen.wait_for_selector(f'tr[data-row-link="/incidents/{number}"]', timeout=SECONDS)
    expect(screen.locator("h1")).to_contain_text(re.compile("^1 起待核"))
    assert screen.evaluate("window.notReloaded") is True
    assert pressed + 1 <= 45
    with running_desk.services.reading() as session:
        assert session.scalar(select(func.count(Incident.id))) == 1


def test_a_lost_link_and_a_second_click_file_one_report(
    running_desk: RunningDesk, two: tuple[Page, Page]
) -> None:
    officer, _ = two
    officer.goto(f"{running_desk.url}/reports/new")
    officer.locator("input[name=kind]").first.check()
    officer.locator("#f-place-division").fill("330106")
    officer.locator("#f-counts-ill").fill("12")
    officer.locator("main .button-primary").click()
    officer.wait_for_url("**/check")
    address = officer.url
    officer.route("**/file", lambda route: (route.fetch(max_redirects=0), route.abort()))
    officer.locator("main form .button-primary").click()
    officer.unroute_all(behavior="wait")
    officer.goto(address)

    officer.wait_for_url("**/done")
    officer.goto(address.removesuffix("/check"))
    officer.wait_for_url("**/done")
    with running_desk.services.reading() as session:
        assert session.scalar(select(func.count(Incident.id))) == 1


def test_keys_move_through_the_queue_and_open_it(
    running_desk: RunningDesk, two: tuple[Page, Page]
) -> None:
    officer, _ = two
    for _ in range(2):
        make_incident(running_desk.services)
    officer.goto(f"{running_desk.url}/desk")
    officer.keyboard.press("j")
    officer.keyboard.press("j")
    chosen = officer.locator("tr.is-chosen").get_attribute("data-row-link")
    officer.keyboard.press("Enter")
    officer.wait_for_url(f"**{chosen}")
    officer.goto(f"{running_desk.url}/desk")
    officer.keyboard.press("p")
    officer.wait_for_url("**/desk/call-list?print=1")


def test_ten_incidents_stand_on_the_screen_and_the_call_list_on_one_sheet(
    running_desk: RunningDesk, two: tuple[Page, Page]
) -> None:
    officer, _ = two
    Leadership(running_desk.services).turn()
    for _ in range(10):
        make_incident(running_desk.services)
    officer.goto(f"{running_desk.url}/desk")
    last = officer.locator("tr[data-row-link]").nth(9).bounding_box()
    officer.goto(f"{running_desk.url}/desk/call-list")
    sheet = PdfReader(io.BytesIO(officer.pdf(prefer_css_page_size=True)))

    assert last is not None
    assert last["y"] + last["height"] <= DESK_SIZE[1]
    assert len(sheet.pages) == 1
    assert "值班员" in sheet.pages[0].extract_text()


def test_the_desk_reads_without_script(running_desk: RunningDesk, browser: Browser) -> None:
    incident = make_incident(running_desk.services)
    page = running_desk.open(browser, "duty_officer", "/desk")
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    plain = context.new_page()
    plain.goto(f"{running_desk.url}/desk")

    assert incident.number in plain.locator("main").inner_text()
    assert plain.locator('meta[http-equiv="refresh"]').count() == 1
    context.close()
    page.context.close()


@pytest.mark.parametrize("size", [DESK_SIZE, PHONE_SIZE, (320, 640)], ids=["desk", "phone", "320"])
def test_nothing_overflows_and_no_policy_is_broken(
    running_desk: RunningDesk, browser: Browser, size: tuple[int, int]
) -> None:
    make_incident(running_desk.services, unit={"name": "特" * 100}, drill="D1")
    make_incident(running_desk.services)
    page = running_desk.open(browser, "duty_officer", "/desk", size)
    said: list[str] = []
    page.on("console", lambda told: said.append(told.text) if told.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    for path in PATHS:
        page.goto(running_desk.url + path)
        width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert (path, width) == (path, min(width, 0))
    page.context.close()

    assert said == []


def go(page: Page, field: str | None) -> int:
    """Press Tab until a field, or the page's primary button, has the focus; return how often."""
    here = "document.activeElement.id" if field else "document.activeElement.className"
    for pressed in range(40):
        found = page.evaluate(here)
        if found == field or (field is None and "button-primary" in found):
            return pressed
        page.keyboard.press("Tab")
    raise AssertionError(f"{field} cannot be reached by Tab")


def kept(desk: RunningDesk) -> str:
    with desk.services.reading() as session:
        draft = session.scalar(select(Draft))
        assert draft is not None
        return str(draft.content["fields"]["unit.name"])
