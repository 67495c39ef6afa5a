"""The page of clocks: moments told as facts start them, other rule sets stand beside them."""

from collections.abc import Iterator

import pytest

from tests.pages.incident_world import World, make_world
from tests.support.desk import make_incident


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = make_world(tmp_path_factory.mktemp("world"), states=False)
    yield made
    made.desk.engine.dispose()


def test_a_moment_told_in_the_form_of_facts_starts_its_clock(world: World) -> None:
    number = make_incident(world.desk).number
    officer = world.person("duty_officer")
    clocks = f"/incidents/{number}/clocks"
    assert "向同级公安机关移送" not in officer.read(clocks)
    assert "批准移送公安的时间" in officer.read(f"/incidents/{number}/actions/update_facts")

    told = {"facts.referral_approved_at": "2026-11-23T09:00", "source": "inspection"}
    officer.do(number, "update_facts", **told)

    assert "向同级公安机关移送" in officer.read(clocks)
    assert "2026年11月23日 09:00" in officer.read(f"/incidents/{number}/facts")


def test_public_health_stands_beside_food_and_owes_nothing_here(world: World) -> None:
    counts = {"ill": 120, "deaths": 1, "basis": "confirmed"}
    number = make_incident(world.desk, counts=counts).number
    page = world.person("commander").read(f"/incidents/{number}/clocks")
    assert "并行：突发公共卫生事件应急预案（食物中毒）" in page
    assert "由其他单位承担，仅供参考" in page
    assert "省级人民政府" in page
    owed = page.split('id="track-1"')[1]
    assert "登记已办" not in owed


def test_the_clocks_of_what_was_dismissed_tick_no_further(world: World) -> None:
    number = make_incident(world.desk, state="dismissed").number
    page = world.person("commander").read(f"/incidents/{number}/clocks")
    assert "没有在走的时限" in page
    stopped = page.split("事件已结束，不再计时的")[1]
    assert "不再计时" in stopped
    assert "data-due" not in stopped.split("仅供参考（")[0]
