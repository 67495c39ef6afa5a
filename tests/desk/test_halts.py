"""A broken invariant stops one incident's automation, loudly; the others go on."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from incident.clock import FrozenClock
from incident.jobs.escalate import escalate
from incident.jobs.watch import watch
from incident.models import Alert, AlertPerson, Entry, Halt, Incident, IncidentClock
from incident.operations import halts, invariants
from incident.operations.invariants import Broken
from incident.services import Services
from tests.support.desk import make_incident, make_people
from workflows.lifecycle import State


def spoil(services: Services, incident: Incident) -> None:
    """Write a state past the one door, as a hand in the database would."""
    with services.transaction() as session:
        session.execute(
            update(Incident).where(Incident.id == incident.id).values(state="disposing")
        )


def ring(services: Services) -> None:
    assert isinstance(services.clock, FrozenClock)
    services.clock.advance(timedelta(hours=3))
    watch(services)
    escalate(services)


def types(services: Services, incident: Incident) -> list[str]:
    with services.reading() as session:
        query = select(Entry.type).where(Entry.incident_id == incident.id).order_by(Entry.seq)
        return list(session.scalars(query))


@pytest.mark.parametrize("state", State)
def test_every_state_that_was_reached_by_the_door_is_sound(services: Services, state: str) -> None:
    incident = make_incident(services, state=state)

    with services.reading() as session:
        invariants.check(session, session.get_one(Incident, incident.id))


def test_a_state_that_no_step_led_to_stops_that_incident_alone(services: Services) -> None:
    spoilt, sound = make_incident(services), make_incident(services)
    spoil(services, spoilt)
    ring(services)

    assert types(services, spoilt).count("halted") == 1
    assert "clock_overdue" in types(services, sound)
    assert "clock_overdue" not in types(services, spoilt)
    with services.reading() as session:
        halt = session.scalars(select(Halt)).one()
        assert (halt.incident_id, halt.invariant) == (spoilt.id, "state")
        alert = session.scalars(select(Alert).where(Alert.incident_id == spoilt.id)).first()
        assert alert is None or alert.siren_at is not None
    ring(services)
    assert types(services, spoilt).count("halted") == 1


def test_the_desk_rings_by_hand_for_an_incident_that_stands_still(services: Services) -> None:
    make_people(services)
    spoilt = make_incident(services)
    spoil(services, spoilt)
    with services.transaction() as session:
        session.execute(update(IncidentClock).values(next_alarm_at=None))
        session.execute(update(AlertPerson).values(next_at=services.now()))
    before = services.now()
    escalate(services)

    with services.reading() as session:
        assert set(session.scalars(select(Alert.siren_at))) == {before}
        assert session.scalars(select(Halt)).one().incident_id == spoilt.id


def test_it_goes_on_when_somebody_has_looked(services: Services) -> None:
    people, spoilt = make_people(services), make_incident(services)
    spoil(services, spoilt)
    ring(services)
    with services.transaction() as session:
        session.execute(update(Incident).values(state="reported"))
        halt = session.scalars(select(Halt.id)).one()
        halts.lift(session, halt, "查明", who=people["system_admin"], now=services.now())
    ring(services)

    assert types(services, spoilt).count("halt_lifted") == 1
    assert "clock_overdue" in types(services, spoilt)


def test_a_grade_that_does_not_exist_is_broken(services: Services) -> None:
    incident = make_incident(services)
    incident.grade = "VII"

    with services.reading() as session, pytest.raises(Broken, match="VII"):
        invariants.check(session, incident)
