"""A real incident stops every drill in one transaction, and each can go on where it stood."""

from datetime import timedelta
from typing import cast

import pytest
from sqlalchemy import select

from drills import player, preempting, runs
from drills.preempting import Stopped
from incident.clock import FrozenClock
from incident.models import Alert, Entry, Incident, OutgoingMessage
from incident.operations import climbing, pace
from incident.queries import call_sheet, duty, leaders, sirens
from incident.services import Services
from incident.who import DESK, Who
from tests.support.desk import make_incident, make_people
from tests.support.drills import begin_run, prepare_run, run_of


@pytest.fixture
def people(services: Services) -> dict[str, Who]:
    return dict(make_people(services))


def stop(services: Services, who: Who) -> Stopped:
    with services.transaction() as session:
        return preempting.stop_all(session, who=who, now=services.now())


def stop_and_break(services: Services, who: Who) -> None:
    with services.transaction() as session:
        preempting.stop_all(session, who=who, now=services.now())
        raise RuntimeError("the line went dead before the commit")


def bring_back(services: Services, key: str, who: Who) -> None:
    with services.transaction() as session:
        preempting.bring_back(session, key, who=who, now=services.now())


def states(services: Services) -> set[str]:
    with services.reading() as session:
        found = select(OutgoingMessage.state).where(OutgoingMessage.drill.is_not(None))
        return set(session.scalars(found))


def drill_rows(services: Services, who: Who) -> list[str]:
    with services.reading() as session:
        lines = duty.queue(session, who, services.rules)
        return [line.row.number for line in lines if line.row.drill is not None]


def later(services: Services, **length: float) -> None:
    cast(FrozenClock, services.clock).advance(timedelta(**length))


def test_all_drills_stop_at_once_and_leave_the_desk(
    services: Services, people: dict[str, Who]
) -> None:
    officer = people["duty_officer"]
    first = begin_run(services, people["director"])
    second = begin_run(services, people["director"], scenario="rural-banquet-nitrite")
    real = make_incident(services)
    assert len(drill_rows(services, officer)) == 2

    stopped = stop(services, officer)

    assert stopped.drills == (first.key, second.key)
    assert drill_rows(services, officer) == []
    with services.reading() as session:
        for run in (first, second):
            assert pace.of(session, run.key).stands
            found = runs.find(session, run.key)
            assert runs.state(found, pace.of(session, run.key)) == "frozen"
        numbers = [line.row.number for line in duty.queue(session, officer, services.rules)]
        assert numbers == [real.number]
        now = services.now() + timedelta(hours=3)
        assert not [one for one in sirens.causes(session, now) if one.is_drill]
        assert not [one for one in call_sheet.lines(session, now) if one.is_drill]
        context = services.context(people["leader"])
        assert leaders.numbers(session, context) == (real.number,)


def test_what_was_queued_waits_and_goes_out_when_the_drill_goes_on(
    services: Services, people: dict[str, Who]
) -> None:
    run = begin_run(services, people["director"])
    make_incident(services)
    assert "queued" in states(services)

    stopped = stop(services, people["duty_officer"])

    assert stopped.messages > 0
    assert states(services) == {"resting"}
    with services.reading() as session:
        real = select(OutgoingMessage.state).where(OutgoingMessage.drill.is_(None))
        assert set(session.scalars(real)) == {"queued"}
    later(services, hours=2)
    bring_back(services, run.key, people["director"])
    assert states(services) == {"queued"}


def test_a_drill_goes_on_where_it_stood(services: Services, people: dict[str, Who]) -> None:
    run = begin_run(services, people["director"])
    later(services, minutes=1)
    with services.reading() as session:
        reached = pace.of(session, run.key).reached(services.now())
    stop(services, people["duty_officer"])
    later(services, hours=5)

    assert player.play_due(services) == 0
    bring_back(services, run.key, people["director"])

    with services.reading() as session:
        assert pace.of(session, run.key).reached(services.now()) == reached
    assert run_of(services, run.key).frozen_at is None
    assert len(drill_rows(services, people["duty_officer"])) == 1


def test_every_incident_of_a_drill_is_told(services: Services, people: dict[str, Who]) -> None:
    run = begin_run(services, people["director"])
    stop(services, people["duty_officer"])
    bring_back(services, run.key, people["director"])

    with services.reading() as session:
        told = select(Entry.type).where(Entry.drill == run.key).order_by(Entry.seq)
        types = [one for one in session.scalars(told) if one.startswith("drill")]
    assert types == ["drill_stopped", "drill_back"]


def test_what_fails_leaves_every_drill_running(services: Services, people: dict[str, Who]) -> None:
    run = begin_run(services, people["director"])

    with pytest.raises(RuntimeError):
        stop_and_break(services, people["duty_officer"])

    assert run_of(services, run.key).frozen_at is None
    assert len(drill_rows(services, people["duty_officer"])) == 1
    assert "resting" not in states(services)


def test_a_second_press_changes_nothing(services: Services, people: dict[str, Who]) -> None:
    run = begin_run(services, people["director"])
    stop(services, people["duty_officer"])
    by = run_of(services, run.key).frozen_by
    later(services, minutes=1)

    assert stop(services, people["duty_leader"]).drills == ()
    assert run_of(services, run.key).frozen_by == by


def test_what_has_not_begun_or_is_over_stays_as_it_is(
    services: Services, people: dict[str, Who]
) -> None:
    prepared = prepare_run(services, people["director"])
    over = begin_run(services, people["director"])
    with services.transaction() as session:
        runs.end(session, over.key, who=DESK, now=services.now())

    assert stop(services, people["duty_officer"]).drills == ()
    assert run_of(services, prepared.key).frozen_at is None


def test_a_drill_that_is_over_leaves_the_duty_desk(
    services: Services, people: dict[str, Who]
) -> None:
    run = begin_run(services, people["director"])
    assert drill_rows(services, people["duty_officer"])
    with services.transaction() as session:
        runs.end(session, run.key, who=DESK, now=services.now())
    assert drill_rows(services, people["duty_officer"]) == []


def test_a_paused_drill_is_stopped_too(services: Services, people: dict[str, Who]) -> None:
    run = begin_run(services, people["director"])
    with services.transaction() as session:
        runs.pause(session, run.key, who=people["director"], now=services.now())

    assert stop(services, people["duty_officer"]).drills == (run.key,)
    assert drill_rows(services, people["duty_officer"]) == []


def test_calls_of_a_stopped_drill_do_not_climb(services: Services, people: dict[str, Who]) -> None:
    begin_run(services, people["director"])
    with services.reading() as session:
        incident = session.scalars(select(Incident).where(Incident.drill.is_not(None))).one()
        assert session.scalars(select(Alert).where(Alert.incident_id == incident.id)).all()
    stop(services, people["duty_officer"])
    later(services, hours=1)

    with services.reading() as session:
        assert climbing.due(session, services.now(), limit=50) == []
