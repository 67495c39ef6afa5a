"""Every action by its page: what it asks, its second look, what it does."""

from collections.abc import Iterator

import pytest

from tests.pages.incident_client import fields_of
from tests.pages.incident_world import World, make_world
from tests.support.desk import PASSWORD, make_incident, read
from workflows.lifecycle import State

LATER = "2026-11-25T12:00"
SOON = "2026-11-23T15:00"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = make_world(tmp_path_factory.mktemp("world"), states=False)
    yield made
    made.desk.engine.dispose()


def test_an_incident_goes_its_whole_life_by_pages(world: World) -> None:
    number = make_incident(world.desk).number
    officer, commander = world.person("duty_officer"), world.person("commander")

    officer.do(number, "verify", conclusion="已向医院核实，属实")
    officer.do(number, "propose_grade", grade="III", reason="学校，仍在增加")
    commander.do(number, "approve_grade", grade="III", criterion="Ⅲ级(2)", expert_advice="同意")
    commander.do(
        number, "activate", matters="救治", level="III", measures="封存", expected_until=LATER
    )
    commander.do(number, "convene", question="病因？", experts=["expert"], due_at=SOON)
    give_opinion(world, number)
    world.person("chair").do(
        number,
        "conclude",
        conclusion="细菌性",
        password=PASSWORD,
        adopted__measures="全市排查\n召回",
        adopted__grade="III",
    )
    commander.do(number, "terminate", **met(world, number))
    archive(world, number)

    assert state(world, number) == State.CLOSED
    review = officer.read(f"/incidents/{number}/review")
    assert "补留样制度" in review
    assert "全市排查" in officer.read(f"/incidents/{number}/grade")
    commander.do(number, "reopen", reason="又有新病例")
    assert state(world, number) == State.RESPONDING


def test_a_second_look_says_how_many_people_will_be_called(world: World) -> None:
    number = make_incident(world.desk, state="grading", grade="III").number
    commander = world.person("commander")

    look = commander.send(
        number, "activate", matters="救治", level="III", measures="封存", expected_until=LATER
    ).get_data(as_text=True)

    assert "启动Ⅲ级（较大）响应，通知 4 人" in look
    assert "项任务" in look
    assert state(world, number) == State.GRADING
    assert "任务</a>" not in commander.read(f"/incidents/{number}/timeline")


def test_the_way_back_from_a_second_look_keeps_everything(world: World) -> None:
    number = make_incident(world.desk, state="grading", grade="III").number
    commander = world.person("commander")
    look = commander.send(
        number, "activate", matters="全力救治", level="III", measures="封存", expected_until=LATER
    ).get_data(as_text=True)

    kept = fields_of(look, "activate")
    back = commander.post(f"/incidents/{number}/actions/activate", **kept, step="edit")

    assert "全力救治" in back.get_data(as_text=True)


def test_a_dismissal_is_proposed_by_one_and_confirmed_by_another(world: World) -> None:
    number = make_incident(world.desk).number

    assert "请先由值班员提出建议" in world.person("duty_leader").read(f"/incidents/{number}")
    world.person("duty_officer").do(number, "dismiss", reason="误报")
    assert state(world, number) == State.REPORTED
    world.person("duty_leader").do(number, "dismiss", reason="误报")
    assert state(world, number) == State.DISMISSED


def test_a_merge_names_the_target_and_both_stay_readable(world: World) -> None:
    here, there = make_incident(world.desk).number, make_incident(world.desk).number
    leader = world.person("duty_leader")

    unknown = leader.send(here, "merge", into="SP20990101-001", reason="同一学校")
    assert unknown.status_code == 422
    leader.do(here, "merge", into=there, reason="同一学校")

    assert there in leader.read(f"/incidents/{here}")
    assert here in leader.read(f"/incidents/{there}")


def test_a_transfer_names_who_accepted(world: World) -> None:
    number = make_incident(world.desk).number

    world.person("duty_leader").do(number, "transfer", office="示例省局", acceptance="李示例 签收")

    assert state(world, number) == State.TRANSFERRED


def test_a_regrade_calls_people_out_again(world: World) -> None:
    number = make_incident(world.desk, state="responding").number
    world.person("duty_officer").do(number, "propose_grade", grade="II", reason="出现死亡")
    world.person("commander").do(number, "regrade", grade="II", reason="出现死亡")

    assert read(world.desk, number).grade == "II"


def test_an_ungraded_incident_goes_on_to_disposal(world: World) -> None:
    number = make_incident(world.desk, state="grading", grade="ungraded").number

    world.person("commander").do(number, "dispose", reason="人数少，病因明确")

    assert state(world, number) == State.DISPOSING


def test_notes_instructions_and_acknowledgements_go_on_the_timeline(world: World) -> None:
    number = make_incident(world.desk, state="responding").number
    world.person("duty_officer").do(number, "note", text="校方来电")
    world.person("leader").do(number, "instruct", text="请速报进展", owner="group_member")
    world.person("commander").do(number, "acknowledge")

    room = world.person("duty_officer").read(f"/incidents/{number}")
    for text in ("校方来电", "请速报进展", "已收到"):
        assert text in room
    assert "请速报进展" in world.person("group_member").read(f"/incidents/{number}/board")


def test_a_clock_is_marked_as_kept_by_hand(world: World) -> None:
    number = make_incident(world.desk).number
    officer = world.person("duty_officer")
    address = officer.read(f"/incidents/{number}/clocks").split("/clocks/")[1].split('"')[0]
    path = f"/incidents/{number}/clocks/{address}"

    assert officer.post(path, note="").status_code == 422
    assert officer.post(path, note="x", at="2027-01-01T00:00").status_code == 422
    assert officer.post(path, note="10:58 电话报告周示例").status_code == 303
    assert officer.post(path, note="再登记一次").status_code == 409
    assert "10:58 电话报告周示例" in officer.read(f"/incidents/{number}")


def test_the_review_is_kept_before_the_archive(world: World) -> None:
    number = make_incident(world.desk, state="reviewing").number
    officer = world.person("duty_officer")
    path = f"/incidents/{number}/review"
    text = {"review.course": "经过清楚", "review.well": "快", "review.not_well": "采样晚"}

    assert officer.post(path, **{**text, "review.well": ""}).status_code == 422
    assert officer.post(path, **text).status_code == 303
    archive = world.person("duty_leader").read(f"/incidents/{number}/actions/archive")
    assert "经过清楚" in archive
    assert officer.post(f"/incidents/{number}/actions/archive").status_code == 403


def state(world: World, number: str) -> str:
    return read(world.desk, number).state


def met(world: World, number: str) -> dict[str, str]:
    plan = world.desk.rules.library.plan(read(world.desk, number).plan)
    return {f"findings.{ending.id}": "met" for ending in plan.termination}


def give_opinion(world: World, number: str) -> None:
    expert = world.person("expert")
    listed = expert.read(f"/incidents/{number}/consultations")
    asked = listed.split("/consultations/")[1].split('"')[0]
    path = f"/incidents/{number}/consultations/{asked}"
    assert expert.post(f"{path}/declaration", has_conflict="no").status_code == 303
    given = {"text": "符合细菌性特征", "confidence": "high", "locked": "1"}
    assert expert.post(f"{path}/opinion", **given).status_code == 303


def archive(world: World, number: str) -> None:
    world.person("duty_leader").do(
        number,
        "archive",
        review__course="经过",
        review__well="快",
        review__not_well="慢",
        follow_ups__0__what="补留样制度",
        follow_ups__0__owner="示例市第一实验小学",
        follow_ups__0__due_on="2026-12-31",
        personal_data__decision="destroy",
        personal_data__reason="处置完毕",
    )
