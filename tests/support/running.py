"""A desk that runs: real HTTP, live events and a browser, for tests of what people see.

    def test_something(running_desk, browser):
        make_people(running_desk.services)
        page = running_desk.open(browser, "duty_officer", "/desk")

The desk stands on SQLite, on a clock that stands. `flask_client` signs a test client in.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import make_server

from incident.app import create_app
from incident.operations import access, people
from incident.services import Services
from incident.web.cookies import cookie_name
from incident.web.live import Live
from tests.support.databases import SqliteDatabases
from tests.support.desk import desk_database, make_services

CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FOLLOWERS = ("(_follow)", "(_check)")
PATIENCE = 30_000  # milliseconds, for what takes a few hundred where nothing else runs
DESK_SIZE, PHONE_SIZE = (1920, 1080), (360, 800)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningDesk:
    """A desk that answers under `url`."""

    url: str
    services: Services

    def open(
        self, browser: Browser, account: str, path: str, size: tuple[int, int] = DESK_SIZE
    ) -> Page:
        """Open a page in a browser of its own, signed in under an account."""
        width, height = size
        context = browser.new_context(viewport={"width": width, "height": height})
        name, value = session_cookie(self.services, account)
        context.add_cookies([{"name": name, "value": value, "url": self.url}])
        page = context.new_page()
        page.goto(self.url + path)
        return page


def session_cookie(services: Services, account: str) -> tuple[str, str]:
    """Return name and value of the cookie of a fresh session."""
    with services.transaction() as session:
        reference = access.open_session(
            session,
            people.find(session, account),
            network="127.0.0.1",
            browser="test",
            now=services.now(),
        )
    return cookie_name(services), reference


def flask_client(services: Services, account: str) -> FlaskClient:
    """Return a test client that is signed in; forms need no CSRF token there."""
    app = create_app(services)
    app.config["WTF_CSRF_METHODS"] = []
    client = app.test_client()
    name, value = session_cookie(services, account)
    client.set_cookie(name, value)
    return client


@contextmanager
def running(services: Services, app: Flask | None = None) -> Iterator[RunningDesk]:
    """Serve pages and live events of these services on loopback until the end."""
    app = app or create_app(services)
    live = Live(services, capacity=50, async_mode="threading")
    live.join(app)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    try:
        yield RunningDesk(url=f"http://127.0.0.1:{server.server_port}", services=services)
    finally:
        live.stop()
        server.shutdown()
        server.server_close()
        for thread in [serving, *_followers()]:
            thread.join(5)


def _followers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.endswith(FOLLOWERS)]


@pytest.fixture
def running_desk(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[RunningDesk]:
    """A desk without people that runs, on SQLite."""
    services = make_services(desk_database(sqlite_databases), tmp_path / "desk")
    with running(services) as desk:
        yield desk
    services.engine.dispose()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        found = CHROMIUM if Path(CHROMIUM).exists() else None
        chromium = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        yield chromium
        chromium.close()
