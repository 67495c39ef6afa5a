"""A quick card is one sheet of A4, whatever the plan."""

import io

from playwright.sync_api import Browser
from pypdf import PdfReader

from tests.support.desk import make_people
from tests.support.running import RunningDesk

TYPE = 8.5 * 96 / 72  # the least that is read at arm's length, in CSS pixels


def test_the_quick_card_of_every_plan_is_one_readable_sheet(
    running_desk: RunningDesk, browser: Browser
) -> None:
    make_people(running_desk.services)
    page = running_desk.open(browser, "duty_officer", "/plans")
    page.emulate_media(media="print")
    sheets = {}
    for plan in running_desk.services.rules.library.plans:
        page.goto(f"{running_desk.url}/plans/{plan.id}/card")
        printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
        sheets[plan.id] = len(printed.pages)
        assert page.locator(".quick-card td").first.evaluate(SIZE) >= TYPE
    page.context.close()

    assert len(sheets) > 5
    assert set(sheets.values()) == {1}, sheets


SIZE = "cell => parseFloat(getComputedStyle(cell).fontSize) + 0.01"
