"""The grading sheet: findings, distance, what-if that stores nothing, proposals."""

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from incident.models import Entry, Observation
from tests.pages.incident_world import World, make_world
from tests.support.desk import make_incident


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = make_world(tmp_path_factory.mktemp("world"), states=False)
    yield made
    made.desk.engine.dispose()


@pytest.mark.parametrize(
    ("ill", "grade", "distance"),
    [
        (29, "非级别", "发病人数再增加 1 人即达Ⅳ级（一般）"),
        (30, "Ⅳ级（一般）", "发病人数再增加 70 人即达Ⅲ级（较大）"),
        (99, "Ⅳ级（一般）", "发病人数再增加 1 人即达Ⅲ级（较大）"),
        (100, "Ⅲ级（较大）", "死亡人数（现不详）达到 1 人即达Ⅱ级（重大）"),
    ],
)
def test_the_sheet_says_the_grade_and_how_far_it_is_to_the_next(
    world: World, ill: int, grade: str, distance: str
) -> None:
    number = make_incident(world.desk, counts={"ill": ill}).number

    page = world.person("duty_officer").read(f"/incidents/{number}/grade")

    assert f"系统研判：{grade}" in page
    assert distance in page


def test_unknown_facts_are_listed_and_never_count_as_no(world: World) -> None:
    number = make_incident(world.desk, counts={"ill": 40}).number

    page = world.person("duty_officer").read(f"/incidents/{number}/grade")

    assert "死亡人数 不详" in page
    assert "缺数据" in page
    assert "需专家" in page


def test_the_other_rules_that_apply_stand_beside(world: World) -> None:
    number = make_incident(world.desk).number

    page = world.person("duty_officer").read(f"/incidents/{number}/grade")

    assert "同时适用的其他规则" in page
    assert "突发公共卫生事件" in page


def test_what_if_shows_another_verdict_and_stores_nothing(world: World) -> None:
    number = make_incident(world.desk).number
    officer = world.person("duty_officer")
    before = stored(world)

    page = officer.read(f"/incidents/{number}/grade", **{"if.ill": "120", "if.deaths": "1"})

    assert "verdict-grade-II" in page
    assert "verdict-grade-IV" in page
    assert stored(world) == before


@pytest.mark.parametrize("nonsense", ["-1", "1e9", "一百", "9" * 40, "<b>"])
def test_what_if_takes_nonsense_for_nothing(world: World, nonsense: str) -> None:
    number = make_incident(world.desk).number

    page = world.person("duty_officer").read(f"/incidents/{number}/grade", **{"if.ill": nonsense})

    assert page.count('class="verdict-band') == 1


def test_a_grade_against_the_verdict_needs_a_reason_and_stays_in_the_history(
    world: World,
) -> None:
    number = make_incident(world.desk, state="grading").number
    officer = world.person("duty_officer")

    refused = officer.send(number, "propose_grade", grade="II", reason="")
    assert refused.status_code == 422
    assert "与系统研判不同，请写明理由" in refused.get_data(as_text=True)
    officer.do(number, "propose_grade", grade="II", reason="可能跨市")
    officer.do(number, "propose_grade", grade="III", reason="已排除跨市")

    page = officer.read(f"/incidents/{number}/grade")
    assert "可能跨市" in page
    assert "已被新的建议取代" in page
    assert "等待核定" in page


def stored(world: World) -> tuple[int | None, int | None]:
    with world.desk.reading() as session:
        return (
            session.scalar(select(func.count()).select_from(Observation)),
            session.scalar(select(func.max(Entry.seq))),
        )
