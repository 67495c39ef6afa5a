"""The main job on the running product: from the telephone to the archive, by people at browsers."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from tests.support.product import Product, running_product

SECONDS = 30_000
CONFIRM = ".confirm .button-primary, .confirm .button-danger"
PEOPLE = ("zhiban", "daiban", "zhihui", "zhuanjia", "zuzhang")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("desk")
    with running_product(folder, TOCSIN_EXAMPLE="1") as product:
        yield product


@pytest.fixture(scope="module")
def people(desk: Product, browser: Browser) -> Iterator[dict[str, Page]]:
    """Everybody signed in, each at a browser of his own."""
    password = (Path(desk.environment["TOCSIN_DATA_DIR"]) / "example-password").read_text()
    pages = {name: _sign_in(desk, browser, name, password) for name in PEOPLE}
    yield pages
    for page in pages.values():
        page.context.close()


def test_from_the_telephone_to_the_archive(desk: Product, people: dict[str, Page]) -> None:
    officer, leader, commander = people["zhiban"], people["daiban"], people["zhihui"]
    leader.goto(f"{desk.url}/desk")
    leader.evaluate("window.notReloaded = true")

    number = _report(desk, officer)
    expect(leader.locator(f'a[href="/incidents/{number}"]').first).to_be_visible(timeout=SECONDS)
    assert leader.evaluate("window.notReloaded") is True

    _act(desk, officer, number, "verify", conclusion="经电话核实，属实")
    officer.goto(f"{desk.url}/incidents/{number}/grade")
    expect(officer.locator("main")).to_contain_text("人数100人以上")
    _act(desk, officer, number, "propose_grade", grade="III")
    _act(
        desk,
        commander,
        number,
        "approve_grade",
        grade="III",
        criterion="NAT-III-1",
        expert_advice="电话咨询专家，同意",
    )
    leader.goto(f"{desk.url}/incidents/{number}")
    leader.evaluate("window.notReloaded = true")
    _act(desk, commander, number, "activate", matters="食物中毒处置", measures="封存、救治、采样")
    expect(leader.locator("#content")).to_contain_text("启动响应", timeout=SECONDS)
    assert leader.evaluate("window.notReloaded") is True

    _told_by_sms(desk, number, "启动Ⅲ级")
    _briefing(desk, officer, leader, number)
    _consult(desk, people, number)
    _act(desk, commander, number, "terminate")
    _archive(desk, leader, number)
    leader.goto(f"{desk.url}/incidents/{number}")
    expect(leader.locator("main")).to_contain_text("归档")
    assert "whole: True" in desk.command("audit", "verify")


def _sign_in(desk: Product, browser: Browser, name: str, password: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(SECONDS)
    page.goto(f"{desk.url}/sign-in")
    page.locator("input[name=name]").fill(name)
    page.locator("input[name=password]").fill(password)
    page.locator("main .button-primary").click()
    expect(page.locator(".menu summary")).to_be_visible()
    return page


def _report(desk: Product, page: Page) -> str:
    """File a report by the sheet; return the number."""
    page.goto(f"{desk.url}/reports/new")
    page.locator("input[name=kind][value=food]").check()
    page.locator("#f-place-division").fill("999901")
    page.locator("#f-unit-name").fill("示例市第三实验小学")
    page.locator("#f-counts-ill").fill("120")
    page.locator("#f-counts-deaths").fill("0")
    page.locator("main .button-primary").click()
    page.wait_for_url("**/check")
    page.locator("main form .button-primary").last.click()
    page.wait_for_url("**/done")
    return page.locator(".big-number").inner_text().strip()


def _act(desk: Product, page: Page, number: str, action: str, **filled: str) -> None:
    """Take a step by its form, with the second look where it asks for one."""
    page.goto(f"{desk.url}/incidents/{number}/actions/{action}")
    for name, value in filled.items():
        _fill(page, name, value)
    if action == "terminate":
        for answer in page.locator('main input[type=radio][value="met"]').all():
            answer.check()
    _send(page)
    confirm = page.locator(CONFIRM)
    if confirm.count():
        confirm.first.click()
    page.wait_for_url(_outside_actions(number))


def _send(page: Page) -> None:
    with page.expect_navigation():
        page.locator("main form .button-primary, main form .button-danger").first.click()


def _outside_actions(number: str) -> re.Pattern[str]:
    return re.compile(rf"/incidents/{number}(?!/actions)")


def _fill(page: Page, name: str, value: str) -> None:
    control = page.locator(f"main [name={name}]")
    match control.first.get_attribute("type"):
        case "radio" | "checkbox":
            page.locator(f'main [name={name}][value="{value}"]').check()
        case _ if control.first.evaluate("e => e.tagName") == "SELECT":
            control.first.select_option(value)
        case _:
            control.first.fill(value)


def _told_by_sms(desk: Product, number: str, words: str) -> None:
    def told() -> bool:
        return any(number in row["body"] and words in row["body"] for row in desk.inbox())

    desk.wait_for(told, "the alert in the stand-in provider's inbox")
    inbox = requests.get(f"http://127.0.0.1:{desk.gateway_port}/", timeout=10).text
    assert number in inbox


def _briefing(desk: Product, officer: Page, leader: Page, number: str) -> None:
    """Draft the first briefing, let a leader issue it, and open the PDF."""
    officer.goto(f"{desk.url}/incidents/{number}/briefings")
    officer.locator("form:has([value=initial]) button").click()
    officer.wait_for_url(re.compile(r"/briefings/\d+$"))
    leader.goto(f"{officer.url}/issue")
    leader.locator(CONFIRM).first.click()
    leader.wait_for_url(re.compile(r"/briefings/\d+$"))
    address = f"{leader.url}.pdf"

    def pdf() -> bytes:
        answer = leader.request.get(address)
        return answer.body() if answer.ok else b""

    paper = PdfReader(io.BytesIO(desk.wait_for(pdf, "the printed briefing")))
    text = "".join(page.extract_text() for page in paper.pages).replace("\n", "")
    assert number in text
    assert "120" in text


def _consult(desk: Product, people: dict[str, Page], number: str) -> None:
    """Ask two experts, take their opinions, and sign the conclusion."""
    commander = people["zhihui"]
    commander.goto(f"{desk.url}/incidents/{number}/actions/convene")
    commander.locator("#f-question").fill("可能的致病因子？")
    for expert in ("zhuanjia", "zuzhang"):
        commander.locator(f'[name=experts][value="{expert}"]').check()
    _send(commander)
    commander.locator(CONFIRM).first.click()
    commander.wait_for_url(_outside_actions(number))
    for expert in ("zhuanjia", "zuzhang"):
        _opinion(desk, people[expert], number)
    chair = people["zuzhang"]
    password = (Path(desk.environment["TOCSIN_DATA_DIR"]) / "example-password").read_text()
    chair.goto(f"{desk.url}/incidents/{number}/actions/conclude")
    chair.locator("#f-conclusion").fill("符合细菌性食物中毒")
    _send(chair)
    chair.locator("[name=password]").fill(password)
    chair.locator(CONFIRM).first.click()
    chair.wait_for_url(_outside_actions(number))


def _opinion(desk: Product, page: Page, number: str) -> None:
    page.goto(f"{desk.url}/incidents/{number}/consultations")
    page.locator('main a[href*="/consultations/"]').first.click()
    page.locator('[name=has_conflict][value="no"]').check()
    page.locator('form[action$="/declaration"] .button').first.click()
    form = page.locator('form[action$="/opinion"]')
    form.locator('[name=confidence][value="high"]').check()
    form.locator("[name=text]").fill("符合细菌性食物中毒特征")
    form.locator("input[type=checkbox]").last.check()
    form.locator(".button-primary").click()
    page.wait_for_load_state()


def _archive(desk: Product, page: Page, number: str) -> None:
    page.goto(f"{desk.url}/incidents/{number}/actions/archive")
    for name in ("course", "well", "not_well"):
        page.locator(f'main [name$="{name}"]').first.fill("如实记录")
    page.locator('main [name$="decision"][value="destroy"]').check()
    page.locator('main [name="personal_data.reason"]').first.fill("处置完毕")
    _send(page)
    page.locator(CONFIRM).first.click()
    page.wait_for_url(_outside_actions(number))
