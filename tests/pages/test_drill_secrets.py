"""A player never sees what is the controllers' of his run, by any address and whatever role."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from drills import app as application
from drills import participants, player, runs
from drills.models import DrillRun
from drills.web.guarding import FOR_PLAYERS
from incident.models import Entry
from incident.services import Services
from tests.support.desk import make_people, make_person
from tests.support.drills import CANTEEN, begin_run, clients, enrol, injects, prepare_run
from workflows.lifecycle import Role

PLANNED = "网络出现"  # of an inject that has not come
EXPECTED = "45 分钟内核定级别"
BACKGROUND = "潜伏期"
ACTED = "扮演家长"
SECRETS = (PLANNED, EXPECTED, BACKGROUND, ACTED)
EVERY_ROLE = ("duty_officer", "director", "observer")


@pytest.fixture
def run(desk: Services) -> DrillRun:
    people = make_people(desk)
    make_person(desk, "knower", *EVERY_ROLE, number=70)
    run = prepare_run(desk, people[Role.DIRECTOR])
    _drop_all_of(desk, run, "knower")
    enrol(desk, run.key, "knower", "player", "duty")
    return _begin(desk, run)


@pytest.fixture
def knower(desk: Services, run: DrillRun) -> FlaskClient:
    """A player who could direct, and observe, any other drill."""
    return clients(desk)("knower")


def _drop_all_of(desk: Services, run: DrillRun, account: str) -> None:
    with desk.transaction() as session:
        held = runs.hold(session, run.key)
        for one in participants.of_run(session, held):
            if one.user.name == account:
                participants.drop(session, held, one.row.id)


def _begin(desk: Services, run: DrillRun) -> DrillRun:
    people = make_people(desk)
    with desk.transaction() as session:
        runs.begin(session, run.key, who=people[Role.DIRECTOR], now=desk.now())
    player.play_due(desk)
    return run


def addresses(desk: Services, run: DrillRun) -> Iterator[tuple[Rule, str, str]]:
    """Return every address of drills that names this run or its scenario, with its method."""
    planned = injects(desk, run.key)["media"].id
    values = {
        "key": run.key,
        "name": CANTEEN,
        "inject": planned,
        "part": "course",
        "segment": "full",
        "participant": 1,
        "objective": "grading",
        "place": 0,
        "file": 1,
        "question": "well",
    }
    for rule in application.make_app(desk).url_map.iter_rules():
        names = rule.arguments
        if rule.endpoint.startswith("drills.") and names and names <= set(values):
            built = rule.build({name: values[name] for name in names})
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                assert built is not None
                yield rule, method, built[1]


def test_every_page_of_controllers_is_closed_to_a_player(
    desk: Services, run: DrillRun, knower: FlaskClient
) -> None:
    asked = list(addresses(desk, run))
    wrong = {}
    for rule, method, address in asked:
        answer = knower.open(address, method=method)
        told = [secret for secret in SECRETS if secret.encode() in answer.get_data()]
        if told or (rule.endpoint not in FOR_PLAYERS and answer.status_code != 403):
            wrong[f"{method} {rule.rule}"] = (answer.status_code, told)

    assert len(asked) > 30
    assert wrong == {}


def test_a_player_is_led_to_his_inbox_and_sees_what_has_come_alone(
    run: DrillRun, knower: FlaskClient
) -> None:
    assert knower.get(f"/drills/{run.key}").location == f"/drills/{run.key}/inbox"

    page = knower.get(f"/drills/{run.key}/inbox")

    assert page.status_code == 200
    assert "多名学生先后就诊" in page.text
    assert not [secret for secret in SECRETS if secret in page.text]


def test_the_list_tells_a_player_no_figures_of_his_run(run: DrillRun, knower: FlaskClient) -> None:
    assert "1/8" not in knower.get("/drills").text


def test_the_director_sees_all_of_it(desk: Services, run: DrillRun) -> None:
    director = clients(desk)("director")

    assert PLANNED in director.get(f"/drills/{run.key}").text
    assert EXPECTED in director.get(f"/drills/{run.key}").text


def test_of_another_run_he_may_see_what_his_roles_allow(
    desk: Services, run: DrillRun, knower: FlaskClient
) -> None:
    people = make_people(desk)
    other = begin_run(desk, people[Role.DIRECTOR], scenario="rural-banquet-nitrite")
    _drop_all_of(desk, other, "knower")

    assert knower.get(f"/drills/{other.key}").status_code == 200


def test_no_entry_of_the_control_room_stands_in_a_timeline_that_players_read(
    desk: Services, run: DrillRun
) -> None:
    director = clients(desk)("director")
    director.post(f"/drills/{run.key}/injects/{injects(desk, run.key)['media'].id}/hold")

    with desk.reading() as session:
        held = session.query(Entry).filter(Entry.type == "inject_held").one()
    assert held.incident_id is None


@pytest.mark.parametrize("role", ["duty_leader", "expert", "auditor", "leader"])
@pytest.mark.parametrize("page", ["watch", "cards", "now/course"])
def test_who_takes_no_part_is_turned_away(
    desk: Services, run: DrillRun, role: str, page: str
) -> None:
    answer = clients(desk)(role).get(f"/drills/{run.key}/{page}")

    assert answer.status_code == 403
    assert not [secret for secret in SECRETS if secret in answer.text]
