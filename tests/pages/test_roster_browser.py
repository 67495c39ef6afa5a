"""The roster in a browser: for everybody, at the desk, on a phone, on paper, in English."""

import io
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from incident.inputs.roster import SwapInput
from incident.operations import posts, swaps
from incident.services import Services
from incident.who import Who
from tests.support.databases import SqliteDatabases
from tests.support.desk import desk_database, make_people, make_person, make_services
from tests.support.roster import make_officers, make_post, make_rotation
from tests.support.running import DESK_SIZE, PHONE_SIZE, RunningDesk, running
from tests.support.tree import ROOT
from workflows.lifecycle import Role

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FIND = """tags => axe.run(document, {runOnly: tags, resultTypes: ["violations"]}).then(found =>
  found.violations.filter(one => ["serious", "critical"].includes(one.impact))
    .map(one => `${one.id}: ${one.nodes[0].target}`))"""
PAGES = (
    "/roster",
    "/roster?month=2027-01",
    "/roster/shifts/desk/2026-11-27/0",
    "/roster/swaps",
    "/roster/people",
    "/roster/posts",
    "/roster/posts/desk",
    "/roster/import",
    "/account",
)
DAY_SHIFT = "2026-11-27T08:30:00+08:00"
NAMES = re.compile("值班员|带班领导|中文")  # of two people, and of the language
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def site(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[RunningDesk]:
    """A desk with two posts, a gap, and a swap that waits for the leader."""
    services = make_services(desk_database(sqlite_databases), tmp_path / "desk")
    make_people(services)
    with running(services) as desk:
        fill(services)
        yield desk
    services.engine.dispose()


def fill(services: Services) -> None:
    officers = make_officers(services)
    order = [(one, officers[place - 1]) for place, one in enumerate(officers)]
    post = make_post(services, name="Desk", changes=["08:30", "17:30"])
    make_rotation(services, post, order)
    make_post(services, "leader", name="Leader", role=Role.DUTY_LEADER, rank=2)
    make_person(services, "keeper", Role.DUTY_OFFICER, Role.DUTY_LEADER, number=80)
    ask(services, officers)


def ask(services: Services, officers: list[Who]) -> None:
    """Let the one who has the 27th by day ask for it to be taken."""
    asked = SwapInput.model_validate(
        {"starts_at": DAY_SHIFT, "other": officers[3].id, "reason": "Leave"}
    )
    with services.transaction() as session:
        post = posts.find_post(session, "desk")
        swaps.ask(session, post, asked, services.context(officers[1]))


def opened(site: RunningDesk, browser: Browser, size: tuple[int, int], **cookies: str) -> Page:
    page = site.open(browser, "keeper", "/roster", size)
    page.context.add_cookies(
        [{"name": name, "value": value, "url": site.url} for name, value in cookies.items()]
    )
    return page


@pytest.mark.parametrize(
    ("theme", "size"), [("light", DESK_SIZE), ("dark", PHONE_SIZE)], ids=["desk", "phone"]
)
def test_axe_finds_nothing_serious_and_nothing_is_too_wide(
    site: RunningDesk, browser: Browser, theme: str, size: tuple[int, int]
) -> None:
    page = opened(site, browser, size, theme=theme)
    faults = {}
    for path in PAGES:
        page.goto(site.url + path)
        page.evaluate(AXE.read_text())
        found = page.evaluate(FIND, TAGS)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append("wider than the window")
        if found:
            faults[path] = found
    page.context.close()

    assert faults == {}


def test_the_pages_are_english_when_asked(site: RunningDesk, browser: Browser) -> None:
    page = opened(site, browser, DESK_SIZE, language="en")
    chinese = {}
    for path in PAGES:
        page.goto(site.url + path)
        texts = NAMES.sub("", page.locator("main").inner_text()).splitlines()
        if found := [text for text in texts if CHINESE.search(text)]:
            chinese[path] = found
    page.context.close()

    assert chinese == {}


def test_a_month_prints_on_one_sheet(site: RunningDesk, browser: Browser) -> None:
    page = opened(site, browser, DESK_SIZE)
    page.goto(site.url + "/roster?month=2026-12")
    paper = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    page.context.close()

    assert len(paper.pages) == 1
    text = unicodedata.normalize("NFKC", paper.pages[0].extract_text())
    assert "2026年12月值班表" in text.replace(" ", "")
    assert "officer-a" in text
