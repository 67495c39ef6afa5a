"""The watch's pages: who sees what, two people sign, and a call becomes a report."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from incident.models import Draft, Handover, HandoverItem, LogEntry, OutgoingMessage
from incident.services import Services
from incident.who import Who
from tests.support.databases import SqliteDatabases
from tests.support.desk import (
    PASSWORD,
    desk_database,
    make_incident,
    make_people,
    make_services,
)
from tests.support.roster import make_officers, make_post, make_rotation
from tests.support.running import flask_client
from tests.support.watch import begin, items_of, make_entry, sign
from workflows.lifecycle import Role

LOG, HANDOVER = "/watch/log", "/watch/handover"
ENTRY = {
    "at": "2026-11-23T10:12",
    "channel": "12345",
    "category": "urgent",
    "caller": "示例来电人",
    "organisation": "示例学校",
    "phone": "0571-0000",
    "summary": "午饭后多人呕吐",
    "done": "请其留样",
}


@pytest.fixture
def desk(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[Services]:
    services = make_services(desk_database(sqlite_databases), tmp_path / "desk")
    make_people(services)
    yield services
    services.engine.dispose()


@pytest.fixture
def officers(desk: Services) -> list[Who]:
    """Four officers, each a day; the third was to relieve the second at 08:30 today."""
    found = make_officers(desk)
    make_rotation(desk, make_post(desk), [(one, None) for one in found])
    return found


def leaves(desk: Services) -> FlaskClient:
    return flask_client(desk, "officer-b")


def comes(desk: Services) -> FlaskClient:
    return flask_client(desk, "officer-c")


def address(number: int, step: str = "") -> str:
    return f"{HANDOVER}/{number}{step}"


def test_a_handover_from_the_first_click_to_the_second_signature(
    desk: Services, officers: list[Who]
) -> None:
    incident = make_incident(desk)
    first, second = leaves(desk), comes(desk)
    assert "11-23 08:30 的班还没有交" in first.get(HANDOVER).text

    opened = first.post(HANDOVER, data={"post": "desk"})
    page = first.get(opened.location).text
    assert incident.number in page
    assert "核对设备，签字交班" in page
    form = {"check-phone": "good", "check-fax": "fault", "note-fax": "缺纸", "password": PASSWORD}
    assert first.post(f"{opened.location}/sign", data=form).status_code == 303
    assert "不能自己接自己的班" in first.get(opened.location).text
    assert "签字接班" not in first.get(opened.location).text

    number = int(opened.location.rpartition("/")[2])
    every = [str(one.id) for one in items_of(desk, number)]
    taken = second.post(address(number, "/take"), data={"accepted": every, "password": PASSWORD})

    assert taken.status_code == 303
    shown = second.get(taken.location).text
    assert "已接班，全部事项由您负责" in shown
    assert "缺纸" in shown
    with desk.reading() as session:
        assert session.get_one(Handover, number).state == "accepted"


def test_a_second_click_opens_the_same_packet(desk: Services, officers: list[Who]) -> None:
    client = leaves(desk)

    one = client.post(HANDOVER, data={"post": "desk"}).location
    two = client.post(HANDOVER, data={"post": "desk"}).location

    assert one == two
    assert client.post(HANDOVER, data={"post": "nowhere"}).status_code == 404


def test_what_was_ticked_and_typed_is_kept_when_something_is_missing(
    desk: Services, officers: list[Who]
) -> None:
    make_incident(desk)
    number = begin(desk, officers[1])
    sign(desk, number, officers[1])
    first, second, *_ = items_of(desk, number)

    answer = comes(desk).post(
        address(number, "/take"),
        data={"accepted": [str(first.id)], f"reasons.{second.id}": "缺材料", "password": "x"},
    )

    assert answer.status_code == 422
    assert "要么接收，要么写明不接收的理由" in answer.text
    assert re.search(rf'name="accepted" value="{first.id}" checked', answer.text)
    assert 'value="缺材料"' in answer.text


def test_a_refused_item_is_shown_with_its_reason_and_the_leader_was_paged(
    desk: Services, officers: list[Who]
) -> None:
    make_incident(desk)
    number = begin(desk, officers[1])
    sign(desk, number, officers[1])
    refused, *others = items_of(desk, number)
    form = {
        "accepted": [str(one.id) for one in others],
        f"reasons.{refused.id}": "现场情况没有交清",
        "password": PASSWORD,
    }

    page = comes(desk).post(address(number, "/take"), data=form, follow_redirects=True).text

    assert "1 项没有接收，仍由 officer-b 负责" in page
    assert "现场情况没有交清" in page
    assert "已呼叫带班领导" in page
    with desk.reading() as session:
        found = session.scalars(
            select(OutgoingMessage).where(OutgoingMessage.incident_id.is_(None))
        )
        assert {one.person for one in found} == {"带班领导"}


def test_to_refuse_the_whole_needs_a_reason(desk: Services, officers: list[Who]) -> None:
    number = begin(desk, officers[1])
    sign(desk, number, officers[1])
    client = comes(desk)

    silent = client.post(address(number, "/refuse"), data={"refusal_password": PASSWORD})
    told = client.post(
        address(number, "/refuse"), data={"refusal": "人不在", "refusal_password": PASSWORD}
    )

    assert silent.status_code == 422
    assert told.status_code == 303
    with desk.reading() as session:
        assert session.get_one(Handover, number).state == "refused"


def test_who_is_not_rostered_is_warned_and_may_still_relieve(
    desk: Services, officers: list[Who]
) -> None:
    number = begin(desk, officers[1])
    sign(desk, number, officers[1])
    client = flask_client(desk, "officer-d")

    assert "值班表上接班的是 officer-c，不是您" in client.get(address(number)).text
    assert "不是您" not in comes(desk).get(address(number)).text


def test_what_changed_since_is_shown_and_can_be_frozen_anew(
    desk: Services, officers: list[Who]
) -> None:
    number = begin(desk, officers[1])
    make_incident(desk)
    client = leaves(desk)

    assert "生成以后有变化：新增 2 项，办结 0 项，变动 0 项" in client.get(address(number)).text
    assert client.post(address(number, "/renew")).status_code == 303
    assert "生成以后有变化" not in client.get(address(number)).text


def test_a_packet_that_was_meddled_with_says_so(desk: Services, officers: list[Who]) -> None:
    number = begin(desk, officers[1])
    with desk.transaction() as session:
        row = session.get_one(Handover, number)
        row.packet = {**row.packet, "at": "2026-01-01T00:00:00+00:00"}

    assert "与生成时的封存不符" in leaves(desk).get(address(number)).text


@pytest.mark.parametrize(
    ("role", "may_look", "may_keep"),
    [
        (Role.DUTY_OFFICER, True, True),
        (Role.DUTY_LEADER, True, True),
        (Role.COMMANDER, True, False),
        (Role.LEADER, True, False),
        (Role.GROUP_MEMBER, True, False),
        (Role.EXPERT, False, False),
        (Role.REPORTER, False, False),
        (Role.AUDITOR, False, False),
        (Role.SYSTEM_ADMIN, False, False),
    ],
)
def test_who_may_look_and_who_may_keep(
    desk: Services, role: Role, *, may_look: bool, may_keep: bool
) -> None:
    client = flask_client(desk, role)

    assert client.get(LOG).status_code == (200 if may_look else 403)
    assert client.get(HANDOVER).status_code == (200 if may_look else 403)
    assert client.post(LOG, data=ENTRY).status_code == (303 if may_keep else 403)
    assert client.post(HANDOVER).status_code == (404 if may_keep else 403)


@pytest.mark.parametrize(
    ("role", "sees"), [(Role.DUTY_OFFICER, True), (Role.COMMANDER, True), (Role.LEADER, False)]
)
def test_who_called_is_withheld_from_who_may_not_ring(
    desk: Services, role: Role, *, sees: bool
) -> None:
    number = make_entry(desk, make_people(desk)[Role.DUTY_OFFICER], phone="+8610000000030")
    client = flask_client(desk, role)

    for page in (LOG, f"{LOG}/{number}", HANDOVER):
        text = client.get(page).text
        assert sees or ("示例来电人" not in text and "+8610000000030" not in text)
    assert ("示例来电人" in client.get(LOG).text) is sees
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{LOG}/day.xlsx").data))
    cells = [str(cell.value) for row in book.active.iter_rows() for cell in row]
    assert any("示例来电人" in cell for cell in cells) is sees


def test_an_emergency_becomes_a_report_with_what_was_told(desk: Services) -> None:
    client = flask_client(desk, Role.DUTY_OFFICER)

    added = client.post(LOG, data=ENTRY)
    offered = client.get(added.location).text
    begun = client.post(f"{added.location}/report")
    sheet = client.get(begun.location).text

    assert "转为接报" in offered
    assert begun.status_code == 303
    for told in ("午饭后多人呕吐", "示例来电人", "示例学校", "0571-0000", "请其留样"):
        assert told in sheet
    assert 'value="2026-11-23T10:12"' in sheet
    with desk.reading() as session:
        fields = session.scalars(select(Draft)).one().content["fields"]
    assert fields["source"] == "hotline_12345"
    assert client.post(f"{added.location}/report").status_code == 409
    assert "继续填写接报" in client.get(added.location).text


def test_only_an_emergency_offers_to_become_a_report(desk: Services) -> None:
    client = flask_client(desk, Role.DUTY_OFFICER)
    client.post(LOG, data={**ENTRY, "category": "inquiry"})

    assert "突发事件：要不要转为接报" not in client.get(f"{LOG}/1").text


def test_an_entry_keeps_what_was_typed_when_something_is_wrong(desk: Services) -> None:
    client = flask_client(desk, Role.DUTY_OFFICER)

    answer = client.post(LOG, data={**ENTRY, "at": "2026-11-23T23:00"})

    assert answer.status_code == 422
    assert "午饭后多人呕吐" in answer.text
    with desk.reading() as session:
        assert session.scalars(select(LogEntry)).all() == []


def test_a_correction_and_a_call_back_are_typed_on_the_entrys_page(desk: Services) -> None:
    client = flask_client(desk, Role.DUTY_OFFICER)
    promised = {**ENTRY, "callback_due_at": "2026-11-23T12:00", "category": "inquiry"}
    page = client.post(LOG, data=promised)
    assert page.status_code == 303
    assert "1 个电话待回" in client.get(LOG).text

    client.post(f"{LOG}/1/correct", data={**promised, "summary": "改过的内容"})
    kept = {"close_at": "2026-11-23T10:40", "close_summary": "已答复"}
    client.post(f"{LOG}/1/close", data=kept)

    shown = client.get(f"{LOG}/1").text
    assert "改过的内容" in shown
    assert "<s>午饭后多人呕吐</s>" in shown
    assert "已回电：" in shown
    assert "电话待回" not in client.get(LOG).text
    assert client.post(f"{LOG}/1/close", data=kept).status_code == 409
    assert client.post(f"{LOG}/99/close", data=kept).status_code == 404


def test_the_day_can_be_chosen_and_narrowed(desk: Services) -> None:
    client = flask_client(desk, Role.DUTY_OFFICER)
    make_incident(desk)
    client.post(LOG, data=ENTRY)

    assert "午饭后多人呕吐" not in client.get(f"{LOG}?day=2026-11-22").text
    assert "午饭后多人呕吐" not in client.get(f"{LOG}?only=report").text
    assert "午饭后多人呕吐" in client.get(f"{LOG}?only=typed&category=urgent").text
    assert "2026-11-23" in client.get(f"{LOG}?day=2099-01-01").text
    assert client.get(f"{LOG}?day=nonsense").status_code == 200


def test_hostile_words_stay_words(desk: Services) -> None:
    client = flask_client(desk, Role.DUTY_OFFICER)
    hostile = "<script>alert(1)</script>=1+1"
    client.post(LOG, data={**ENTRY, "summary": hostile, "caller": "{{ 7*7 }}"})

    page = client.get(LOG).text
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{LOG}/day.xlsx").data))
    assert "<script>alert(1)" not in page
    assert "{{ 7*7 }}" in page
    assert not any(cell.data_type == "f" for row in book.active.iter_rows() for cell in row)


def test_the_pages_speak_english_too(desk: Services, officers: list[Who]) -> None:
    number = begin(desk, officers[1])
    sign(desk, number, officers[1])
    client = comes(desk)
    client.set_cookie("language", "en")

    assert "Sign and take over" in client.get(address(number)).text
    assert "Write into the log" in client.get(LOG).text
    with desk.reading() as session:
        assert session.scalars(select(HandoverItem.state)).all() == ["offered"]
