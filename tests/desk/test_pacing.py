"""What waits for a time in a drill: due by its clock, still while it stands, right afterwards."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import event, select

from incident.clock import FrozenClock
from incident.inputs.base import parse
from incident.inputs.opinions import Declaration, OpinionInput
from incident.inputs.report import ReportInput
from incident.jobs.chase import chase
from incident.jobs.escalate import escalate
from incident.jobs.watch import watch
from incident.models import (
    Alert,
    AlertPerson,
    Consultation,
    Entry,
    Incident,
    IncidentClock,
    Opinion,
    Task,
)
from incident.operations import clocks, consulting, pace, reporting
from incident.operations.pacing import WAITING
from incident.services import Services
from incident.who import Who
from tests.support.desk import act, let_run, make_incident, make_people, raw_report, read

DRILL = "YL20261123-01"
NOTHING = timedelta()
Lengths = dict[tuple[str, int, str, int], timedelta]


@pytest.fixture
def people(services: Services) -> Mapping[str, Who]:
    return make_people(services)


def drill(services: Services, *, speed: float = 1.0, state: str = "responding") -> Incident:
    """Return the incident of a drill whose clock runs at a speed."""
    let_run(services, DRILL, speed=speed)
    return make_incident(services, state=state, grade="III", drill=DRILL)


def run(services: Services, **how: Any) -> None:
    with services.transaction() as session:
        pace.run(session, DRILL, **{"speed": 1.0, **how}, now=services.now())


def pause(services: Services) -> None:
    with services.transaction() as session:
        pace.stand(session, DRILL, now=services.now())


def later(services: Services, **passed: float) -> None:
    """Let time pass, and nobody look."""
    cast(FrozenClock, services.clock).advance(timedelta(**passed))


def ahead(services: Services) -> Lengths:
    """Return how much drill time is left until whatever waits and has not come."""
    now, found = services.now(), Lengths()
    with services.reading() as session:
        time = pace.of(session, DRILL)
        for waiting in WAITING:
            query = select(waiting.model)
            if waiting.is_open is not None:
                query = query.where(waiting.is_open)
            for row in session.scalars(query):
                key = (waiting.model.__name__, row.id)
                for name in (*waiting.columns, *waiting.lists):
                    for at, due in enumerate(moments(getattr(row, name))):
                        found[(*key, name, at)] = time.left(due, now)
    return {key: left for key, left in found.items() if left > NOTHING}


def moments(value: Any) -> list[datetime]:
    """Return the moments of a column: one, or a list of them or of steps."""
    if value is None or isinstance(value, datetime):
        return [value] if value else []
    texts = [one if isinstance(one, str) else one["at"] for one in value]
    return [datetime.fromisoformat(text) for text in texts]


def alike(one: Lengths, other: Lengths) -> bool:
    close = timedelta(milliseconds=2)
    return one.keys() == other.keys() and all(abs(one[key] - other[key]) < close for key in one)


def work(services: Services) -> int:
    """Let the engine look once at all that waits for a time; return what it did."""
    return watch(services) + escalate(services) + chase(services)


def clock_of(services: Services, incident: Incident, rule: str | None = None) -> IncidentClock:
    """Return the clock of a rule, or the nearest one that runs and acts."""
    with services.reading() as session:
        found = clocks.running_or_done(session, incident)
    open_ones = [one for one in found if one.satisfied_at is None and not one.advisory]
    if rule is not None:
        return next(one for one in found if one.rule == rule)
    return next(one for one in open_ones if one.due_at is not None)


def test_a_drill_at_twelve_times_the_speed_is_due_in_a_twelfth(services: Services) -> None:
    real = make_incident(services, state="responding", grade="III")
    quick = drill(services, speed=12)
    now = services.now()

    whole, twelfth = clock_of(services, real), clock_of(services, quick)

    assert whole.due_at is not None
    assert twelfth.due_at is not None
    assert twelfth.rule == whole.rule
    assert abs((whole.due_at - now) / 12 - (twelfth.due_at - now)) < timedelta(seconds=1)
    assert all(now <= moment <= twelfth.due_at for moment in moments(twelfth.alarms))


def test_a_pause_moves_what_waits_by_its_length(services: Services) -> None:
    incident = drill(services)
    before, due = ahead(services), read(services, incident.number).next_due_at

    pause(services)
    later(services, minutes=7)
    run(services)

    assert len(before) > 10
    assert alike(ahead(services), before)
    assert due is not None
    assert read(services, incident.number).next_due_at == due + timedelta(minutes=7)


@pytest.mark.parametrize("speed", [0.5, 12.0, 60.0])
def test_another_speed_leaves_the_drill_time_until_each_due_time(
    services: Services, speed: float
) -> None:
    drill(services, speed=4)
    later(services, seconds=30)
    before = ahead(services)

    run(services, speed=speed)

    assert alike(ahead(services), before)


def test_many_pauses_and_speeds_add_up(services: Services) -> None:
    drill(services)
    before, passed = ahead(services), timedelta(0)
    for speed, minutes in ((2.0, 1), (0.5, 4), (60.0, 0.1)):
        run(services, speed=speed)
        later(services, minutes=minutes)
        passed += timedelta(minutes=minutes) * speed
        pause(services)
        later(services, hours=3)
    run(services, speed=1.0)

    wanted = {key: left - passed for key, left in before.items() if left > passed}
    assert alike(ahead(services), wanted)


def test_a_jump_lets_the_time_between_pass(services: Services) -> None:
    drill(services)
    before = ahead(services)

    run(services, reading=timedelta(hours=1))

    left = {key: one - timedelta(hours=1) for key, one in before.items()}
    assert alike(ahead(services), {key: one for key, one in left.items() if one > NOTHING})
    assert work(services) > 0


def test_nothing_is_done_for_a_drill_that_stands_still(services: Services) -> None:
    drill(services)
    work(services)
    pause(services)
    later(services, hours=30)

    assert work(services) == 0

    run(services)

    assert work(services) == 0, "no drill time has passed"
    later(services, hours=30)
    assert work(services) > 0


def test_what_a_drill_waits_for_does_not_concern_what_is_real(services: Services) -> None:
    make_incident(services, state="responding", grade="III")
    drill(services)
    pause(services)
    before = real_rows(services)
    later(services, hours=2)

    run(services, speed=60)

    assert real_rows(services) == before
    assert work(services) > 0


def test_nobody_is_told_that_somebody_was_faster_after_a_pause(services: Services) -> None:
    incident = drill(services)
    with services.reading() as session:
        tasks = {one.id: one.version for one in session.scalars(select(Task))}
    pause(services)
    later(services, minutes=5)

    run(services)

    with services.reading() as session:
        assert {one.id: one.version for one in session.scalars(select(Task))} == tasks
    assert read(services, incident.number).version == incident.version


def test_a_clock_that_is_kept_in_a_pause_was_kept_in_time(
    services: Services, people: Mapping[str, Who]
) -> None:
    incident = drill(services)
    running = clock_of(services, incident)
    pause(services)
    later(services, days=3)
    with services.transaction() as session:
        held = session.get_one(Incident, incident.id)
        clocks.mark(
            session,
            held,
            running.id,
            at=None,
            note="已报",
            who=people["duty_officer"],
            now=services.now(),
        )
    run(services)
    later(services, days=3)

    with services.reading() as session:
        kept = session.get_one(IncidentClock, running.id)
        told = session.scalars(select(Entry.data).where(Entry.type == "clock_kept")).one()
    assert clocks.state(kept, services.now()) == "done"
    assert told["late"] is False


def test_what_begins_in_a_pause_counts_from_the_resumption(
    services: Services, people: Mapping[str, Who]
) -> None:
    incident = drill(services, state="grading")
    pause(services)
    later(services, hours=5)
    told = {"grade": "III", "reason": "按预案标准"}
    act(services, incident, "propose_grade", people["duty_officer"], **told)
    approval = {"grade": "III", "criterion": "预案标准", "expert_advice": "同意", "reason": "同意"}
    act(services, incident, "approve_grade", people["commander"], **approval)
    before = ahead(services)
    later(services, hours=5)

    run(services)

    assert alike(ahead(services), before)
    assert work(services) == 0


def test_an_alert_that_begins_in_a_pause_climbs_after_it(services: Services) -> None:
    let_run(services, DRILL)
    pause(services)
    later(services, hours=2)
    with services.reading() as session:
        assert pace.of(session, DRILL).stands
    _reported_in_a_pause(services)
    with services.reading() as session:
        called = session.scalars(select(AlertPerson)).all()
    later(services, hours=2)
    assert {one.step for one in called} == {1}, "the first step is taken at once"
    assert all(one.next_at is not None for one in called)
    assert work(services) == 0

    run(services)

    assert work(services) == 0
    later(services, hours=1)
    assert work(services) > 0


def test_an_opinion_of_a_pause_is_not_late_and_stays_blind(
    services: Services, people: Mapping[str, Who]
) -> None:
    incident = drill(services, state="consulting")
    pause(services)
    later(services, hours=30)
    context = services.context(people["expert"])
    with services.transaction() as session:
        asked = consulting.running(session, incident.id)
        assert asked is not None
        assert not consulting.is_open_to_read(session, asked, services.now())
        consulting.declare(session, asked, Declaration(), context)
        consulting.give(session, asked, OpinionInput(confidence="high", text="细菌"), context)
    run(services)

    with services.reading() as session:
        assert session.scalars(select(Entry.type).where(Entry.type.like("opinion%"))).one() == (
            "opinion"
        )
        given, asked = (session.scalars(select(model)).one() for model in (Opinion, Consultation))
    assert isinstance(asked, Consultation)
    assert isinstance(given, Opinion)
    assert given.given_at < asked.due_at


def test_a_real_report_asks_for_no_clock_of_a_drill(services: Services) -> None:
    drill(services)
    asked: list[str] = []
    event.listen(services.engine, "before_cursor_execute", lambda *told: asked.append(str(told[2])))

    make_incident(services)

    assert asked
    assert not [statement for statement in asked if "drill_stretches" in statement]


def real_rows(services: Services) -> list[Any]:
    with services.reading() as session:
        own = select(Incident.id).where(Incident.drill.is_(None))
        found = session.execute(
            select(IncidentClock.due_at, IncidentClock.next_alarm_at, IncidentClock.id).where(
                IncidentClock.incident_id.in_(own)
            )
        ).all()
        alerts = session.execute(
            select(Alert.siren_at, Alert.id).where(Alert.incident_id.in_(own))
        ).all()
    return [*found, *alerts]


def _reported_in_a_pause(services: Services) -> None:
    """Let an inject that is fired by hand open an incident while the clock stands."""
    people = make_people(services)
    number = services.take_number("food", drill=True)
    with services.transaction() as session:
        reporting.receive(
            session,
            parse(ReportInput, raw_report()),
            number=number,
            who=people["duty_officer"],
            now=services.now(),
            rules=services.rules,
            drill=DRILL,
        )
