"""Statutory clocks: each alarm is told once; what was slept through is told as it now stands."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from incident.clock import FrozenClock
from incident.jobs.watch import watch
from incident.models import Alert, AlertPerson, Entry, Incident, IncidentClock, OutgoingMessage
from incident.operations import clocks, steps
from incident.services import Services
from tests.support.desk import act, make_incident, make_people

HOURS = timedelta(hours=1)


@pytest.fixture
def incident(services: Services) -> Incident:
    """An incident whose only clock is the one of the test."""
    made = make_incident(services)
    with services.transaction() as session:
        for clock in session.scalars(select(IncidentClock)):
            clock.next_alarm_at = None
    return made


def start(services: Services, incident: Incident, **changes: object) -> int:
    """Start a clock of ten hours; return its id."""
    now = services.now()
    alarms = [now + 5 * HOURS, now + 8 * HOURS]
    fields = {
        "incident_id": incident.id,
        "rule": "t",
        "title": "初次报告",
        "actor": "示例市市场监督管理局",
        "receiver": "示例市人民政府",
        "basis": "示例依据",
        "confidence": "V",
        "starts_at": now,
        "due_at": now + 10 * HOURS,
        "alarms": [moment.isoformat() for moment in alarms],
        "next_alarm_at": alarms[0],
        "satisfied_by": ["mark"],
        "advisory": False,
        **changes,
    }
    with services.transaction() as session:
        clock = IncidentClock(**fields)
        session.add(clock)
        session.flush()
        return clock.id


def watch_at(services: Services, moment: datetime) -> int:
    assert isinstance(services.clock, FrozenClock)
    services.clock.moment = moment
    return watch(services)


def told(services: Services, clock: int) -> list[tuple[str, str | None]]:
    with services.reading() as session:
        entries = session.scalars(select(Entry).order_by(Entry.seq))
        return [
            (entry.type, entry.data.get("part"))
            for entry in entries
            if entry.data.get("clock") == clock and entry.type.startswith("clock")
        ]


def overdue_messages(services: Services, clock: int) -> list[OutgoingMessage]:
    with services.reading() as session:
        found = select(OutgoingMessage).where(OutgoingMessage.reason.contains(f":clock-{clock}:"))
        return list(session.scalars(found))


def test_each_alarm_is_told_once_at_its_moment(services: Services, incident: Incident) -> None:
    clock, begin = start(services, incident), services.now()
    expected = {
        4.99: [],
        5: [("clock_near", "50%")],
        7.99: [("clock_near", "50%")],
        8: [("clock_near", "50%"), ("clock_near", "80%")],
        9.99: [("clock_near", "50%"), ("clock_near", "80%")],
        10: [("clock_near", "50%"), ("clock_near", "80%"), ("clock_overdue", None)],
        99: [("clock_near", "50%"), ("clock_near", "80%"), ("clock_overdue", None)],
    }
    for hours, entries in expected.items():
        for _ in range(2):
            watch_at(services, begin + hours * HOURS)
            assert told(services, clock) == entries


def test_the_people_are_called_out_once_when_it_is_overdue(
    services: Services, incident: Incident
) -> None:
    clock, begin = start(services, incident), services.now()
    watch_at(services, begin + 9 * HOURS)
    assert overdue_messages(services, clock) == []

    for _ in range(3):
        watch_at(services, begin + 11 * HOURS)

    sent = overdue_messages(services, clock)
    assert sent
    assert len({row.user_id for row in sent}) == len(sent)
    assert all("初次报告" in row.body for row in sent)


@pytest.mark.parametrize(
    ("hours", "entries"),
    [
        (9, [("clock_near", "80%"), ("clock_overdue", None)]),
        (50, [("clock_overdue", None)]),
    ],
)
def test_what_was_slept_through_is_told_as_it_now_stands(
    services: Services, incident: Incident, hours: int, entries: list[tuple[str, str | None]]
) -> None:
    clock, begin = start(services, incident), services.now()

    watch_at(services, begin + hours * HOURS)
    watch_at(services, begin + (hours + 1) * HOURS)

    assert told(services, clock) == entries


def test_a_clock_that_goes_backwards_tells_nothing_twice(
    services: Services, incident: Incident
) -> None:
    clock, begin = start(services, incident), services.now()

    for hours in (5, 4, 5, 10, 3, 10):
        watch_at(services, begin + hours * HOURS)

    assert told(services, clock) == [("clock_near", "50%"), ("clock_overdue", None)]


def test_a_doubtful_clock_never_acts(services: Services, incident: Incident) -> None:
    clock, begin = start(services, incident, advisory=True), services.now()

    assert watch_at(services, begin + 99 * HOURS) == 0
    assert told(services, clock) == []


def test_a_clock_that_was_kept_is_silent(services: Services, incident: Incident) -> None:
    clock, begin = start(services, incident), services.now()
    with services.transaction() as session:
        session.get_one(IncidentClock, clock).satisfied_at = begin

    assert watch_at(services, begin + 99 * HOURS) == 0


def test_the_clocks_of_an_incident_that_is_over_fall_silent(
    services: Services, incident: Incident
) -> None:
    clock, begin = start(services, incident), services.now()
    who = make_people(services)["duty_leader"]
    act(services, incident, "transfer", who, office="示例省市场监督管理局", acceptance="已签收")

    watch_at(services, begin + 99 * HOURS)

    assert told(services, clock) == []


def test_an_alarm_leaves_the_incident_unchanged_for_whoever_edits_it(
    services: Services, incident: Incident
) -> None:
    start(services, incident)
    watch_at(services, services.now() + 11 * HOURS)

    with services.reading() as session:
        assert session.get_one(Incident, incident.id).version == incident.version


def test_one_incident_that_fails_does_not_keep_the_others_from_being_told(
    services: Services, incident: Incident, caplog: pytest.LogCaptureFixture
) -> None:
    begin, broken = services.now(), make_incident(services)
    with services.transaction() as session:
        session.get_one(Incident, broken.id).plan = "no-such-plan"
    start(services, broken, due_at=begin + 1 * HOURS)
    clock = start(services, incident)

    watch_at(services, begin + 11 * HOURS)

    assert told(services, clock) == [("clock_overdue", None)]
    assert broken.number in caplog.text


def test_a_clock_that_is_kept_after_all_ends_its_call(
    services: Services, incident: Incident
) -> None:
    clock, begin = start(services, incident), services.now()
    officer = make_people(services)["duty_officer"]
    watch_at(services, begin + 11 * HOURS)
    reason = f"{incident.number}:overdue:clock-{clock}"
    assert ended(services, reason) == (None, {"called"})

    with services.transaction() as session:
        held = steps.hold(session, incident.number)
        at, now = begin + 9 * HOURS, services.now()
        clocks.mark(session, held, clock, at=at, note="已报告", who=officer, now=now)

    assert ended(services, reason) == ("kept", {"over"})


def ended(services: Services, reason: str) -> tuple[str | None, set[str]]:
    """Return how an alert ended, and the states of its people."""
    with services.reading() as session:
        alert = session.scalars(select(Alert).where(Alert.reason == reason)).one()
        people = select(AlertPerson.state).where(AlertPerson.alert_id == alert.id)
        return alert.ended, set(session.scalars(people))
