"""The room in a real browser: what comes while one looks, and the keys that are listed."""

import re

from playwright.sync_api import Browser, Page, expect

from incident.queries import timeline
from tests.support.desk import act, make_incident, make_people
from tests.support.running import PHONE_SIZE, RunningDesk
from workflows.lifecycle import Role, State

# What a key reaches is noted instead of done.
WATCH = """() => {
  window.acted = null;
  const note = event => {
    window.acted = event.target.closest("[data-key]")?.dataset.key;
    event.preventDefault();
  };
  document.addEventListener("click", note, {capture: true});
  document.addEventListener("focusin", note);
}"""


def test_a_correction_strikes_the_old_entry_on_an_open_page(
    running_desk: RunningDesk, browser: Browser
) -> None:
    services = running_desk.services
    officer = make_people(services)[Role.DUTY_OFFICER]
    incident = make_incident(services, state=State.GRADING, grade="III")
    act(services, incident, "note", officer, text="收治83人")
    with services.reading() as session:
        seq = timeline.last_seq(session, incident.id)
    page = running_desk.open(browser, "commander", f"/incidents/{incident.number}")
    expect(page.locator("#link")).to_contain_text("实时更新中")
    page.evaluate("window.notReloaded = true")

    act(services, incident, "note", officer, text="应为38人", corrects=seq)

    expect(page.locator(f"#e{seq}.entry-struck del")).to_have_text("收治83人")
    expect(page.locator(".entry-correction .entry-text")).to_contain_text("应为38人")
    assert page.locator(f"#e{seq}").count() == 1
    assert page.evaluate("window.notReloaded") is True
    page.context.close()


def test_each_key_that_is_listed_works(running_desk: RunningDesk, browser: Browser) -> None:
    incident = make_incident(running_desk.services)
    page = running_desk.open(browser, "duty_officer", "/desk")
    tried = set()
    for path in ("/desk", f"/incidents/{incident.number}", "/reports/mine", "/plans"):
        for key in listed(page, running_desk.url + path):
            page.evaluate(WATCH)
            page.keyboard.press(key.lower())
            assert page.evaluate("window.acted") == key.lower(), (path, key)
            page.evaluate("document.activeElement.blur()")
            tried.add(key)
    page.context.close()

    assert {"/", "N", "P", "R", "U"} <= tried


def test_no_key_is_listed_for_what_the_page_lacks(
    running_desk: RunningDesk, browser: Browser
) -> None:
    make_people(running_desk.services)
    page = running_desk.open(browser, "system_admin", "/account", PHONE_SIZE)
    page.keyboard.press("?")

    expect(page.locator("#key-help")).to_be_visible()
    assert re.sub(r"\s", "", page.locator("#key-help dl").inner_text()) == "?显示这张表"
    page.context.close()


def listed(page: Page, address: str) -> list[str]:
    """Return the keys that the page lists beside those for rows and the list itself."""
    page.goto(address)
    page.keyboard.press("?")
    keys = page.locator("#key-help [data-key-found] kbd").all_inner_texts()
    page.keyboard.press("Escape")
    expect(page.locator("#key-help")).to_be_hidden()
    return keys
