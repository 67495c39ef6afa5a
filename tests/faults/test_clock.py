"""The clock is wrong: it jumps ahead or back, or a year ends while reports come in."""

import os
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from incident.app import create_app
from incident.clock import FrozenClock
from incident.jobs.watch import watch
from incident.models import Entry, Incident, OutgoingMessage
from incident.operations import audit
from incident.services import Services
from tests.support.alerts import all_alerts, later
from tests.support.desk import make_incident, make_people, make_token, raw_report

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
MIDNIGHT = datetime(2026, 12, 31, 16, tzinfo=UTC)  # in Shanghai
AT_ONCE = 20


def clock(services: Services) -> FrozenClock:
    assert isinstance(services.clock, FrozenClock)
    return services.clock


@pytest.mark.proves("B", "S8")
@pytest.mark.parametrize("jump", [HOUR, -HOUR, DAY, -DAY], ids=["+1 h", "-1 h", "+1 d", "-1 d"])
def test_a_clock_that_jumps_and_is_put_right_rings_nothing_twice(
    services: Services, jump: timedelta
) -> None:
    incident = make_incident(services)
    later(services, minutes=2)
    clock(services).advance(jump)
    for _ in range(3):
        watch(services)
        later(services, seconds=1)
    clock(services).advance(-jump)
    for _ in range(30):
        watch(services)
        later(services, minutes=1)

    told = [(one.type, one.data.get("clock")) for one in rings(services, incident)]
    assert len(told) == len(set(told))
    assert all_alerts(services)[0].sirened_at is not None
    with services.reading() as session:
        reasons = session.scalars(select(OutgoingMessage.reason)).all()
        assert len(reasons) == len(set(reasons))
        assert audit.verify(session).is_whole


def rings(services: Services, incident: Incident) -> list[Entry]:
    """Return the entries of clocks that are overdue."""
    with services.reading() as session:
        query = select(Entry).where(Entry.incident_id == incident.id, Entry.type == "clock_overdue")
        return list(session.scalars(query))


@pytest.mark.proves("B", "S7")
def test_twenty_reports_round_the_end_of_the_year_have_twenty_numbers(services: Services) -> None:
    make_people(services)
    clock(services).moment = MIDNIGHT - SECOND

    def file(place: int) -> str:
        if place == AT_ONCE // 2:
            clock(services).moment = MIDNIGHT
        return make_incident(services, occurred_at="2026-12-31T18:00:00+08:00").number

    with ThreadPoolExecutor(AT_ONCE) as pool:
        numbers = list(pool.map(file, range(AT_ONCE)))

    assert len(set(numbers)) == AT_ONCE
    assert {re.sub(r"-\d+$", "", number) for number in numbers} <= {"SP20261231", "SP20270101"}
    assert make_incident(services, occurred_at="2026-12-31T18:00:00+08:00").number.startswith(
        "SP20270101"
    )


@pytest.fixture
def new_york() -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = "America/New_York"
    time.tzset()
    yield
    os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
    time.tzset()


@pytest.mark.proves("B")
@pytest.mark.usefixtures("new_york")
def test_the_zone_of_the_server_changes_nothing(services: Services) -> None:
    clock(services).moment = MIDNIGHT

    incident = make_incident(services, occurred_at="2026-12-31T18:00:00+08:00")

    assert incident.number == "SP20270101-001"
    assert incident.received_at == MIDNIGHT


@pytest.mark.proves("B")
def test_the_twenty_ninth_of_february_is_a_day(services: Services) -> None:
    clock(services).moment = datetime(2028, 2, 28, 16, tzinfo=UTC)

    incident = make_incident(services, occurred_at="2028-02-28T18:00:00+08:00")

    assert incident.number == "SP20280229-001"


@pytest.mark.proves("B")
def test_a_leap_second_is_refused_with_its_field_and_the_second_before_is_taken(
    services: Services,
) -> None:
    make_people(services)
    token = make_token(services, "duty_officer")
    client = create_app(services).test_client()

    def file(second: str) -> TestResponse:
        return client.post(
            "/api/v1/reports",
            json=raw_report(occurred_at=f"2026-11-22T{second}+08:00"),
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": second},
        )

    refused, taken = file("23:59:60"), file("23:59:59")

    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["field"] == "occurred_at"
    assert taken.status_code == 201
