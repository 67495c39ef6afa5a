"""What axe finds on every page, light at the desk and dark on a phone; how heavy each page is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, Response

from drills import app as application
from incident.services import Services
from tests.pages.every_page import Address, addresses, make_content
from tests.support.databases import SqliteDatabases
from tests.support.desk import desk_database, make_services
from tests.support.running import DESK_SIZE, PHONE_SIZE, RunningDesk, running, session_cookie
from tests.support.tree import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
HEAVIEST = 150_000  # octets of a first visit, everything that the page loads itself included
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FIND = """tags => axe.run(document, {runOnly: tags, resultTypes: ["violations"]}).then(found =>
  found.violations.filter(one => ["serious", "critical"].includes(one.impact))
    .map(one => `${one.id}: ${one.nodes[0].target} ${one.nodes[0].failureSummary}`))"""


@pytest.fixture
def site(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[RunningDesk]:
    services = make_services(desk_database(sqlite_databases), tmp_path / "desk")
    with running(services, application.make_app(services)) as desk:
        yield desk
    services.engine.dispose()


@pytest.mark.parametrize(
    ("theme", "size"), [("light", DESK_SIZE), ("dark", PHONE_SIZE)], ids=["desk", "phone"]
)
def test_axe_finds_nothing_serious_on_any_page(
    site: RunningDesk, browser: Browser, theme: str, size: tuple[int, int]
) -> None:
    faults: dict[str, list[str]] = {}
    visitors: dict[str | None, Page] = {}
    seen = 0
    for seen, address in enumerate(every_address(site.services), start=1):  # noqa: B007
        if address.account not in visitors:
            visitors[address.account] = visitor(site, browser, address.account, theme, size)
        page = visitors[address.account]
        answer = page.goto(site.url + address.path)
        if answer is None or answer.status != 200:
            faults[address.path] = [f"{address.account} gets {answer and answer.status}"]
            continue
        page.evaluate(AXE.read_text())
        found = page.evaluate(FIND, TAGS)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append("wider than the window")
        if found:
            faults[address.path] = found
    for page in visitors.values():
        page.context.close()

    assert faults == {}
    assert seen > 50
    assert len(visitors) > 3


def test_a_first_visit_to_any_page_is_light(site: RunningDesk, browser: Browser) -> None:
    """Scripts and style sheets are the same everywhere, so the desk's are added to each page."""
    found = list(every_address(site.services))
    page = visitor(site, browser, "duty_officer", "light", DESK_SIZE)
    loaded: list[int] = []
    page.on("response", lambda answer: loaded.append(weight(answer)))
    page.goto(site.url + "/desk", wait_until="networkidle")
    common = sum(loaded)
    page.context.close()

    assert len(loaded) > 10
    clients = {one.account: signed_in(site.services, one.account) for one in found}
    heavy = {one.path: len(clients[one.account].get(one.path).data) + common for one in found}
    assert {path: size for path, size in heavy.items() if size > HEAVIEST} == {}


def every_address(services: Services) -> Iterator[Address]:
    app = application.make_app(services)
    app.config["WTF_CSRF_METHODS"] = []
    return addresses(app, make_content(services, app))


def visitor(
    desk: RunningDesk, browser: Browser, account: str | None, theme: str, size: tuple[int, int]
) -> Page:
    """Return a page of a browser of its own, signed in where there is an account."""
    width, height = size
    context = browser.new_context(viewport={"width": width, "height": height})
    cookies = [("theme", theme)]
    if account is not None:
        cookies.append(session_cookie(desk.services, account))
    context.add_cookies([{"name": n, "value": v, "url": desk.url} for n, v in cookies])
    return context.new_page()


def signed_in(services: Services, account: str | None) -> FlaskClient:
    client = application.make_app(services).test_client()
    if account is not None:
        client.set_cookie(*session_cookie(services, account))
    return client


def weight(answer: Response) -> int:
    return int(answer.headers.get("content-length", 0))
