"""The pages of briefings: draft, preview, second look, issue, and the PDF under its name."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser

from incident.jobs.render import render
from incident.models import Incident
from incident.press import Press
from incident.services import Services
from tests.support.briefings import draft, draft_and_issue, issue, update
from tests.support.databases import SqliteDatabases
from tests.support.desk import desk_database, make_incident, make_people, make_services
from tests.support.running import PHONE_SIZE, RunningDesk, flask_client

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    with Press() as made:
        yield made


@pytest.fixture
def desk(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[Services]:
    made = make_services(desk_database(sqlite_databases), tmp_path / "desk")
    make_people(made)
    yield made
    made.engine.dispose()


@pytest.fixture
def incident(desk: Services) -> Incident:
    return make_incident(desk)


def place(incident: Incident, *parts: object) -> str:
    return "/".join((f"/incidents/{incident.number}/briefings", *(str(part) for part in parts)))


def test_a_briefing_is_begun_looked_at_and_issued(
    desk: Services, incident: Incident, press: Press
) -> None:
    officer, leader = flask_client(desk, "duty_officer"), flask_client(desk, "duty_leader")
    begun = officer.post(place(incident), data={"kind": "initial"})
    assert begun.status_code == 303
    assert "正在制作" in officer.get(begun.location).text

    render(desk, press)
    page = officer.get(begun.location).text
    assert "<iframe" in page
    assert "签发…" not in page

    look = leader.get(f"{begun.location}/issue").text
    seen = re.search(r'name="seen" value="(\w+)"', look)
    assert seen is not None
    assert "办结时限：" in look
    done = leader.post(f"{begun.location}/issue", data={"seen": seen.group(1)})
    assert done.status_code == 303
    assert "应急信〔2026〕1号，已签发" in leader.get(begun.location).text


def test_a_second_click_goes_on_with_the_open_draft(desk: Services, incident: Incident) -> None:
    officer = flask_client(desk, "duty_officer")
    first, second = (officer.post(place(incident), data={"kind": "initial"}) for _ in range(2))

    assert first.location == second.location


def test_each_count_leads_to_its_source_and_each_gap_to_its_form(
    desk: Services, incident: Incident
) -> None:
    row = draft(desk, incident)
    page = flask_client(desk, "duty_officer").get(place(incident, row.id)).text

    assert '<a class="traced" href="#source-ill">40</a>' in page
    assert 'id="source-ill"' in page
    assert f"/incidents/{incident.number}/actions/update_facts#f-facts-deaths" in page
    assert f"/incidents/{incident.number}/reports/new#f-reporter-organisation" in page
    assert f"{place(incident, row.id)}/text#f-samples" in page


def test_the_page_of_a_follow_up_shows_what_changed(desk: Services, incident: Incident) -> None:
    draft_and_issue(desk, incident)
    update(desk, incident, ill=52)
    row = draft(desk, incident, "progress")

    page = flask_client(desk, "leader").get(place(incident, row.id)).text
    assert "<b>发病人数</b> <span>40 → 52</span>" in page


def test_what_was_issued_meanwhile_is_looked_at_again(desk: Services, incident: Incident) -> None:
    row = draft(desk, incident)
    leader = flask_client(desk, "duty_leader")
    seen = re.findall(
        r'name="seen" value="(\w+)"', leader.get(place(incident, row.id, "issue")).text
    )
    update(desk, incident, ill=52)

    refused = leader.post(place(incident, row.id, "issue"), data={"seen": seen[0]})
    assert refused.status_code == 409
    assert "您看过之后事实或文字有变化" in refused.text
    assert seen[0] not in refused.text


def test_a_final_with_gaps_names_them_instead_of_a_button(
    desk: Services, incident: Incident
) -> None:
    row = draft(desk, incident, "final")
    commander = flask_client(desk, "commander")

    page = commander.get(place(incident, row.id, "issue")).text
    assert "责任认定" in page
    assert 'name="seen"' not in page
    refused = commander.post(place(incident, row.id, "issue"), data={"seen": ""})
    assert refused.status_code in (409, 422)


def test_people_write_words_and_take_them_back(desk: Services, incident: Incident) -> None:
    row = draft(desk, incident)
    officer = flask_client(desk, "duty_officer")
    form = place(incident, row.id, "text")
    written = {"trend": HOSTILE, "next_steps": "继续救治\n\n加快检测", "cc": "示例市教育局"}
    assert officer.post(form, data=written).status_code == 303

    page = officer.get(place(incident, row.id)).text
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "继续救治；加快检测。" in page
    officer.post(form, data={})
    assert "加快检测" not in officer.get(place(incident, row.id)).text


def test_what_is_too_long_stays_in_the_form(desk: Services, incident: Incident) -> None:
    row = draft(desk, incident)
    answer = flask_client(desk, "duty_officer").post(
        place(incident, row.id, "text"), data={"trend": "甲" * 4001, "support": "请派专家"}
    )

    assert answer.status_code == 422
    assert "甲" * 4001 in answer.text
    assert "请派专家" in answer.text


def test_the_pdf_has_a_name_and_may_stand_in_our_own_frame(desk: Services, press: Press) -> None:
    drill = make_incident(desk, drill="demo")
    row = draft(desk, drill)
    client = flask_client(desk, "leader")
    assert client.get(f"{place(drill, row.id)}.pdf").status_code == 404

    issue(desk, drill, row)
    render(desk, press)
    answer = client.get(f"{place(drill, row.id)}.pdf?save=1")
    assert answer.data.startswith(b"%PDF-")
    assert answer.mimetype == "application/pdf"
    way, _, name = answer.headers["Content-Disposition"].partition("; filename*=UTF-8''")
    assert (way, unquote(name)) == ("attachment", f"【演练】初报_{drill.number}.pdf")
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("account", ["reporter", "expert", "auditor", "system_admin"])
def test_others_see_no_briefing(desk: Services, incident: Incident, account: str) -> None:
    row = draft(desk, incident)
    client = flask_client(desk, account)

    for path in (place(incident), place(incident, row.id), f"{place(incident, row.id)}.pdf"):
        assert client.get(path).status_code in (403, 404)


def test_those_who_only_read_can_begin_nothing(desk: Services, incident: Incident) -> None:
    client = flask_client(desk, "group_member")

    assert "由值班员、带班领导或指挥长拟写" in client.get(place(incident)).text
    assert client.post(place(incident), data={"kind": "initial"}).status_code == 403


def test_a_briefing_of_another_incident_is_not_found(desk: Services, incident: Incident) -> None:
    row = draft(desk, incident)
    other = make_incident(desk)

    client = flask_client(desk, "duty_officer")
    assert client.get(place(other, row.id)).status_code == 404
    assert client.get(f"{place(other, row.id)}.pdf").status_code == 404


def test_the_words_are_for_the_phone_and_the_sheet_for_the_desk(
    running_desk: RunningDesk, browser: Browser, press: Press
) -> None:
    make_people(running_desk.services)
    incident = make_incident(running_desk.services)
    row = draft_and_issue(running_desk.services, incident)
    render(running_desk.services, press)

    wide = running_desk.open(browser, "duty_leader", place(incident, row.id))
    assert wide.locator("iframe.paper-sheet").is_visible()
    wide.context.close()
    phone = running_desk.open(browser, "duty_leader", place(incident, row.id), PHONE_SIZE)
    assert not phone.locator("iframe.paper-sheet").is_visible()
    assert phone.get_by_text("现报告如下").is_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE_SIZE[0]
    phone.context.close()


def test_a_draft_is_withdrawn_on_its_page_and_an_issued_one_has_no_way(
    desk: Services, incident: Incident
) -> None:
    row = draft(desk, incident)
    officer = flask_client(desk, "duty_officer")
    assert "撤回这份草稿" in officer.get(place(incident, row.id)).text

    done = officer.post(place(incident, row.id, "withdraw"), data={"reason": "误拟"})
    assert done.status_code == 303
    assert "草稿已撤回" in officer.get(done.location).text
    assert officer.get(place(incident, row.id)).status_code == 404
    assert "误拟" in officer.get(f"/incidents/{incident.number}").text

    issued = draft_and_issue(desk, incident)
    assert "撤回这份草稿" not in officer.get(place(incident, issued.id)).text
    refused = officer.post(place(incident, issued.id, "withdraw"), data={})
    assert refused.status_code == 409
    assert "已签发的文件不能修改" in refused.text
