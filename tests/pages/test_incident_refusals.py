"""What the pages of actions refuse, how they say so, and that nothing typed is lost."""

from collections.abc import Iterator

import pytest

from incident.models import Incident
from incident.who import Who
from tests.pages.incident_client import fields_of
from tests.pages.incident_world import World, make_world
from tests.support.desk import PASSWORD, act, make_incident, make_people, make_person, read
from workflows.lifecycle import State

LATER = "2026-11-25T12:00"
SOON = "2026-11-23T15:00"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = make_world(tmp_path_factory.mktemp("world"), states=False)
    yield made
    made.desk.engine.dispose()


def test_what_is_missing_is_named_and_what_was_typed_stays(world: World) -> None:
    number = make_incident(world.desk, state="grading", grade="III").number

    answer = world.person("commander").send(
        number, "activate", matters="全力救治", level="III", expected_until=""
    )
    page = answer.get_data(as_text=True)

    assert answer.status_code == 422
    assert "应急处置措施：请填写" in page
    assert 'href="#f-measures"' in page
    assert "全力救治" in page


def test_a_stale_form_shows_what_the_others_did_and_can_be_sent_again(world: World) -> None:
    incident = make_incident(world.desk)
    officer = world.person("duty_officer")
    path = f"/incidents/{incident.number}/actions/verify"
    form = fields_of(officer.read(path), "verify")
    update(world, incident, ill=55)

    answer = officer.post(path, **form, conclusion="电话核实属实")
    page = answer.get_data(as_text=True)

    assert answer.status_code == 412
    assert "发病人数 40→55" in page
    assert "电话核实属实" in page
    again = officer.post(path, **fields_of(page, "verify"), conclusion="电话核实属实")
    assert again.status_code == 303


def test_facts_that_somebody_else_changed_are_not_taken_back(world: World) -> None:
    incident = make_incident(world.desk)
    officer = world.person("duty_officer")
    path = f"/incidents/{incident.number}/actions/update_facts"
    form = fields_of(officer.read(path), "update_facts")
    update(world, incident, ill=55)

    mine = {"facts.ill": "40", "facts.severe": "3", "source": "hospital"}
    page = officer.post(path, **form, **mine).get_data(as_text=True)
    again = fields_of(page, "update_facts")
    mine["facts.ill"] = page.split('name="facts.ill"')[1].split('value="')[1].split('"')[0]
    officer.post(path, **again, **mine)

    assert mine["facts.ill"] == "55"
    board = officer.read(f"/incidents/{incident.number}/now/board")
    assert "<b>55</b>" in board
    assert "<b>3</b>" in board


def test_only_changed_facts_are_sent_and_a_fall_needs_a_reason(world: World) -> None:
    number = make_incident(world.desk).number
    officer = world.person("duty_officer")
    fields = {"facts.ill": "30", "facts.severe": "2", "source": "hospital"}

    refused = officer.send(number, "update_facts", **fields)
    assert refused.status_code == 422
    assert "人数比之前（40）少" in refused.get_data(as_text=True)
    officer.do(number, "update_facts", **fields, reason="剔除重复登记")

    assert "发病人数 40→30" in officer.read(f"/incidents/{number}")
    assert "剔除重复登记" in officer.read(f"/incidents/{number}/facts/ill")
    assert officer.read(f"/incidents/{number}/facts/severe").count('<th scope="row"') == 1


def test_a_step_that_is_not_open_is_explained(world: World) -> None:
    number = make_incident(world.desk).number
    commander = world.person("commander")

    shown = commander.get(f"/incidents/{number}/actions/activate")
    sent = commander.post(f"/incidents/{number}/actions/activate", matters="救治病人")

    assert shown.status_code == sent.status_code == 409
    assert "救治病人" in sent.get_data(as_text=True)
    assert "核实" in sent.get_data(as_text=True)


def test_a_step_of_another_role_is_refused(world: World) -> None:
    number = make_incident(world.desk, state="grading", grade="III").number
    officer = world.person("duty_officer")

    assert officer.get(f"/incidents/{number}/actions/activate").status_code == 403
    sent = officer.post(f"/incidents/{number}/actions/activate", matters="救治病人")
    assert sent.status_code == 403
    assert "这一步需要其他角色办理" in sent.get_data(as_text=True)


def test_nobody_is_offered_to_approve_his_own_proposal(world: World) -> None:
    incident = make_incident(world.desk, state="grading")
    act(world.desk, incident, "propose_grade", both(world), grade="III", reason="学校")
    person = world.person("both")

    page = person.read(f"/incidents/{incident.number}/grade")
    sent = person.send(
        incident.number, "approve_grade", grade="III", criterion="x", expert_advice="y"
    )

    assert "不能审批自己的建议" in page
    assert sent.status_code == 403


def test_an_end_with_something_missing_needs_a_reason(world: World) -> None:
    number = make_incident(world.desk, state="disposing").number
    commander = world.person("commander")
    answers = met(world, number)
    first = next(iter(answers))

    refused = commander.send(number, "terminate", **{**answers, first: "unknown"})
    assert refused.status_code == 422
    assert "终止条件尚未全部满足" in refused.get_data(as_text=True)
    signed = {**answers, first: "unknown", "override": "专家组同意"}
    look = commander.send(number, "terminate", **signed).get_data(as_text=True)
    assert 'type="password"' in look
    assert "“处置”转为“总结评估”" in look
    path = f"/incidents/{number}/actions/terminate"
    unsigned = commander.post(path, **fields_of(look, "terminate"), step="do")
    assert unsigned.status_code == 422
    assert state(world, number) == State.DISPOSING
    commander.do(number, "terminate", **signed, password=PASSWORD)

    assert state(world, number) == State.REVIEWING


def test_a_wrong_signature_brings_the_second_look_back(world: World) -> None:
    number = make_incident(world.desk, state="consulting").number
    give_opinion(world, number)
    chair = world.person("chair")
    look = chair.send(number, "conclude", conclusion="细菌性食物中毒").get_data(as_text=True)
    assert PASSWORD not in look

    path = f"/incidents/{number}/actions/conclude"
    wrong = chair.post(path, **fields_of(look, "conclude"), step="do", password="wrong")

    assert wrong.status_code == 422
    assert "密码不对" in wrong.get_data(as_text=True)
    assert "细菌性食物中毒" in wrong.get_data(as_text=True)
    assert state(world, number) == State.CONSULTING


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


def update(world: World, incident: Incident, **facts: int) -> None:
    people = make_people(world.desk)
    act(world.desk, incident, "update_facts", people["group_member"], facts=facts, source="phone")


def both(world: World) -> Who:
    return make_person(world.desk, "both", "duty_officer", "commander", number=70)


def test_a_level_beside_the_grade_is_asked_for_its_reason(world: World) -> None:
    number = make_incident(world.desk, state="grading", grade="IV").number
    commander = world.person("commander")
    fields = {"matters": "救治", "level": "III", "measures": "封存", "expected_until": LATER}

    refused = commander.send(number, "activate", **fields)
    assert refused.status_code == 422
    assert "与核定级别不同，请写明理由" in refused.get_data(as_text=True)
    commander.do(number, "activate", **fields, reason="学校事件提高一级响应")

    assert "学校事件提高一级响应" in commander.read(f"/incidents/{number}")


def test_whoever_may_also_confirm_is_asked_to_propose_a_dismissal_first(world: World) -> None:
    number = make_incident(world.desk).number
    make_person(world.desk, "officer_leader", "duty_officer", "duty_leader", number=73)
    person = world.person("officer_leader")

    assert "建议排除" in person.read(f"/incidents/{number}")
    assert person.send(number, "dismiss", reason="误报").status_code == 303
    assert state(world, number) == State.REPORTED
    assert "不能审批自己的建议" in person.read(f"/incidents/{number}")
