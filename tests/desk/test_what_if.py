"""A step supposed at another time: computed from the plan, and nothing is written."""

import hashlib
from datetime import timedelta

import pytest
from sqlalchemy import select

from incident.clock import FrozenClock
from incident.db import Base
from incident.jobs.watch import watch
from incident.models import Alert, Incident, IncidentClock
from incident.queries import dial as dials
from incident.queries.what_if import WhatIf, steps, what_if
from incident.services import Services
from tests.support.alerts import later, say
from tests.support.desk import NOW, act, make_incident, make_people, read
from tests.support.steps import brings, propose
from workflows.ringing import Ring, Rings
from workflows.supposing import Compared

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def lived(services: Services, *, grade: str = "III") -> Incident:
    """Return an incident verified at 20, graded at 60 and activated at 75 minutes."""
    make_people(services)
    incident = make_incident(services)
    people = make_people(services)
    passes(services, minutes=1)
    say(services, "duty_officer", "received")
    say(services, "duty_leader", "received")
    passes(services, minutes=19)
    act(services, incident, "verify", people["duty_officer"], conclusion="属实")
    passes(services, minutes=35)
    propose(services, incident, grade, people["duty_officer"])
    passes(services, minutes=5)
    approval = brings(services, incident, "approve_grade", grade=grade)
    act(services, incident, "approve_grade", people["commander"], **approval)
    passes(services, minutes=15)
    brought = brings(services, incident, "activate", level=grade)
    act(services, incident, "activate", people["commander"], **brought)
    passes(services, hours=1)
    return read(services, incident.number)


def passes(services: Services, **time: float) -> None:
    later(services, **time)
    watch(services)


def supposed(
    services: Services, incident: Incident, step: str, minutes: int, *, along: bool = False
) -> WhatIf:
    with services.reading() as session:
        return what_if(
            session,
            incident,
            dials.of(session, incident),
            step=step,
            by=minutes * MINUTE,
            along=along,
            now=services.now(),
            rules=services.rules,
        )


def clock(found: WhatIf, rule: str) -> Compared:
    return next(one for one in found.clocks if one.ran.clock.rule == rule)


def ring(found: WhatIf, event: str) -> Rings:
    return next(one for one in found.rings if one.any.event == event)


def times(one: Ring | None, start: timedelta) -> list[tuple[float, str]]:
    assert one is not None
    return [((rung.at - NOW - start) / MINUTE, rung.tier) for rung in one.rungs]


def digest(services: Services) -> str:
    """Return one digest of every row of every table."""
    found = hashlib.sha256()
    with services.reading() as session:
        for table in Base.metadata.sorted_tables:
            rows = sorted(repr(row) for row in session.execute(select(table)))
            found.update(repr((table.name, rows)).encode())
    return found.hexdigest()


def test_nothing_is_written(services: Services) -> None:
    incident = lived(services)
    before = digest(services)

    for step in ("verified", "graded", "activated"):
        for minutes in (-40, 0, 25, 4000):
            supposed(services, incident, step, minutes, along=minutes == 25)

    assert digest(services) == before


def test_without_a_shift_the_clocks_are_those_that_ran(services: Services) -> None:
    incident = lived(services, grade="II")
    found = supposed(services, incident, "graded", 0)

    with services.reading() as session:
        rows = session.scalars(
            select(IncidentClock).where(IncidentClock.incident_id == incident.id)
        ).all()
    ran = {(row.rule, row.starts_at, row.due_at, row.satisfied_at) for row in rows}
    told = {
        (one.ran.clock.rule, one.before.starts_at, one.before.due_at, one.before.done_at)
        for one in found.clocks
        if one.before
    }
    assert told == ran
    assert found.differs == 0


def test_without_a_shift_the_calls_are_those_that_were_made(services: Services) -> None:
    incident = lived(services)
    found = supposed(services, incident, "activated", 0)

    with services.reading() as session:
        rows = session.scalars(select(Alert).where(Alert.incident_id == incident.id)).all()
    made = sorted((row.event, row.clock, row.policy["id"]) for row in rows)
    told = sorted((one.any.event, one.any.clock, one.any.policy) for one in found.rings)
    assert told == made
    assert len(made) > 2, "a report, an activation and a clock that nobody kept"


def test_an_earlier_grade_brings_its_clocks_earlier(services: Services) -> None:
    incident = lived(services, grade="II")
    found = supposed(services, incident, "graded", -40)

    five_hours, headquarters = clock(found, "FC-C03-5"), clock(found, "FC-HQ")
    assert five_hours.before
    assert five_hours.after
    assert five_hours.before.since == NOW + HOUR
    assert five_hours.after.since == NOW + 20 * MINUTE
    assert five_hours.after.due_at == five_hours.before.due_at, "it counts from the report"
    assert headquarters.after
    assert headquarters.after.starts_at == NOW + 20 * MINUTE
    assert headquarters.after.done_at == NOW + 75 * MINUTE, "the activation was when it was"


def test_an_earlier_step_keeps_the_clock_that_waited_for_it(services: Services) -> None:
    incident = lived(services)
    late = supposed(services, incident, "verified", 35)
    assert clock(late, "FC-DUTY30").before
    assert [
        clock(late, "FC-DUTY30").before.how,  # type: ignore[union-attr]
        clock(late, "FC-DUTY30").after.how,  # type: ignore[union-attr]
    ] == ["done", "late"]
    calls = [one.after.rule for one in late.rings if one.after and not one.before]
    assert calls == ["FC-DUTY30"], "one more clock would have called people"


def test_an_earlier_activation_calls_earlier_and_climbs_alike(services: Services) -> None:
    incident = lived(services)
    found = supposed(services, incident, "activated", -10)

    rings = ring(found, "activated")
    assert rings.differs
    assert times(rings.before, 75 * MINUTE) == times(rings.after, 65 * MINUTE)
    assert times(rings.before, 75 * MINUTE)[:2] == [(0.0, "main"), (2.0, "main")]
    assert rings.after
    assert rings.after.siren_at == NOW + 75 * MINUTE
    repeats = clock(found, "FC-PROG-34")
    assert repeats.after
    assert repeats.after.due_at == NOW + 65 * MINUTE + 24 * HOUR


def test_an_answer_ends_a_call_as_fast_as_it_did(services: Services) -> None:
    incident = lived(services)
    found = supposed(services, incident, "graded", -5)

    reported = ring(found, "reported")
    assert not reported.differs
    assert times(reported.before, timedelta()) == [(0.0, "main")], "answered after a minute"


def test_a_step_cannot_come_before_the_one_that_it_rests_on(services: Services) -> None:
    incident = lived(services)
    early = supposed(services, incident, "graded", -90).shift
    late = supposed(services, incident, "graded", 90).shift

    assert (early.by, early.bound) == (-40 * MINUTE, "verified")
    assert (late.by, late.bound) == (15 * MINUTE, "activated")


def test_the_steps_that_follow_may_move_along(services: Services) -> None:
    incident = lived(services)
    found = supposed(services, incident, "graded", -30, along=True)

    assert found.shift.along == ("activated",)
    activated = ring(found, "activated")
    assert activated.after
    assert activated.after.at == NOW + 45 * MINUTE
    assert supposed(services, incident, "graded", 90, along=True).shift.bound is None


def test_only_what_was_done_may_be_supposed(services: Services) -> None:
    incident = make_incident(services, state="grading")
    with services.reading() as session:
        dial = dials.of(session, incident)
        assert steps(session, incident, dial, rules=services.rules) == ("verified",)
    with pytest.raises(KeyError):
        supposed(services, incident, "graded", -5)


def test_a_closed_incident_rings_nobody_afterwards(services: Services) -> None:
    assert isinstance(services.clock, FrozenClock)
    incident = make_incident(services, state="closed")
    services.clock.advance(timedelta(days=3))

    found = supposed(services, incident, "graded", 0)
    assert {one.any.event for one in found.rings} == {"reported", "activated"}
