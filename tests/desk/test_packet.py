"""The packet is true: each number equals what the tables say, and nothing is told twice."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Select, func, select

from incident.inputs.watchkeeping import CloseInput, LogInput
from incident.models import (
    AlertPerson,
    Incident,
    IncidentClock,
    Instruction,
    LogEntry,
    Task,
    User,
)
from incident.operations import duty_log, timeline
from incident.operations.clocks import OVER
from incident.queries.handover import since
from incident.queries.packet import packet
from incident.services import Services
from incident.who import Who
from tests.support.desk import NOW, act, make_incident, make_people
from tests.support.roster import make_officers, make_post, make_rotation
from workflows.lifecycle import Role

CALL = LogInput(
    at=NOW - timedelta(hours=1),
    channel="phone",
    category="inquiry",
    caller="示例来电人",
    phone="0571-0000",
    summary="询问",
    callback_due_at=NOW + timedelta(hours=2),
)


@pytest.fixture
def people(services: Services) -> dict[str, Who]:
    """A desk with open, closed, and practised incidents, people called, and work under way."""
    found = make_people(services)
    (officer,) = make_officers(services, 1)
    make_rotation(services, make_post(services), [(officer, None)])
    make_incident(services)
    running = make_incident(services, state="responding", grade="III")
    make_incident(services, state="closed")
    make_incident(services, state="dismissed")
    make_incident(services, drill="YL-20261123-01")
    act(services, running, "instruct", found[Role.COMMANDER], text="请速报进展")
    with services.transaction() as session:
        context = services.context(found[Role.DUTY_OFFICER])
        duty_log.add(session, CALL, context)
        media = CALL.model_copy(update={"channel": "media", "callback_due_at": None})
        duty_log.add(session, media, context)
    return found


def made(services: Services) -> dict[str, Any]:
    with services.reading() as session:
        return packet(session, None, services.now())


def test_each_number_equals_the_tables(services: Services, people: dict[str, Who]) -> None:
    counts = made(services)["counts"]

    with services.reading() as session:
        real = select(Incident.id).where(Incident.state.not_in(OVER), Incident.drill.is_(None))

        def count(query: Select[Any]) -> int:
            return session.scalar(select(func.count()).select_from(query.subquery())) or 0

        clocks = select(IncidentClock.id).where(
            IncidentClock.incident_id.in_(real),
            IncidentClock.satisfied_at.is_(None),
            IncidentClock.advisory.is_(False),
        )
        silent = select(AlertPerson.incident_id, AlertPerson.user_id).where(
            AlertPerson.incident_id.in_(real), AlertPerson.state == "called"
        )
        samples = select(Task.id).where(
            Task.incident_id.in_(real),
            Task.status.in_(["open", "started"]),
            Task.title.contains("检验") | Task.title.contains("样") | Task.title.contains("送检"),
        )
        expected = {
            "incidents": count(real),
            "clocks": count(clocks),
            "overdue": count(clocks.where(IncidentClock.due_at <= services.now())),
            "unanswered": count(silent.distinct()),
            "unread": count(silent.where(AlertPerson.read_at.is_(None)).distinct()),
            "instructions": count(
                select(Instruction.id).where(
                    Instruction.closed_at.is_(None), Instruction.drill.is_(None)
                )
            ),
            "callbacks": count(select(LogEntry.id).where(LogEntry.callback_due_at.is_not(None))),
            "samples": count(samples),
            "media": count(select(LogEntry.id).where(LogEntry.channel == "media")),
            "drills": 1,
            "faults": 0,
        }
    assert counts == expected
    assert expected["incidents"] == 2
    assert min(expected[name] for name in ("clocks", "unanswered", "instructions", "samples")) > 0


def test_every_item_has_a_key_of_its_own_and_no_personal_data(
    services: Services, people: dict[str, Who]
) -> None:
    told = made(services)

    keys = [one["key"] for one in told["items"]]
    assert len(keys) == len(set(keys))
    assert CALL.caller not in str(told)
    assert CALL.phone not in str(told)


def test_the_nearest_clocks_of_an_incident_are_told_first(
    services: Services, people: dict[str, Who]
) -> None:
    for one in made(services)["items"]:
        if one["kind"] == "incident":
            dues = [clock["due_at"] for clock in one["facts"]["clocks"]]
            assert dues == sorted(dues)
            assert len(dues) <= 3


def test_a_call_that_was_made_is_promised_no_more(
    services: Services, people: dict[str, Who]
) -> None:
    with services.transaction() as session:
        root = duty_log.owed(session)[0].root
        context = services.context(people[Role.DUTY_OFFICER])
        duty_log.close(session, root, CloseInput(at=services.now(), summary="已答复"), context)

    assert made(services)["counts"]["callbacks"] == 0


def test_what_changed_since_is_told(services: Services, people: dict[str, Who]) -> None:
    frozen = made(services)
    assert not since(frozen, made(services))

    incident = make_incident(services)
    with services.transaction() as session:
        owner = session.scalars(select(User).where(User.name == Role.GROUP_MEMBER)).one()
        task = session.scalars(
            select(Task).where(Task.title.contains("检验"), Task.status == "open")
        ).first()
        task.owner_id = owner.id
        root = duty_log.owed(session)[0].root
        context = services.context(people[Role.DUTY_OFFICER])
        duty_log.close(session, root, CloseInput(at=services.now(), summary="已答复"), context)
    found = since(frozen, made(services))

    assert f"incident:{incident.number}" in [one.key for one in found.new]
    assert [one.kind for one in found.gone] == ["callback"]
    assert f"sample:{task.id}" in [one.key for one in found.changed]


def test_a_drill_that_was_ended_is_handed_over_no_more(
    services: Services, people: dict[str, Who]
) -> None:
    with services.transaction() as session:
        timeline.write(
            session,
            None,
            "drill_ended",
            who=people[Role.DIRECTOR],
            now=services.now(),
            words_for={"key": "YL-20261123-01"},
            data={"drill": "YL-20261123-01"},
        )

    assert made(services)["counts"]["drills"] == 0
