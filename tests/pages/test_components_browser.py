"""The components in a real browser, under the policy that the desk sends."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from templates import ROOT
from tests.pages.component_pages import context, environment, render

POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
CHROMIUM = "/usr/bin/chromium"
WATCHING = """{% extends "layout.html" %}
{% block watch %}data-watch-desk data-after="1"{% endblock %}
{% block content %}<ol data-live-list data-url="/news.html" data-after="1" data-place="top">
<li id="e1" data-seq="1">初报</li></ol>{% endblock %}"""

TYPING = """{% extends "layout.html" %}
{% from "components/forms.html" import form, field %}
{% from "components/page.html" import similar_panel %}
{% block content %}
{% call form("/reports", draft_url="/draft", similar_url="/similar") %}
{{ field("place.address", "地点") }}{{ field("password", "密码", type="password") }}
{% endcall %}{{ similar_panel() }}{% endblock %}"""
CAME: list[tuple[str, str, str]] = []
"""What was posted: path, token, body."""


class Handler(SimpleHTTPRequestHandler):
    """Serves rendered pages and the static folder with the strict policy."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def do_POST(self) -> None:
        """Answer a draft with its time, a look for duplicates with what the desk would show."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        CAME.append((self.path, self.headers["X-CSRFToken"], body))
        answer = '{"saved_at": "03:12:05"}' if self.path == "/draft" else "<h3>像是重复？</h3>"
        self.send_response(200)
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("site")
    (folder / "static").symlink_to(ROOT / "static")
    (folder / "light.html").write_text(render())
    (folder / "dark.html").write_text(render(theme="dark"))
    (folder / "drill.html").write_text(render(drill=True))
    (folder / "watching.html").write_text(environment().from_string(WATCHING).render(context()))
    (folder / "typing.html").write_text(environment().from_string(TYPING).render(context()))
    (folder / "news.html").write_text(
        '<li id="e2" data-seq="2" class="entry"><p class="entry-text">续报：发病 34 人</p></li>'
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = CHROMIUM if Path(CHROMIUM).exists() else None
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=[(1920, 1080), (360, 800)], ids=["desk", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    width, height = request.param
    page = browser.new_page(viewport={"width": width, "height": height})
    yield page
    page.close()


@pytest.mark.parametrize("name", ["light", "dark", "drill"])
def test_the_policy_is_kept_and_nothing_overflows(page: Page, site: str, name: str) -> None:
    said: list[str] = []
    page.on("console", lambda told: said.append(told.text) if told.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{site}/{name}.html")
    page.wait_for_selector("[data-remaining]")

    assert [line for line in said if "404" not in line] == []
    width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0


def test_targets_are_large_enough(page: Page, site: str) -> None:
    page.goto(f"{site}/light.html")
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, summary, .button, nav a, select")]
        .filter((e) => e.offsetParent && (e.offsetHeight < 24 || e.offsetWidth < 24))
        .map((e) => `${e.className} ${e.textContent.trim()} ${e.offsetWidth}x${e.offsetHeight}`)"""
    )

    assert small == []


def test_clocks_tick_and_overdue_counts_up(page: Page, site: str) -> None:
    page.goto(f"{site}/light.html")
    near = page.locator(".clock-near [data-remaining]").first
    before = near.inner_text()
    expect(page.locator(".clock-near [data-remaining]").first).not_to_have_text(before)

    assert before.startswith("剩")
    assert page.locator(".clock-overdue [data-remaining]").first.inner_text().startswith("超")


def test_the_error_summary_takes_the_focus_and_leads_on(page: Page, site: str) -> None:
    page.goto(f"{site}/light.html")
    expect(page.locator("[data-error-summary]")).to_be_focused()
    page.locator(".error-summary a").first.click()

    assert page.evaluate("document.activeElement.id") == "f-counts-deaths"


def test_single_keys_work_outside_fields_only(page: Page, site: str) -> None:
    page.goto(f"{site}/light.html")
    page.keyboard.press("?")
    assert page.locator("#key-help").is_visible()
    assert "新建接报" in page.locator("#key-help").inner_text()
    page.keyboard.press("Escape")
    page.locator("#f-narrative").fill("")
    page.locator("#f-narrative").press("?")

    assert not page.locator("#key-help").is_visible()
    assert page.locator("#f-narrative").input_value() == "?"


def test_j_moves_down_the_list(page: Page, site: str) -> None:
    page.goto(f"{site}/light.html")
    page.keyboard.press("j")
    page.keyboard.press("j")

    assert page.locator("[data-row-link].is-chosen").count() == 1
    assert page.locator("[data-row-link]").nth(1).get_attribute("class") == "is-chosen"


def test_the_theme_is_chosen_and_kept_in_a_cookie(page: Page, site: str) -> None:
    page.goto(f"{site}/light.html")
    page.locator(".menu summary").click()
    page.locator("input[name=theme][value=dark]").check()

    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
    assert "theme=dark" in page.evaluate("document.cookie")


def test_without_a_socket_news_come_by_asking_once_each(page: Page, site: str) -> None:
    page.clock.install()
    page.goto(f"{site}/watching.html")
    page.clock.run_for(16_000)
    page.wait_for_selector("#e2")
    page.clock.run_for(16_000)
    expect(page.locator("ol").first).to_have_attribute("data-after", "2")

    assert page.locator("#e2").count() == 1
    assert page.locator("ol > li").first.get_attribute("id") == "e2"
    assert page.locator("#live-polite").inner_text() == "续报：发病 34 人"


def test_silence_veils_the_page_and_an_answer_lifts_it(page: Page, site: str) -> None:
    page.clock.install()
    page.goto(f"{site}/watching.html")
    page.route("**/news.html*", lambda route: route.abort())
    page.clock.run_for(21_000)
    page.wait_for_selector("body.is-stale")
    assert page.locator("#stale-note").inner_text().startswith("数据已过期 00:00:2")
    page.unroute("**/news.html*")
    page.clock.run_for(15_000)
    page.wait_for_selector("body:not(.is-stale)")


def test_a_draft_is_kept_and_says_how_far_it_has_come(page: Page, site: str) -> None:
    CAME.clear()
    page.clock.install()
    page.goto(f"{site}/typing.html")
    page.locator("#f-place-address").fill("示例市第一实验小学")
    page.locator("#f-password").fill("not-to-be-kept")
    assert page.locator("[data-draft-state]").inner_text() == "本机暂存"
    page.clock.run_for(5_100)
    page.wait_for_selector("[data-state=stored]")

    [(_, token, body)] = [sent for sent in CAME if sent[0] == "/draft"]
    assert page.locator("[data-draft-state]").inner_text() == "已入库 03:12:05"
    assert token == "a-token"
    assert "示例市第一实验小学" in body
    assert "not-to-be-kept" not in body


def test_a_lost_link_is_said_and_the_draft_sent_again(page: Page, site: str) -> None:
    page.clock.install()
    page.goto(f"{site}/typing.html")
    page.route("**/draft", lambda route: route.abort())
    page.locator("#f-place-address").fill("示例市")
    page.clock.run_for(5_100)
    page.wait_for_selector("[data-state=failed]")
    page.unroute("**/draft")
    page.clock.run_for(5_100)
    page.wait_for_selector("[data-state=stored]")


def test_likely_duplicates_show_while_typing(page: Page, site: str) -> None:
    page.goto(f"{site}/typing.html")
    page.locator("#f-place-address").fill("示例市第一实验小学")
    page.wait_for_selector("#similar h3")

    assert page.locator("#similar").inner_text() == "像是重复？"
