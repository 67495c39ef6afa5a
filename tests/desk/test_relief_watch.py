"""Nobody relieved: the duty leader is reminded once, and only where somebody waits."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from incident.clock import FrozenClock
from incident.jobs.relief import watch_relief
from incident.models import Entry, OutgoingMessage, ReliefCheck, Rotation
from incident.services import Services
from incident.who import Who
from tests.support.desk import make_people
from tests.support.roster import make_officers, make_post, make_rotation
from tests.support.watch import begin, sign, take

HOUR = datetime.fromisoformat("2026-11-24T08:30+08:00")
GRACE = timedelta(minutes=15)


@pytest.fixture
def officers(services: Services) -> list[Who]:
    """Four officers, each a day; the third is to be relieved by the fourth at HOUR."""
    make_people(services)
    found = make_officers(services)
    make_rotation(services, make_post(services), [(one, None) for one in found])
    return found


def look(services: Services, now: datetime) -> int:
    return watch_relief(replace(services, clock=FrozenClock(now)))


def told(services: Services) -> list[str]:
    with services.reading() as session:
        query = select(OutgoingMessage.reason).where(OutgoingMessage.reason.startswith("relief:"))
        return list(session.scalars(query.order_by(OutgoingMessage.id)))


def test_the_leader_is_reminded_once_when_the_grace_is_over(
    services: Services, officers: list[Who]
) -> None:
    before = look(services, HOUR + GRACE - timedelta(seconds=1))
    at = look(services, HOUR + GRACE)
    after = [look(services, HOUR + GRACE + timedelta(minutes=n)) for n in (1, 60, 600)]

    assert (before, at, after) == (0, 1, [0, 0, 0])
    assert [reason.rpartition(":")[2] for reason in told(services)] == ["sms", "voice"]
    with services.reading() as session:
        entry = session.scalars(select(Entry).where(Entry.type == "handover_late")).one()
        assert "15分钟" in entry.text
        assert entry.actor_id is None


def test_nobody_is_reminded_of_a_watch_that_was_relieved(
    services: Services, officers: list[Who]
) -> None:
    early = HOUR - timedelta(minutes=5)
    number = begin(services, officers[2], now=early)
    sign(services, number, officers[2], now=early)
    take(services, number, officers[3], now=early)

    assert look(services, HOUR + GRACE) == 0
    assert told(services) == []


def test_a_packet_that_was_signed_and_not_taken_is_no_relief(
    services: Services, officers: list[Who]
) -> None:
    early = HOUR - timedelta(minutes=5)
    number = begin(services, officers[2], now=early)
    sign(services, number, officers[2], now=early)

    assert look(services, HOUR + GRACE) == 1


def test_who_stays_on_duty_needs_no_relief(services: Services) -> None:
    make_people(services)
    (alone,) = make_officers(services, 1)
    make_rotation(services, make_post(services), [(alone, None)])

    assert look(services, HOUR + GRACE) == 0
    with services.reading() as session:
        assert [row.told for row in session.scalars(select(ReliefCheck))] == [False]


def test_a_roster_made_after_the_hour_reminds_of_nothing(
    services: Services, officers: list[Who]
) -> None:
    with services.transaction() as session:
        for row in session.scalars(select(Rotation)):
            row.made_at = HOUR + timedelta(minutes=1)

    assert look(services, HOUR + GRACE) == 0


def test_a_desk_without_posts_is_left_in_peace(services: Services) -> None:
    make_people(services)

    assert look(services, HOUR + GRACE) == 0


def test_the_next_hour_is_looked_at_again(services: Services, officers: list[Who]) -> None:
    assert look(services, HOUR + GRACE) == 1
    assert look(services, HOUR + timedelta(days=1) + GRACE) == 1
    assert len(told(services)) == 4
