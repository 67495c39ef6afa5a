"""The desk in a real browser: it sounds, a person takes it on by a key, and pages follow live."""

import io
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader
from sqlalchemy import update

from incident.jobs.lead import Leadership
from incident.models import Incident, IncidentClock
from incident.services import Services
from tests.support.desk import make_incident, make_people, make_person
from tests.support.reaching import answer_as, called
from tests.support.running import DESK_SIZE, PHONE_SIZE, RunningDesk

SECONDS = 15_000
UNDER_60_KB = 60_000


def quiet(services: Services, incident: Incident) -> Incident:
    """Let nothing but the call of an incident sound."""
    with services.transaction() as session:
        mine = IncidentClock.incident_id == incident.id
        session.execute(update(IncidentClock).where(mine).values(satisfied_at=services.now()))
    return incident


def wait_for_sound(page: Page, sound: str) -> None:
    page.locator(f"body[data-sounding='{sound}']").wait_for(state="attached", timeout=SECONDS)


@pytest.fixture
def officer(running_desk: RunningDesk, browser: Browser) -> Iterator[Page]:
    make_people(running_desk.services)
    Leadership(running_desk.services).turn()
    page = running_desk.open(browser, "duty_officer", "/desk")
    page.locator("#link", has_text="实时更新中").wait_for(timeout=SECONDS)
    page.evaluate("window.notReloaded = true")
    yield page
    page.context.close()


def test_a_report_sounds_and_key_a_silences_every_desk(
    running_desk: RunningDesk, browser: Browser, officer: Page
) -> None:
    other = running_desk.open(browser, "duty_leader", "/desk")
    wait_for_sound(officer, "")
    assert officer.locator("[data-sound-state]").inner_text() == "声音未开"
    quiet(running_desk.services, make_incident(running_desk.services))
    wait_for_sound(officer, "call")
    wait_for_sound(other, "call")
    officer.keyboard.press("a")
    wait_for_sound(officer, "")
    wait_for_sound(other, "")

    assert officer.locator("[data-sound-state]").inner_text() == "声音已开"
    assert officer.evaluate("window.notReloaded") is True
    other.context.close()


def test_key_a_takes_on_the_chosen_row(running_desk: RunningDesk, officer: Page) -> None:
    services = running_desk.services
    first, second = (quiet(services, make_incident(services)) for _ in range(2))
    officer.locator(f'tr[data-row-link="/incidents/{second.number}"]').wait_for(timeout=SECONDS)
    officer.locator(".siren").nth(1).wait_for(timeout=SECONDS)
    rows = officer.locator("tr[data-row-link]").evaluate_all("rs => rs.map(r => r.dataset.rowLink)")
    officer.keyboard.press("j")
    officer.keyboard.press("j")
    officer.keyboard.press("a")
    officer.locator(".siren:not([hidden])").nth(1).wait_for(state="detached", timeout=SECONDS)

    left = officer.locator(".siren:not([hidden]) a").get_attribute("href")
    assert left == f"{rows[0]}/messages"
    assert rows[1].endswith((first.number, second.number))


def test_the_self_test_sounds_and_is_put_on_record(officer: Page) -> None:
    officer.locator("[data-self-test] summary").click()
    for name in ("siren", "call", "drill"):
        officer.locator(f"[data-try-sound={name}]").click()
    assert officer.locator("[data-sound-state]").inner_text() == "声音已开"
    officer.locator(".self-test-sheet form button").click()
    officer.wait_for_load_state()
    officer.locator("[data-self-test] summary").click()

    assert "上次自检：值班员" in officer.locator(".self-test-sheet").inner_text()


def test_a_dead_engine_sounds_until_somebody_knows(officer: Page) -> None:
    officer.evaluate(
        "document.dispatchEvent(new CustomEvent('tocsin:pulse', {detail: {state: 'silent'}}))"
    )
    wait_for_sound(officer, "siren")
    officer.keyboard.press("a")
    wait_for_sound(officer, "")

    assert officer.locator("[data-engine-siren]").is_hidden()


def test_an_answer_appears_on_the_page_of_people_without_reload(
    running_desk: RunningDesk, browser: Browser
) -> None:
    services = running_desk.services
    incident = make_incident(services)
    address = f"/incidents/{incident.number}/messages"
    page = running_desk.open(browser, "duty_leader", address)
    page.locator("#link", has_text="实时更新中").wait_for(timeout=SECONDS)
    page.evaluate("window.notReloaded = true")
    answer_as(services, incident, make_people(services)["duty_officer"], "under_way")
    page.locator(".glance-knows li", has_text="值班员").wait_for(timeout=SECONDS)

    assert page.evaluate("window.notReloaded") is True
    page.context.close()


def test_a_call_is_logged_without_scripts(running_desk: RunningDesk, browser: Browser) -> None:
    services = running_desk.services
    incident = make_incident(services)
    signed_in = running_desk.open(browser, "duty_leader", "/desk")
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(signed_in.context.cookies())  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{running_desk.url}/incidents/{incident.number}/messages")
    row = page.locator("tr.reached", has_text="值班员").first
    row.locator(".call-log summary").click()
    row.locator("input[name=note]").fill("手机")
    row.get_by_role("button", name="收到").click()

    assert called(services, incident, "值班员").answered_by == "call"
    page.goto(f"{running_desk.url}/m/{incident.number}")
    page.get_by_role("button", name="已阅").click()
    assert "您已阅" in page.locator(".thumb").inner_text()
    for left in (context, signed_in.context):
        left.close()


def test_the_call_sheet_of_twelve_people_is_one_side_of_a4(
    running_desk: RunningDesk, browser: Browser
) -> None:
    services = running_desk.services
    for number in range(60, 72):
        make_person(services, f"group{number}", "group_member", number=number)
    make_incident(services, state="responding")
    make_incident(services, drill="D1")
    page = running_desk.open(browser, "duty_officer", "/desk/call-list")
    sheet = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    text = sheet.pages[0].extract_text()

    assert page.locator("tbody tr").count() >= 12
    assert len(sheet.pages) == 1
    assert "+86100000000060" in text
    assert "【演练】" in text
    page.context.close()


def test_the_leaders_page_is_light_fits_and_prints_on_one_side(
    running_desk: RunningDesk, browser: Browser
) -> None:
    make_incident(running_desk.services, state="responding", unit={"name": "特" * 100})
    page = running_desk.open(browser, "leader", "/healthz", PHONE_SIZE)
    loaded: list[int] = []
    page.on("response", lambda answer: loaded.append(len(answer.body())))
    page.goto(f"{running_desk.url}/m")
    page.wait_for_load_state("networkidle")

    assert 5_000 < sum(loaded) < UNDER_60_KB
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE_SIZE[0]
    small = page.locator("button, .thumb a, .thumb span, select, input:not([type=hidden])")
    heights = small.evaluate_all(
        "all => all.filter(e => e.checkVisibility()).map(e => e.offsetHeight)"
    )
    assert min(heights) >= 44
    assert len(PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages) == 1
    page.context.close()


@pytest.mark.parametrize("size", [DESK_SIZE, PHONE_SIZE, (320, 640)], ids=["desk", "phone", "320"])
def test_nothing_overflows_and_no_policy_is_broken(
    running_desk: RunningDesk, browser: Browser, size: tuple[int, int]
) -> None:
    incident = make_incident(running_desk.services, unit={"name": "特" * 100}, drill="D1")
    make_incident(running_desk.services)
    page = running_desk.open(browser, "duty_leader", "/desk", size)
    said: list[str] = []
    page.on("console", lambda told: said.append(told.text) if told.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    paths = ("/desk", "/desk/call-list", f"/incidents/{incident.number}/messages", "/instructions")
    for path in (*paths, "/m", f"/m/{incident.number}"):
        page.goto(running_desk.url + path)
        width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert width <= 0, path
    assert said == []
    page.context.close()
