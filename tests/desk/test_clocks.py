"""Statutory clocks of an incident: they start with what sets them going, once, and stay."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from incident.clock import FrozenClock
from incident.errors import Conflict, InvalidInput
from incident.inputs.tasks import TaskChange
from incident.models import Incident, IncidentClock, Task
from incident.operations import clocks, steps, tasks
from incident.queries import room
from incident.services import Services
from tests.support.desk import NOW, act, make_incident, make_people, read
from tests.support.steps import brings, entries, propose

HOUR = timedelta(hours=1)


def of(services: Services, rule: str) -> list[IncidentClock]:
    with services.reading() as session:
        found = select(IncidentClock).where(IncidentClock.rule == rule).order_by(IncidentClock.id)
        return list(session.scalars(found))


def passed(services: Services, time: timedelta) -> None:
    assert isinstance(services.clock, FrozenClock)
    services.clock.moment += time


def mark(services: Services, incident: Incident, clock: int, **given: Any) -> IncidentClock:
    who = make_people(services)["duty_officer"]
    with services.transaction() as session:
        held = steps.hold(session, incident.number)
        return clocks.mark(
            session,
            held,
            clock,
            **{"at": None, "note": "已电话报告", **given},
            who=who,
            now=services.now(),
        )


def finish(services: Services, incident: Incident, measure: str) -> None:
    context = services.context(make_people(services)["group_member"])
    with services.transaction() as session:
        held = steps.hold(session, incident.number)
        task = session.scalars(select(Task).where(Task.measure == measure)).one()
        tasks.change(session, held, task, TaskChange(status="done"), context)


@pytest.mark.parametrize(
    ("state", "rule"),
    [
        pytest.param("grading", "FC-DUTY30", id="verifying passes the report on"),
        pytest.param("responding", "FC-HQ", id="activation sets up the headquarters"),
        pytest.param("closed", "FC-ERL87", id="the archive holds the summary"),
    ],
)
def test_a_step_stops_the_clocks_that_it_satisfies(
    sqlite_services: Services, state: str, rule: str
) -> None:
    make_incident(sqlite_services, state=state)
    [clock] = of(sqlite_services, rule)
    assert clock.satisfied_at == NOW
    assert clock.satisfied_how is not None
    assert clock.satisfied_how.startswith("action:")


def test_seizing_goods_starts_the_thirty_days(services: Services) -> None:
    incident = make_incident(services, state="responding")
    assert of(services, "FC-D01") == []
    passed(services, HOUR)
    finish(services, incident, "A08")
    [clock] = of(services, "FC-D01")
    assert clock.starts_at == NOW + HOUR
    assert clock.due_at is not None
    assert clock.due_at - clock.starts_at > timedelta(days=29)


def test_a_finished_measure_stops_the_clock_that_waits_for_it(sqlite_services: Services) -> None:
    incident = make_incident(sqlite_services, state="responding")
    assert of(sqlite_services, "FC-A03")[0].satisfied_at is None
    finish(sqlite_services, incident, "A03")
    assert of(sqlite_services, "FC-A03")[0].satisfied_how == "task:A03"


def test_no_clock_stands_twice_whatever_happens(sqlite_services: Services) -> None:
    people = make_people(sqlite_services)
    incident = make_incident(sqlite_services, state="responding")
    for grade in ("II", "III", "I", "IV"):
        passed(sqlite_services, HOUR)
        propose(sqlite_services, incident, grade, people["duty_officer"])
        raw = brings(sqlite_services, incident, "regrade", grade=grade)
        act(sqlite_services, incident, "regrade", people["commander"], **raw)
        facts = {"facts": {"cause": f"待查{grade}"}, "source": "hospital"}
        act(sqlite_services, incident, "update_facts", people["duty_officer"], **facts)
    with sqlite_services.reading() as session:
        found = [(one.rule, one.starts_at) for one in session.scalars(select(IncidentClock))]
    assert len(found) == len(set(found))
    repeating = [rule for rule, _ in found if rule.startswith("FC-PROG")]
    assert sorted(repeating) == ["FC-PROG-12", "FC-PROG-34"]


def test_a_duty_that_comes_with_a_regrade_is_not_late_before_it_was_owed(
    sqlite_services: Services,
) -> None:
    people = make_people(sqlite_services)
    incident = make_incident(sqlite_services, state="responding", grade="III")
    passed(sqlite_services, 50 * HOUR)
    propose(sqlite_services, incident, "I", people["duty_officer"])
    raw = brings(sqlite_services, incident, "regrade", grade="I")
    act(sqlite_services, incident, "regrade", people["commander"], **raw)
    [clock] = of(sqlite_services, "FC-PROG-12")
    assert (clock.starts_at, clock.due_at) == (NOW + 50 * HOUR, NOW + 74 * HOUR)
    assert of(sqlite_services, "FC-PROG-34")[0].due_at == NOW + 24 * HOUR


@pytest.mark.parametrize("how", ["by a briefing", "by hand"])
def test_a_repeating_duty_goes_on_with_its_next_round(sqlite_services: Services, how: str) -> None:
    incident = make_incident(sqlite_services, state="responding")
    passed(sqlite_services, 20 * HOUR)
    [first] = of(sqlite_services, "FC-PROG-34")
    if how == "by hand":
        mark(sqlite_services, incident, first.id)
    else:
        with sqlite_services.transaction() as session:
            held = steps.hold(session, incident.number)
            clocks.satisfy(session, held, "briefing:progress", at=sqlite_services.now())
    first, second = of(sqlite_services, "FC-PROG-34")
    assert first.satisfied_at == NOW + 20 * HOUR
    assert (second.starts_at, second.due_at) == (NOW + 20 * HOUR, NOW + 44 * HOUR)
    assert (second.satisfied_at, second.next_alarm_at) == (None, NOW + 32 * HOUR)


@pytest.mark.parametrize(
    ("after", "state"),
    [
        pytest.param(HOUR, "running", id="half of the time"),
        pytest.param(1.5 * HOUR, "near", id="three quarters"),
        pytest.param(2 * HOUR, "near", id="on the second"),
        pytest.param(2 * HOUR + timedelta(seconds=1), "overdue", id="a second late"),
    ],
)
def test_a_clock_says_how_it_stands(
    shared_services: Services, after: timedelta, state: str
) -> None:
    make_incident(shared_services)
    clock = of(shared_services, "FC-INITIAL")[-1]
    assert clocks.state(clock, NOW + after) == state


def test_lateness_stays_after_the_duty_was_done(sqlite_services: Services) -> None:
    incident = make_incident(sqlite_services)
    [clock] = of(sqlite_services, "FC-INITIAL")
    passed(sqlite_services, 3 * HOUR)
    mark(sqlite_services, incident, clock.id)
    [kept] = of(sqlite_services, "FC-INITIAL")
    assert clocks.state(kept, NOW + 100 * HOUR) == "late"
    assert entries(sqlite_services, incident)[-1].data["late"] is True


def test_a_duty_done_in_time_and_entered_late_is_not_late(sqlite_services: Services) -> None:
    incident = make_incident(sqlite_services)
    [clock] = of(sqlite_services, "FC-INITIAL")
    passed(sqlite_services, 3 * HOUR)
    mark(sqlite_services, incident, clock.id, at=NOW + HOUR, note="传真已发")
    [kept] = of(sqlite_services, "FC-INITIAL")
    assert (clocks.state(kept, NOW + 9 * HOUR), kept.note) == ("done", "传真已发")
    entry = entries(sqlite_services, incident)[-1]
    assert (entry.at, entry.entered_at) == (NOW + HOUR, NOW + 3 * HOUR)
    assert "传真已发" in entry.text


def test_a_clock_is_marked_once_by_its_own_incident_and_not_ahead(
    sqlite_services: Services,
) -> None:
    incident, other = make_incident(sqlite_services), make_incident(sqlite_services)
    mine, theirs = of(sqlite_services, "FC-INITIAL")
    with pytest.raises(InvalidInput):
        mark(sqlite_services, incident, theirs.id)
    with pytest.raises(InvalidInput):
        mark(sqlite_services, other, theirs.id, at=NOW + timedelta(seconds=1))
    mark(sqlite_services, incident, mine.id)
    with pytest.raises(Conflict, match="clock-stopped"):
        mark(sqlite_services, incident, mine.id)


def test_the_desk_knows_the_nearest_running_clock_after_every_change(
    sqlite_services: Services,
) -> None:
    def expected() -> object:
        with sqlite_services.reading() as session:
            found = session.scalars(select(IncidentClock)).all()
        owed = [c.due_at for c in found if c.due_at and not c.satisfied_at and not c.advisory]
        return min(owed, default=None)

    incident = make_incident(sqlite_services)
    people = make_people(sqlite_services)
    assert read(sqlite_services, incident.number).next_due_at == expected()
    for clock in of(sqlite_services, "FC-R02") + of(sqlite_services, "FC-DUTY10"):
        mark(sqlite_services, incident, clock.id)
        assert read(sqlite_services, incident.number).next_due_at == expected()
    act(sqlite_services, incident, "verify", people["duty_officer"], conclusion="属实")
    assert read(sqlite_services, incident.number).next_due_at == expected()
    raw = brings(sqlite_services, incident, "transfer")
    act(sqlite_services, incident, "transfer", people["duty_leader"], **raw)
    assert read(sqlite_services, incident.number).next_due_at is None


def test_a_clock_with_a_condition_starts_when_the_facts_come(sqlite_services: Services) -> None:
    conditional = [
        (plan, clock)
        for plan in sqlite_services.rules.library.plans
        for clock in plan.clocks
        if clock.when is not None and plan.id == "drug-CN@2011" and "received" in clock.starts
    ]
    assert conditional, "no plan has a clock with a condition"
    incident = make_incident(sqlite_services, kind="drug", counts={"ill": 1})
    officer = make_people(sqlite_services)["duty_officer"]
    with sqlite_services.reading() as session:
        before = {one.rule for one in session.scalars(select(IncidentClock))}
    facts = {"facts": {"deaths": 1}, "source": "hospital"}
    act(sqlite_services, incident, "update_facts", officer, **facts)
    with sqlite_services.reading() as session:
        after = {one.rule for one in session.scalars(select(IncidentClock))}
    assert after - before
    assert after - before <= {clock.id for _, clock in conditional} | {
        clock.id for clock in sqlite_services.rules.library.plan(incident.plan).clocks if clock.when
    }


def test_working_days_beyond_the_table_of_holidays_are_said_to_be_a_guess(
    sqlite_services: Services,
) -> None:
    assert isinstance(sqlite_services.clock, FrozenClock)
    sqlite_services.clock.moment = NOW.replace(year=2031)
    make_incident(sqlite_services, state="reviewing", occurred_at=None)
    [final] = of(sqlite_services, "FC-FINAL")
    assert final.note is not None
    assert "假日表" in final.note


def test_a_clock_that_nobody_kept_stops_when_its_incident_is_over(services: Services) -> None:
    incident = make_incident(services, state="grading")
    passed(services, HOUR)
    people = make_people(services)
    act(services, incident, "dismiss", people["duty_officer"], reason="误报")
    act(services, incident, "dismiss", people["duty_leader"], reason="误报")
    passed(services, 50 * HOUR)

    with services.reading() as session:
        over, now = read(services, incident.number), services.now()
        found = {clock.rule: clock for clock in room.clocks(session, over, now)}
        board = room.board(session, over, services.rules, now)
    assert (found["FC-INITIAL"].how, found["FC-INITIAL"].stopped_at) == ("running", NOW + HOUR)
    assert (found["FC-DUTY10"].how, found["FC-DUTY10"].stopped_at) == ("overdue", NOW + HOUR)
    assert found["FC-DUTY30"].stopped_at is None, "the verification kept it"
    assert room.rail(tuple(found.values())) == ()
    assert board.next_clock is None
