"""The sheet for the telephone: what it keeps, what it refuses, what it files."""

import pytest
from sqlalchemy import func, select

from incident.models import Draft, Entry, Incident, Observation, OutgoingMessage, Report
from incident.services import Services
from tests.pages.report_pages import Typist, mark, typist, value_of
from tests.support.desk import make_incident, make_people, read
from tests.support.running import flask_client


def count(desk: Services, table: type) -> int:
    with desk.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_report_typed_at_the_telephone_opens_an_incident(desk: Services) -> None:
    person = typist(desk)
    sent = person.send(counts__deaths="")

    assert sent.status_code == 303
    assert "提交初报，通知" in person.check()
    assert person.file().status_code == 303
    incident = read(desk, person.number())
    assert (incident.division, incident.unit, incident.state) == (
        "330106",
        "示例市第一实验小学",
        "reported",
    )
    with desk.reading() as session:
        facts = {row.name: row.value for row in session.scalars(select(Observation))}
    assert (facts["ill"], facts["severe"]) == (40, 2)
    assert "deaths" not in facts
    assert incident.received_at.isoformat() == "2026-11-23T02:55:00+00:00"
    assert count(desk, OutgoingMessage) > 0
    assert count(desk, Draft) == 0


def test_the_first_page_has_an_address_of_its_own_and_opens_with_the_time(
    desk: Services,
) -> None:
    person = typist(desk)
    page = person.client.get(person.address).text

    assert value_of(page, "received_at") == "2026-11-23T11:00"
    assert 'data-draft-url="/reports/new/' in page
    assert 'list="divisions"' in page
    assert page.index("330102 上城区") < page.index("330203")


@pytest.mark.parametrize(
    ("typed", "field", "told"),
    [
        ({"kind": ""}, "kind", "请填写"),
        ({"place__division": ""}, "place-division", "请填写"),
        ({"place__division": "999999"}, "place-division", "没有这个行政区划代码"),
        ({"place__division": "没有的区"}, "place-division", "没有这个行政区划代码"),
        ({"counts__ill": "很多"}, "counts-ill", "格式不对"),
        ({"counts__ill": "-1"}, "counts-ill", "格式不对"),
        ({"counts__deaths": "41"}, "counts-deaths", "不能多于"),
        ({"counts__severe": "41"}, "counts-severe", "不能多于"),
        ({"received_at": "2026-11-23T23:00"}, "received_at", "不能晚于现在"),
        ({"received_at": "昨天"}, "received_at", "时间的写法不对"),
        ({"occurred_at": "2026-11-23T10:50", "aware_at": "2026-11-23T10:40"}, "aware_at", "先后"),
        ({"reporter__phone": "找老王"}, "reporter-phone", "格式不对"),
        ({"unit__name": "校" * 121}, "unit-name", "太长"),
        ({"symptoms": "吐\x07"}, "symptoms", "不能显示的字符"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    desk: Services, typed: dict[str, str], field: str, told: str
) -> None:
    person = typist(desk)
    answer = person.send(**typed)

    assert answer.status_code == 422
    assert f'<a href="#f-{field}">' in answer.text
    assert f'id="f-{field}"' in answer.text
    assert told in answer.text
    kept = person.fields | {name.replace("__", "."): value for name, value in typed.items()}
    for name in ("place.address", "unit.name", "reporter.phone", "counts.ill"):
        assert value_of(answer.text, name) == kept[name]
    assert count(desk, Incident) == 0


def test_all_that_is_wrong_is_said_at_once(desk: Services) -> None:
    answer = typist(desk).send(
        kind="", place__division="没有的区", counts__ill="x", received_at="2026-11-23T23:00"
    )

    assert "有 4 处要改" in answer.text


@pytest.mark.parametrize("typed", ["西湖区", "330106 西湖区", "浙江省杭州市西湖区", " 330106 "])
def test_a_place_is_known_by_code_or_name(desk: Services, typed: str) -> None:
    person = typist(desk)
    person.send(place__division=typed)

    assert person.file().status_code == 303
    assert read(desk, person.number()).division == "330106"


def test_full_width_digits_are_numbers(desk: Services) -> None:
    person = typist(desk)

    assert person.send(counts__ill="４０").status_code == 303


def test_sent_twice_reloaded_or_gone_back_to_it_stays_one_report(desk: Services) -> None:
    person = typist(desk)
    person.send()
    seen = mark(person.check())
    first, second = person.file(seen), person.file(seen)
    back = person.client.get(person.address)
    again = person.send(counts__ill="99")

    assert first.headers["Location"] == second.headers["Location"]
    assert back.status_code == again.status_code - 1 == 302
    assert count(desk, Incident) == count(desk, Report) == 1
    assert "没有入库，请用续报补充" in person.client.get(again.headers["Location"]).text


def test_what_was_changed_elsewhere_is_looked_at_again(desk: Services) -> None:
    person = typist(desk)
    person.send()
    seen = mark(person.check())
    person.send(counts__ill="50")
    answer = person.file(seen)

    assert answer.headers["Location"].endswith("/check")
    assert count(desk, Incident) == 0


def test_nothing_is_filed_before_anything_is_typed(desk: Services) -> None:
    person = typist(desk)

    assert person.client.get(f"/reports/new/{person.key}/check").status_code == 302
    assert person.client.post(f"/reports/new/{person.key}/file").status_code == 302
    assert person.client.get(f"/reports/new/{person.key}/done").status_code == 404


def test_the_last_page_tells_the_number_who_was_told_and_which_clocks_run(
    desk: Services,
) -> None:
    person = typist(desk)
    person.send()
    person.file()
    page = person.client.get(f"/reports/new/{person.key}/done").text

    assert "已排队通知 2 人" in page
    assert "电话报告带班领导" in page
    assert "data-print" in page


def test_only_those_who_may_report_see_the_form(desk: Services) -> None:
    make_people(desk)
    seen = {
        account: flask_client(desk, account).get("/reports/new").status_code
        for account in (
            "duty_officer",
            "duty_leader",
            "group_member",
            "reporter",
            "leader",
            "commander",
            "expert",
            "auditor",
            "system_admin",
            "plan_keeper",
        )
    }

    assert [name for name, status in seen.items() if status == 302] == [
        "duty_officer",
        "duty_leader",
        "group_member",
        "reporter",
    ]
    assert set(seen.values()) == {302, 403}


def test_a_reporting_unit_files_as_what_it_is_and_sees_its_own(desk: Services) -> None:
    other = make_incident(desk)
    person = typist(desk, "reporter")
    refused = person.send(source="superior")
    person.send(source="hospital")
    person.file()
    number = person.number()
    mine = person.client.get("/reports/mine").text
    again = typist(desk, "reporter")

    assert refused.status_code == 422
    assert number in mine
    assert other.number not in mine
    page = again.client.get(again.address).text
    assert 'name="source"' not in page
    again.send(source="media", unit__name="示例市第二实验小学")
    again.file()
    with desk.reading() as session:
        sources = list(session.scalars(select(Report.source).order_by(Report.id)))
    assert sources[-2:] == ["hospital", "hospital"]


def test_the_timeline_names_no_reporter(desk: Services) -> None:
    person = typist(desk)
    person.send(reporter__name="王示例")
    person.file()
    with desk.reading() as session:
        told = " ".join(session.scalars(select(Entry.text)))

    assert "王示例" not in told
    assert "0000091" not in told


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "{{7*7}}${7*7}",
        "</textarea><svg onload=alert(1)>",
        "'; DROP TABLE incidents;--",
        "\u202e倒着写\u200b",
        "😀𠮷" * 20,
    ],
)
def test_hostile_text_is_only_text(desk: Services, hostile: str) -> None:
    person = typist(desk)
    typed: dict[str, str] = dict.fromkeys(
        ("unit__name", "place__address", "suspect__product", "narrative", "symptoms"), hostile
    )
    pages = [
        person.send(**typed, kind="").text,
        _checked(person, typed),
        person.client.post(f"/reports/new/{person.key}/similar", data=person.fields).text,
        person.client.get("/reports/drafts").text,
    ]
    person.file()
    pages += [
        person.client.get(f"/reports/new/{person.key}/done").text,
        person.client.get("/desk").text,
    ]

    for page in pages:
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<svg onload" not in page
        assert "49$" not in page


def _checked(person: Typist, typed: dict[str, str]) -> str:
    assert person.send(**typed).status_code == 303
    return person.check()
