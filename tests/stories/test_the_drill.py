"""A newcomer directs a shipped scenario with scripted colleagues, to the after-action report."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from tests.support.product import Product, running_product

SECONDS = 40_000
SCENARIO = "school-canteen-salmonella"
CONFIRM = ".confirm .button-primary, .confirm .button-danger"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Product]:
    with running_product(tmp_path, TOCSIN_EXAMPLE="1") as product:
        yield product


def test_a_newcomer_directs_a_drill_and_holds_the_report(desk: Product, browser: Browser) -> None:
    leader = _sign_in(desk, browser, "daiban")
    director = _sign_in(desk, browser, "daotiao")
    key = _start(desk, director)

    leader.goto(f"{desk.url}/drills/{key}/inbox")
    question = leader.locator(".drill-card", has_text="市政府值班室来电")
    expect(question).to_be_visible(timeout=SECONDS)
    _press(director, "暂停演练")
    expect(director.locator("h1")).to_contain_text("已暂停")
    question.locator("[name=text]").fill("已核实，书面报告十分钟内报出")
    with leader.expect_navigation():
        question.locator("form button").click()
    expect(leader.locator("main")).to_contain_text("书面报告十分钟内报出")

    _press(director, "继续演练")
    course = director.locator("#content")
    expect(course).to_contain_text("书面报告十分钟内报出", timeout=SECONDS)
    incident = desk_number(director)
    leader.goto(f"{desk.url}/incidents/{incident}")
    expect(leader.locator("#content")).to_contain_text("（脚本同事）", timeout=SECONDS)
    expect(leader.locator("#content")).to_contain_text("【演练】")

    _end(desk, director, key)
    _result(desk, director, key)
    _report(desk, director, key)
    for page in (leader, director):
        page.context.close()


def desk_number(page: Page) -> str:
    """Return the number of the drill's incident, from the director's way to it."""
    text = page.locator('a[href*="/incidents/"]', has_text="看事件").first.inner_text()
    found = re.search(r"YL-\w+-\d+", text)
    assert found is not None, text
    return found.group()


def _sign_in(desk: Product, browser: Browser, name: str) -> Page:
    password = (Path(desk.environment["TOCSIN_DATA_DIR"]) / "example-password").read_text()
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(SECONDS)
    page.goto(f"{desk.url}/sign-in")
    page.locator("input[name=name]").fill(name)
    page.locator("input[name=password]").fill(password)
    page.locator("main .button-primary").click()
    expect(page.locator(".menu summary")).to_be_visible()
    return page


def _start(desk: Product, page: Page) -> str:
    """Start the scenario from the page, sixty times as fast; return the drill's key."""
    page.goto(f"{desk.url}/drills")
    page.locator(f'a[href$="/drills/scenarios/{SCENARIO}"]').click()
    page.locator('[name=speed][value="60"]').check()
    page.locator("[name=colleagues]").check()
    page.locator('[name=then][value="begin"]').click()
    page.wait_for_url(re.compile(r"/drills/YL-\d+-\d+$"))
    return page.url.rsplit("/", 1)[1]


def _press(page: Page, text: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=text).click()


def _end(desk: Product, page: Page, key: str) -> None:
    page.goto(f"{desk.url}/drills/{key}/end")
    page.locator(CONFIRM).first.click()
    page.wait_for_url(f"**/drills/{key}")
    expect(page.locator("h1")).to_contain_text("已结束")


def _result(desk: Product, page: Page, key: str) -> None:
    page.goto(f"{desk.url}/drills/{key}/result")
    expect(page.locator("main")).to_contain_text("30 分钟内核实")
    expect(page.locator("main")).to_contain_text("20 分钟内答复市政府值班室")


def _report(desk: Product, page: Page, key: str) -> None:
    answer = page.request.get(f"{desk.url}/drills/{key}/report.pdf", timeout=SECONDS)
    assert answer.ok, answer.status
    paper = PdfReader(io.BytesIO(answer.body()))
    text = "".join(sheet.extract_text() for sheet in paper.pages).replace("\n", "")
    assert "演练" in text
    assert "学校食堂疑似沙门氏菌食物中毒" in text
