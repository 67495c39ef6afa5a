"""Who takes part in a drill: the usual people, who is refused, and who may see what."""

import pytest
from sqlalchemy import select

from drills import directing, enrolling, participants, readiness, runs
from drills.models import DrillRun, Improvement
from drills.participants import CONTROLLER, EVALUATOR, OBSERVER, PLAYER, SIMULATOR
from incident.errors import Conflict, Forbidden, InvalidInput
from incident.models import User
from incident.services import Services
from incident.who import Who
from tests.support.desk import make_people, make_person
from tests.support.drills import enrol, prepare_run, run_of
from tests.support.running import session_cookie

REAL = "+8613912345678"


@pytest.fixture
def people(services: Services) -> dict[str, Who]:
    return dict(make_people(services))


def parts(services: Services, run: DrillRun) -> dict[str, list[str]]:
    with services.reading() as session:
        found: dict[str, list[str]] = {}
        for one in participants.of_run(session, run):
            found.setdefault(one.row.part or one.row.plays, []).append(one.user.name)
        return found


def add(services: Services, run: DrillRun, account: str, part: str, **rest: bool) -> None:
    with services.transaction() as session:
        enrolling.add(session, runs.hold(session, run.key), account, part, **rest)  # type: ignore[arg-type]


def refusal(services: Services, run: DrillRun, account: str, part: str) -> str:
    with pytest.raises(InvalidInput) as refused:
        add(services, run, account, part)
    return refused.value.errors[0].code


def ring(services: Services, account: str, phone: str) -> None:
    with services.transaction() as session:
        session.scalars(select(User).where(User.name == account)).one().phone = phone


def points(services: Services, run: DrillRun) -> dict[str, str]:
    with services.reading() as session:
        now, rules = services.now(), services.rules
        found = readiness.points(session, runs.find(session, run.key), now=now, rules=rules)
        return {one.name: one.state for one in found}


def test_the_usual_people_have_the_parts(services: Services, people: dict[str, Who]) -> None:
    run = prepare_run(services, people["director"])

    assert parts(services, run) == {
        "duty": ["duty_officer"],
        "leader": ["duty_leader"],
        "command": ["commander"],
        "group": ["group_member"],
        "chair": ["chair"],
        "public": ["director"],
        "control": ["director"],
        "judge": ["evaluator"],
        "observer": ["observer"],
    }


def test_scripts_play_for_those_who_are_not_there(
    services: Services, people: dict[str, Who]
) -> None:
    session_cookie(services, "duty_officer")

    run = prepare_run(services, people["director"], colleagues=True)

    with services.reading() as session:
        seats = {one.part.id: one for one in enrolling.seats(session, run)}
    assert [one.user.name for one in seats["duty"].members] == ["duty_officer"]
    assert seats["command"].stand_in
    assert not seats["command"].is_empty


def test_a_real_telephone_is_left_out_until_the_director_says_so(
    services: Services, people: dict[str, Who]
) -> None:
    ring(services, "duty_officer", REAL)

    run = prepare_run(services, people["director"])

    assert "duty" not in parts(services, run)
    assert refusal(services, run, "duty_officer", "duty") == "real-telephone"
    add(services, run, "duty_officer", "duty", with_real=True)
    assert parts(services, run)["duty"] == ["duty_officer"]


def test_a_refusal_does_not_say_the_number(services: Services, people: dict[str, Who]) -> None:
    ring(services, "duty_officer", REAL)
    run = prepare_run(services, people["director"])

    with pytest.raises(InvalidInput) as refused:
        add(services, run, "duty_officer", "duty")

    assert REAL[-8:] not in repr(refused.value.errors)


@pytest.mark.parametrize(
    ("mail", "is_real"),
    [("a@desk.invalid", False), ("a@example.org", False), ("a@city.gov.cn", True), (None, False)],
)
def test_an_address_of_mail_is_looked_at_too(mail: str | None, is_real: bool) -> None:
    user = User(name="x", display="x", phone="+861000000001", mail=mail, language="zh")

    assert participants.is_real(user) is is_real


def test_who_knows_the_drill_cannot_play_it(services: Services, people: dict[str, Who]) -> None:
    make_person(services, "both", "duty_officer", "evaluator", number=60)
    make_person(services, "chief", "duty_officer", "director", number=61)
    run = prepare_run(services, people["director"])
    enrol(services, run.key, "both", EVALUATOR, "judge")

    assert refusal(services, run, "both", "duty") == "knows-the-drill"
    assert refusal(services, run, "director", "duty") == "lacks-role"
    add(services, run, "chief", "duty")
    assert refusal(services, run, "chief", "control") == "plays-already"


def test_a_part_that_is_none_and_a_person_who_is_nobody_are_named(
    services: Services, people: dict[str, Who]
) -> None:
    run = prepare_run(services, people["director"])

    assert refusal(services, run, "nobody", "duty") == "no-such-user"
    assert refusal(services, run, "duty_officer", "cook") == "no-such-part"
    assert refusal(services, run, "observer", "duty") == "lacks-role"


def test_whoever_plays_is_nothing_else_whatever_his_roles(
    services: Services, people: dict[str, Who]
) -> None:
    chief = make_person(services, "chief", "duty_officer", "director", number=61)
    run = prepare_run(services, people["director"])
    add(services, run, "chief", "duty")

    with services.reading() as session:
        assert participants.plays(session, run, chief) == {PLAYER}
        assert participants.plays(session, run, people["evaluator"]) == {EVALUATOR}
        assert participants.plays(session, run, people["director"]) == {CONTROLLER, SIMULATOR}
        assert participants.plays(session, run, people["auditor"]) == frozenset()
        assert participants.plays_scenario(session, run.scenario, chief)
        with pytest.raises(Forbidden) as refused:
            participants.require(session, run, chief, CONTROLLER, EVALUATOR, OBSERVER)
    assert refused.value.code == "drill-player"


def test_one_directs_until_another_takes_over(services: Services, people: dict[str, Who]) -> None:
    other = make_person(services, "second", "director", number=62)
    run = prepare_run(services, people["director"])

    with services.reading() as session, pytest.raises(Conflict) as refused:
        participants.require_director(session, run, other)
    assert refused.value.code == "drill-other-director"
    with services.transaction() as session:
        directing.take_over(session, run.key, who=other, now=services.now())
    run = run_of(services, run.key)
    with services.reading() as session:
        participants.require_director(session, run, other)
        with pytest.raises(Conflict):
            participants.require_director(session, run, people["director"])
    assert parts(services, run)["control"] == ["director", "second"]


def test_what_is_not_ready_is_told_and_forbids_nothing(
    services: Services, people: dict[str, Who]
) -> None:
    run = prepare_run(services, people["director"])
    found = points(services, run)

    assert found["players"] == found["controllers"] == found["evaluators"] == readiness.OK
    assert found["scenario"] == found["plan"] == found["improvements"] == readiness.OK
    assert found["communication"] == found["engine"] == readiness.OPEN
    assert found["stand-in"] == readiness.UNKNOWN
    with services.transaction() as session:
        begun = runs.begin(session, run.key, who=people["director"], now=services.now())
    assert begun.started_at is not None


def test_what_earlier_drills_left_open_is_shown(services: Services, people: dict[str, Who]) -> None:
    run = prepare_run(services, people["director"])
    with services.transaction() as session:
        weakness = Improvement(
            number="GJ-1",
            scenario=run.scenario,
            weakness="首报超时",
            remedy="练习",
            owner_id=people["duty_leader"].person,
            due_on=services.now().date(),
            entered_by=people["director"].person,
            entered_at=services.now(),
        )
        session.add(weakness)

    assert points(services, run)["improvements"] == readiness.OPEN
