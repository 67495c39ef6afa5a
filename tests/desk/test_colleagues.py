"""Scripted colleagues play what nobody plays: to the archive, in drill time, and never a person."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import select

from drills import player, runs
from drills.colleagues import playing, script
from drills.colleagues.script import FOLDER, script_of
from drills.example_people import give_telephones
from drills.example_people import make_people as make_examples
from drills.example_roster import make_roster
from drills.rehearse import play_until
from drills.scenario.files import shipped
from incident import words
from incident.clock import FrozenClock
from incident.models import Entry, Incident, User
from incident.operations import pace
from incident.services import Services
from incident.who import Who
from tests.support.databases import SqliteDatabases
from tests.support.desk import act, desk_database, make_incident, make_people, open_services, read
from tests.support.rehearsal import (
    answer,
    begin,
    direct,
    expected,
    first,
    go,
    incident_of,
    join,
    later,
    measured,
    row,
    scenario,
)
from tests.support.rehearsal import (
    words as told,
)

ALL = shipped()
SHORT = "opinion-storm"
LONG = "school-canteen-salmonella"  # of three hours
ENDS = {"aefi-excluded": "dismissed", "opinion-storm": "dismissed"}
BEAT = timedelta(seconds=0.5)
MISSED = {"missed", "late", "open"}


def make_example_desk(services: Services) -> dict[str, Who]:
    people = make_examples(services)
    give_telephones(services)
    make_roster(services, people)
    return people


@pytest.fixture(scope="module")
def example_file(tmp_path_factory: pytest.TempPathFactory, prepared_files: Path) -> Path:
    """A desk with the example's people, to copy from."""
    folder = tmp_path_factory.mktemp("examples")
    url = desk_database(SqliteDatabases(folder, prepared_files))
    with open_services(url, folder / "desk") as services:
        make_example_desk(services)
    return folder


@pytest.fixture
def examples(example_file: Path, tmp_path: Path) -> Iterator[Services]:
    """An example desk that nobody else has."""
    database = tmp_path / "desk.db"
    (original,) = example_file.glob("desk-*.db")
    database.write_bytes(original.read_bytes())
    folder = tmp_path / "desk"
    folder.mkdir()
    (folder / "example-password").write_bytes(
        (example_file / "desk" / "example-password").read_bytes()
    )
    with open_services(f"sqlite:///{database}", folder) as services:
        yield services


def clock_of(services: Services) -> FrozenClock:
    return cast(FrozenClock, services.clock)


def play(services: Services, name: str, *, speed: float = 60) -> str:
    key = runs.start(services, ALL[name], speed=speed, colleagues=True).key
    play_until(services, clock_of(services), key)
    return key


def entries(services: Services, *types: str) -> list[Entry]:
    with services.reading() as session:
        query = select(Entry).where(Entry.type.in_(types)).order_by(Entry.seq)
        return list(session.scalars(query))


def seconds(services: Services, key: str) -> dict[str, tuple[str, float | None]]:
    return {name: (state, taken) for name, (state, taken) in measured(services, key).items()}


@pytest.mark.parametrize("name", ALL)
def test_colleagues_play_every_shipped_scenario_to_its_end(examples: Services, name: str) -> None:
    key = play(examples, name)

    assert read(examples, incident_of(examples, key)).state == ENDS.get(name, "closed")
    found = measured(examples, key)
    assert [id for id, (state, _) in found.items() if state in MISSED] == []
    assert entries(examples, "colleague_stuck", "inject_failed") == []
    assert player.next_due(examples, key) is None


def test_colleagues_play_on_postgresql_too(services: Services) -> None:
    make_example_desk(services)

    key = play(services, SHORT)

    assert read(services, incident_of(services, key)).state == "dismissed"


def test_a_fast_drill_and_a_slow_one_with_a_pause_come_to_the_same(examples: Services) -> None:
    """Three hours at × 1 by due times, and at × 60 by a beat, with a pause and other speeds."""
    slow = play(examples, LONG, speed=1)
    fast = runs.start(examples, ALL[LONG], speed=60, colleagues=True).key
    beats(examples, fast, seconds=70)
    direct(examples, "pause", fast)
    beats(examples, fast, seconds=30)
    direct(examples, "set_speed", fast, 20.0)
    direct(examples, "resume", fast)
    beats(examples, fast, seconds=90)
    direct(examples, "set_speed", fast, 60.0)
    beats(examples, fast, seconds=180)

    exact, beaten = seconds(examples, slow), seconds(examples, fast)
    assert {id: state for id, (state, _) in beaten.items()} == {
        id: state for id, (state, _) in exact.items()
    }
    assert {id: taken for id, (_, taken) in beaten.items()} == pytest.approx(
        {id: taken for id, (_, taken) in exact.items()}, abs=1.0
    )


def beats(services: Services, key: str, *, seconds: int) -> None:
    """Let the engine look every half second, which is half a minute of the drill at × 60."""
    clock = clock_of(services)
    end = clock.moment + timedelta(seconds=seconds)
    while (moment := next_moment(services, key)) is not None and moment < end:
        while clock.moment < moment:
            clock.advance(BEAT)
        player.play_due(services)
    clock.moment = end


def next_moment(services: Services, key: str) -> datetime | None:
    following = player.next_due(services, key)
    with services.reading() as session:
        time = pace.of(session, key)
    return None if following is None or time.stands else time.wall(following)


@pytest.mark.parametrize("speed", [1, 12])
def test_nothing_is_done_before_its_drill_time(examples: Services, speed: float) -> None:
    runs.start(examples, ALL[LONG], speed=speed, colleagues=True)
    player.play_due(examples)
    go(examples, minutes=11.9 / speed)
    assert entries(examples, "verify") == []

    go(examples, minutes=0.1 / speed)

    (verified,) = entries(examples, "verify")
    assert verified.actor == "值班员（脚本同事）"


def test_a_drill_that_stands_is_left_alone(examples: Services) -> None:
    key = runs.start(examples, ALL[LONG], speed=60, colleagues=True).key
    player.play_due(examples)
    direct(examples, "pause", key)

    go(examples, hours=5)

    assert entries(examples, "verify", "acknowledge") == []
    direct(examples, "end", key)
    assert playing.play(examples, key) == 0


def test_a_drill_without_colleagues_and_real_incidents_are_left_alone(examples: Services) -> None:
    make_incident(examples)
    runs.start(examples, ALL[LONG], speed=60)
    runs.start(examples, ALL[SHORT], speed=60, colleagues=True)
    for _ in range(20):
        go(examples, minutes=1 / 60)

    with examples.reading() as session:
        found = session.execute(select(Incident.drill, Incident.state).order_by(Incident.id))
        (real, bare, scripted) = found.all()
    assert (real.drill, real.state) == (None, "reported")
    assert bare.state == "reported"
    assert scripted.state == "grading"
    assert {one.drill for one in entries(examples, "verify", "acknowledge")} == {scripted.drill}


def test_nobody_acts_for_a_part_that_a_person_holds(examples: Services) -> None:
    with examples.reading() as session:
        zhiban = session.scalars(select(User).where(User.name == "zhiban")).one()
        officer = Who(id=zhiban.id, display=zhiban.display)
    key = runs.start(examples, ALL[LONG], speed=1, colleagues=True).key
    join(examples, key, "duty", officer)

    play_until(examples, clock_of(examples), key)

    actors = {one.actor for one in entries(examples, *script_of(LONG))}
    assert "值班员（脚本同事）" not in actors
    assert entries(examples, "verify") == []
    assert {one.actor_id for one in entries(examples, "acknowledge")} - {officer.id}
    assert officer.id not in {one.actor_id for one in entries(examples, "acknowledge")}


def test_a_person_who_was_faster_is_not_overtaken(examples: Services) -> None:
    people = make_examples(examples)
    key = runs.start(examples, ALL[LONG], speed=1, colleagues=True).key
    player.play_due(examples)
    later(examples, minutes=3)
    incident = read(examples, incident_of(examples, key))
    act(examples, incident, "verify", people["zhibanyi"], conclusion="属实")

    for _ in range(20):
        go(examples, minutes=1)

    (verified,) = entries(examples, "verify")
    assert verified.actor_id == people["zhibanyi"].id
    assert entries(examples, "propose_grade")


def test_a_person_may_take_a_part_over_in_the_middle(examples: Services) -> None:
    people = make_examples(examples)
    key = runs.start(examples, ALL[LONG], speed=1, colleagues=True).key
    for _ in range(25):
        go(examples, minutes=1)
    join(examples, key, "command", people["zhihui"])

    play_until(examples, clock_of(examples), key)

    assert entries(examples, "verify", "propose_grade")
    assert entries(examples, "approve_grade", "activate") == []


def test_nobody_signs_with_a_persons_password(sqlite_services: Services) -> None:
    make_people(sqlite_services)
    key = begin(sqlite_services, first(), colleagues=True)

    play_until(sqlite_services, clock_of(sqlite_services), key)

    (stuck,) = entries(sqlite_services, "colleague_stuck")
    assert stuck.data["problem"] == "colleague-cannot-sign"
    assert "签名" in stuck.text
    assert read(sqlite_services, incident_of(sqlite_services, key)).state == "consulting"


def test_two_engines_do_each_deed_once(services: Services) -> None:
    make_people(services)
    key = begin(services, first(), colleagues=True)
    later(services, minutes=12)

    done = [playing.play(services, key), playing.play(services, key)]

    assert done[0] > 0
    assert done[1] == 0
    assert len(entries(services, "verify")) == 1


def test_what_goes_wrong_is_left_out_once_and_the_rest_goes_on(sqlite_services: Services) -> None:
    people = make_people(sqlite_services)
    key = begin(sqlite_services, first(), told("asks", at="1m"), colleagues=True)
    with sqlite_services.transaction() as session:
        for user in session.scalars(select(User).where(User.name == "group_member")):
            user.role_rows.clear()

    for _ in range(20):
        go(sqlite_services, minutes=4)

    assert row(sqlite_services, key, "asks").answered_by == people["duty_officer"].id
    assert entries(sqlite_services, "activate")
    assert entries(sqlite_services, "task_done") == []


def test_an_answer_is_given_by_whom_the_scenario_asks(sqlite_services: Services) -> None:
    people = make_people(sqlite_services)
    asked = expected("answers", {"answered": "asks"}, since="inject:asks", parts=["command"])
    key = begin(
        sqlite_services, first(), told("asks", at="1m"), expectations=[asked], colleagues=True
    )
    for _ in range(10):
        go(sqlite_services, minutes=1)

    assert row(sqlite_services, key, "asks").answered_by == people["commander"].id
    assert measured(sqlite_services, key) == {"answers": ("met", 7)}


def test_an_answer_of_a_person_is_not_given_again(sqlite_services: Services) -> None:
    people = make_people(sqlite_services)
    key = begin(sqlite_services, first(), told("asks", at="1m"), colleagues=True)
    go(sqlite_services, minutes=1)
    answer(sqlite_services, key, "asks", people["duty_leader"])

    for _ in range(20):
        go(sqlite_services, minutes=1)

    assert row(sqlite_services, key, "asks").answered_by == people["duty_leader"].id
    assert len(entries(sqlite_services, "inject_reply")) == 1


def test_scripts_name_shipped_scenarios_and_deeds_that_have_words() -> None:
    named = {path.stem for path in FOLDER.glob("*.yaml")} - {script.COMMON}
    assert named <= set(ALL)
    for name in ALL:
        deeds = script_of(name)
        assert set(deeds) == set(words.vocabulary()["drill_deeds"])
        for deed in deeds.values():
            inject = deed.inject
            assert inject is None or inject in {one.id for one in ALL[name].injects}


def test_whole_minutes_count_from_their_beginning(sqlite_services: Services) -> None:
    make_people(sqlite_services)
    key = runs.start(sqlite_services, scenario(), colleagues=True).key
    go(sqlite_services, seconds=50)

    assert playing.next_due(sqlite_services, key) == timedelta(minutes=2)
