"""The pages of one incident, by state and by role."""

from collections.abc import Iterator

import pytest

from tests.pages.incident_client import browser
from tests.pages.incident_world import World, make_world
from tests.support.desk import (
    act,
    make_incident,
    make_people,
)
from workflows.lifecycle import State

PAGES = ("", "/facts", "/facts/ill", "/grade", "/board", "/consultations", "/files", "/clocks")
DESK_PAGES = ("/messages", "/review")
DESK = ("duty_officer", "duty_leader", "commander", "group_member", "leader")
BUTTONS = {
    "reported": {"duty_officer": ["verify", "dismiss"], "duty_leader": ["merge", "transfer"]},
    "grading": {"duty_officer": ["propose_grade"], "commander": ["activate"]},
    "responding": {"commander": ["convene"], "duty_officer": ["propose_grade"]},
    "disposing": {"commander": ["terminate", "convene"]},
    "reviewing": {"duty_leader": ["archive"], "commander": ["reopen"]},
    "closed": {"commander": ["reopen"]},
}
STEPS = {step for by_role in BUTTONS.values() for steps in by_role.values() for step in steps}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = make_world(tmp_path_factory.mktemp("world"))
    yield made
    made.desk.engine.dispose()


@pytest.mark.parametrize("state", [state.value for state in State])
def test_every_page_of_an_incident_opens_in_every_state(world: World, state: str) -> None:
    number = world.numbers[state]
    officer = world.person("duty_officer")

    for page in (*PAGES, *DESK_PAGES):
        assert number in officer.read(f"/incidents/{number}{page}")


@pytest.mark.parametrize("role", DESK)
def test_the_desk_sees_every_page(world: World, role: str) -> None:
    number = world.numbers["reviewing"]
    person = world.person(role)

    for page in (*PAGES, *DESK_PAGES):
        assert person.get(f"/incidents/{number}{page}").status_code == 200


@pytest.mark.parametrize("role", ["system_admin", "security_admin", "auditor"])
def test_the_three_administrators_see_no_incident(world: World, role: str) -> None:
    number = world.numbers["reported"]
    person = world.person(role)

    assert person.get("/incidents").status_code == 403
    assert person.get(f"/incidents/{number}").status_code == 403


def test_an_expert_sees_only_what_he_was_asked_about(world: World) -> None:
    asked = world.numbers["consulting"]
    other = world.numbers["responding"]
    expert = world.person("expert")

    assert expert.get(f"/incidents/{asked}/consultations").status_code == 200
    assert expert.get(f"/incidents/{asked}/messages").status_code == 403
    assert expert.get(f"/incidents/{other}").status_code == 404
    assert other not in expert.read("/incidents")


def test_an_observer_sees_drills_and_may_do_nothing(world: World) -> None:
    drill = make_incident(world.desk, drill="autumn", state="responding").number
    real = world.numbers["responding"]
    observer = world.person("observer")

    room = observer.read(f"/incidents/{drill}")
    assert "【演练】" in room
    assert "/actions/" not in room
    assert observer.get(f"/incidents/{drill}/actions/note").status_code == 403
    assert observer.get(f"/incidents/{real}").status_code == 404


@pytest.mark.parametrize("state", BUTTONS)
@pytest.mark.parametrize("role", DESK)
def test_a_room_shows_exactly_the_steps_of_the_person(world: World, state: str, role: str) -> None:
    number = world.numbers[state]

    page = world.person(role).read(f"/incidents/{number}")

    shown = {step for step in STEPS if f'/actions/{step}"' in page}
    assert shown >= set(BUTTONS[state].get(role, ()))
    for other, steps in BUTTONS[state].items():
        if other != role:
            assert not shown & (set(steps) - set(BUTTONS[state].get(role, ()))) - shared(state)


def shared(state: str) -> set[str]:
    """Steps that two roles may take: the officer proposes what the leader confirms."""
    return {"dismiss"} if state in ("reported", "grading") else set()


def test_a_room_says_who_must_take_the_next_step(world: World) -> None:
    number = world.numbers["grading"]

    assert "等待指挥长启动响应" in world.person("duty_officer").read(f"/incidents/{number}")


def test_the_list_finds_by_number_place_and_unit(world: World) -> None:
    school = make_incident(world.desk, unit={"name": "示例市第二中学"}).number
    clinic = make_incident(world.desk, kind="drug", unit={"name": "示例市中心医院"}).number
    officer = world.person("duty_officer")

    assert school in officer.read("/incidents", q="第二中学")
    assert clinic not in officer.read("/incidents", q="第二中学")
    assert clinic in officer.read("/incidents", kind="drug")
    assert school not in officer.read("/incidents", kind="drug")
    assert school not in officer.read("/incidents", drill="yes")
    assert school not in officer.read("/incidents", q="%")
    assert officer.get("/incidents", q=school).location.endswith(f"/incidents/{school}")


def test_the_list_pages_by_what_was_shown_last(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("incident.queries.listing.PAGE", 2)
    numbers = [make_incident(world.desk, kind="device").number for _ in range(3)]
    officer = world.person("duty_officer")

    first = officer.read("/incidents", kind="device")
    older = first.split("before=")[1].split('"')[0]
    second = officer.read("/incidents", kind="device", before=older)

    assert [number in first for number in numbers] == [False, True, True]
    assert [number in second for number in numbers] == [True, False, False]


def test_a_page_that_follows_gets_only_what_is_new(world: World) -> None:
    people = make_people(world.desk)
    incident = make_incident(world.desk)
    officer = world.person("duty_officer")
    seen = officer.read(f"/incidents/{incident.number}").split('data-after="')[1].split('"')[0]

    act(world.desk, incident, "note", people["duty_officer"], text="校方来电")
    fresh = officer.read(f"/incidents/{incident.number}/timeline", after=seen)

    assert fresh.count("<li") == 1
    assert "校方来电" in fresh
    assert 'data-live-list data-url="' in officer.read(f"/incidents/{incident.number}")


@pytest.mark.parametrize("part", ["board", "clocks", "actions"])
def test_each_live_part_answers_the_panel_that_it_renews(world: World, part: str) -> None:
    number = world.numbers["responding"]
    officer = world.person("duty_officer")
    address = f"/incidents/{number}/now/{part}"

    assert f'data-live-replace data-url="{address}"' in officer.read(f"/incidents/{number}")
    assert f'data-live-replace data-url="{address}"' in officer.read(address)


def test_an_entry_has_an_address_and_a_correction_strikes_it(world: World) -> None:
    people = make_people(world.desk)
    incident = make_incident(world.desk)
    act(world.desk, incident, "note", people["duty_officer"], text="留样十六份")
    officer = world.person("duty_officer")
    room = officer.read(f"/incidents/{incident.number}", group="note")
    seq = room.split('data-seq="')[1].split('"')[0]

    act(world.desk, incident, "note", people["duty_officer"], text="留样六份", corrects=int(seq))

    assert f"更正第{seq}条" in officer.read(f"/incidents/{incident.number}")
    assert "<del>留样十六份</del>" in officer.read(f"/incidents/{incident.number}/entries/{seq}")
    assert officer.get(f"/incidents/{incident.number}/entries/999999").status_code == 404


def test_unknown_numbers_are_said_to_be_unknown(world: World) -> None:
    number = make_incident(world.desk, counts={"ill": 4}).number

    board = world.person("duty_officer").read(f"/incidents/{number}/now/board")

    assert board.count("不详") == 2


def test_a_message_that_was_sent_bears_no_tick(world: World) -> None:
    people = make_people(world.desk)
    incident = make_incident(world.desk)
    officer = world.person("duty_officer")

    assert "verdict-met" not in officer.read(f"/incidents/{incident.number}/messages")
    act(world.desk, incident, "acknowledge", people["duty_leader"])
    assert "verdict-met" in officer.read(f"/incidents/{incident.number}/messages")


def test_pages_speak_english(world: World) -> None:
    number = world.numbers["responding"]
    officer = browser(world.app, "duty_officer")
    officer.client.set_cookie("language", "en")

    assert "You can do now" in officer.read(f"/incidents/{number}")
