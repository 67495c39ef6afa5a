"""The watch in a browser: the whole handover by two people, on a phone, and on paper."""

import io
import unicodedata

from playwright.sync_api import Browser, Page
from pypdf import PdfReader
from sqlalchemy import select

from incident.models import Handover
from tests.support.desk import PASSWORD, make_incident, make_people
from tests.support.roster import make_officers, make_post, make_rotation
from tests.support.running import PHONE_SIZE, RunningDesk
from tests.support.watch import begin, make_entry, sign
from workflows.lifecycle import Role

SIDE, LONG = 595, 842  # points of A4


def fill(desk: RunningDesk) -> int:
    """Let the second of four officers have signed; return the handover."""
    make_people(desk.services)
    officers = make_officers(desk.services)
    make_rotation(desk.services, make_post(desk.services), [(one, None) for one in officers])
    make_incident(desk.services)
    make_entry(desk.services, officers[1])
    number = begin(desk.services, officers[1])
    sign(desk.services, number, officers[1])
    return number


def paper(page: Page) -> PdfReader:
    return PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))


def read(found: PdfReader) -> str:
    """Return the words of the first sheet, as they were before a font replaced them."""
    return unicodedata.normalize("NFKC", found.pages[0].extract_text())


def size(found: PdfReader) -> tuple[int, int]:
    box = found.pages[0].mediabox
    return round(float(box.width)), round(float(box.height))


def test_who_comes_ticks_writes_and_signs_on_a_phone(
    running_desk: RunningDesk, browser: Browser
) -> None:
    number = fill(running_desk)
    page = running_desk.open(browser, "officer-c", f"/watch/handover/{number}", PHONE_SIZE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE_SIZE[0]

    boxes = page.locator("input[name=accepted]")
    for place in range(1, boxes.count()):
        boxes.nth(place).check()
    page.locator("input[name^='reasons.']").first.fill("材料没有交全")
    page.locator(".take-form input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="签字接班").click()

    page.get_by_text("已接班；未接收的事项仍由交班人负责").wait_for()
    with running_desk.services.reading() as session:
        assert session.scalars(select(Handover.state)).one() == "partly"


def test_the_packet_prints_on_a_sheet_with_room_for_two_names(
    running_desk: RunningDesk, browser: Browser
) -> None:
    number = fill(running_desk)
    page = running_desk.open(browser, "officer-c", f"/watch/handover/{number}")

    found = paper(page)
    text = read(found)

    assert len(found.pages) == 1
    assert size(found) == (SIDE, LONG)
    for told in ("交接班单", "未办结事件", "officer-b", "签字 ____", "□ 接收"):
        assert told in text
    assert "不接收，理由" not in text


def test_a_day_of_the_log_prints_across(running_desk: RunningDesk, browser: Browser) -> None:
    fill(running_desk)
    page = running_desk.open(browser, Role.DUTY_OFFICER, "/watch/log")

    found = paper(page)

    assert size(found) == (LONG, SIDE)
    text = read(found)
    assert "午饭后多人呕吐" in text
    assert "记入日志" not in text


def test_a_leader_prints_no_callers_name(running_desk: RunningDesk, browser: Browser) -> None:
    fill(running_desk)
    page = running_desk.open(browser, Role.LEADER, "/watch/log")

    text = read(paper(page))

    assert "午饭后多人呕吐" in text
    assert "示例来电人" not in text
