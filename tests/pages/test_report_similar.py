"""Likely duplicates, and the likely grade, while somebody types."""

from datetime import timedelta
from typing import Any

import pytest

from incident.queries import similar
from incident.queries.similar import Probe, Similar
from incident.services import Services
from tests.pages.report_pages import FORM, named, typist
from tests.support.desk import make_incident, make_people

ELSEWHERE = "110101"


def found(desk: Services, **known: Any) -> list[Similar]:
    probe = Probe(at=desk.now(), **known)
    with desk.reading() as session:
        return list(similar.likely(session, make_people(desk)["duty_officer"], probe))


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        ({"batch": "sl-2026 1001"}, "batch"),
        ({"unit": "第一实验小学"}, "unit"),
        ({"unit": "示例市第一实验小学食堂"}, "unit"),
        ({"address": "在示例市第一实验小学门口"}, "unit"),
        ({"product": "示例注射液（10ml）"}, "product"),
        ({"address": "示例路１号"}, "address"),
        ({"division": "330106"}, "place"),
    ],
)
def test_what_agrees_is_named(desk: Services, known: dict[str, str], reason: str) -> None:
    incident = make_incident(desk, suspect={"product": "示例注射液", "batch": "SL20261001"})
    [one] = found(desk, kind="food", **known)

    assert one.number == incident.number
    assert reason in one.reasons


@pytest.mark.parametrize(
    "known",
    [
        {"unit": "小学"},
        {"division": ELSEWHERE},
        {"batch": "SL2026100"},
        {"product": "注射"},
        {},
    ],
)
def test_little_in_common_is_no_duplicate(desk: Services, known: dict[str, str]) -> None:
    make_incident(desk, suspect={"product": "示例注射液", "batch": "SL20261001"})

    assert found(desk, kind="food", **known) == []


def test_the_window_is_a_week(desk: Services) -> None:
    make_incident(desk)
    who = make_people(desk)["duty_officer"]
    for days, seconds, wanted in ((7, 0, 1), (7, 1, 0)):
        at = desk.now() + timedelta(days=days, seconds=seconds)
        with desk.reading() as session:
            probe = Probe(at=at, kind="food", unit="示例市第一实验小学")
            assert len(similar.likely(session, who, probe)) == wanted


def test_the_likeliest_stands_first(desk: Services) -> None:
    far = make_incident(desk, unit={"name": "示例市第二实验小学"})
    near = make_incident(desk, suspect={"batch": "B-77"})
    told = found(desk, kind="food", division="330106", batch="B77", unit="示例市第一实验小学")

    assert [one.number for one in told] == [near.number, far.number]
    assert told[0].reasons[0] == "batch"


@pytest.mark.parametrize("put_aside", ["merged", "dismissed", "transferred"])
def test_an_incident_put_aside_is_not_offered(desk: Services, put_aside: str) -> None:
    aside = make_incident(desk, state=put_aside, unit={"name": "示例市第九实验小学"})

    assert aside.number not in [one.number for one in found(desk, unit="示例市第九实验小学")]


def test_a_drill_is_no_duplicate_of_a_real_one(desk: Services) -> None:
    make_incident(desk, drill="D1")

    assert found(desk, unit="示例市第一实验小学") == []
    assert found(desk, unit="示例市第一实验小学", drill=True) != []


def test_the_panel_offers_to_make_it_a_follow_up(desk: Services) -> None:
    incident = make_incident(desk)
    person = typist(desk)
    address = f"/reports/new/{person.key}/similar"
    page = person.client.post(address, data=FORM).text

    assert "像是重复？" in page
    assert f"/incidents/{incident.number}/reports/new?from={person.key}" in page
    assert "同单位" in page
    assert page.lstrip().startswith("<")
    assert "<html" not in page


def test_the_second_look_shows_it_again(desk: Services) -> None:
    make_incident(desk)
    person = typist(desk)
    person.send()

    assert "像是重复？" in person.check()


def test_a_reporting_unit_is_not_told_of_others(desk: Services) -> None:
    make_incident(desk)
    person = typist(desk, "reporter")
    page = person.client.post(f"/reports/new/{person.key}/similar", data=FORM).text

    assert "像是重复？" not in page


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"counts__ill": "40"}, ">一般<"),
        ({"counts__ill": "100"}, ">较大<"),
        ({"counts__ill": "29"}, "还没有达到任何一级"),
        ({"counts__ill": "40", "counts__deaths": "1"}, ">较大<"),
        ({"counts__ill": "nonsense", "counts__deaths": "1"}, ">较大<"),
    ],
)
def test_the_likely_grade_shows_while_typing(
    desk: Services, typed: dict[str, str], told: str
) -> None:
    person = typist(desk)
    page = person.client.post(f"/reports/new/{person.key}/similar", data=FORM | named(typed)).text

    assert told in page
    assert "级别由指挥长核定" in page


def test_nothing_known_tells_nothing(desk: Services) -> None:
    person = typist(desk)
    page = person.client.post(f"/reports/new/{person.key}/similar", data={"counts.ill": ""}).text

    assert "边听边填" in page


def test_a_name_of_many_places_asks_for_the_code(desk: Services) -> None:
    person = typist(desk)
    page = person.client.post(
        f"/reports/new/{person.key}/similar", data={"place.division": "鼓楼区"}
    ).text

    assert "打代码才清楚" in page
    assert "江苏省南京市鼓楼区" in page
