"""A provider fails in every way at once: nothing is lost, and what comes twice says so."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock

import pytest

from incident.clock import FrozenClock
from incident.jobs.deliver import deliver
from incident.models import Incident, OutgoingMessage
from incident.queries import call_sheet, sirens
from incident.services import Services
from notifications.channel import Channels
from notifications.message import Accepted, Message, NotProcessed, Outcome, Sent
from tests.support.desk import make_incident, open_services
from tests.support.history import check
from tests.support.outbox import channels_to, messages, queue_messages
from tests.support.provider import Provider

MINUTE = timedelta(minutes=1)
PENDING = 200


@pytest.fixture
def hasty(desk_url: str, tmp_path: Path, provider: Provider) -> Iterator[Services]:
    """A desk that waits for the provider half a second, on a clock that stands."""
    channels = channels_to(provider, timeout=(0.5, 0.5))
    with open_services(desk_url, tmp_path / "desk", channels=channels) as services:
        yield services


def pass_minutes(services: Services, minutes: int, *, step: int = 1) -> None:
    assert isinstance(services.clock, FrozenClock)
    for _ in range(0, minutes, step):
        deliver(services)
        services.clock.advance(step * MINUTE)
    deliver(services)


@pytest.mark.proves("E", "S7")
@pytest.mark.parametrize("answers", [True, False], ids=["can be asked", "cannot be asked"])
def test_accept_then_hang_loses_nothing_and_sends_at_most_once_more(
    hasty: Services, provider: Provider, answers: bool
) -> None:
    make_incident(hasty)
    hang = {"kind": "hang", "accept": True, "seconds": 1}
    silent = [] if answers else [{"on": "ask", "kind": "error", "status": 503}]
    provider.set_faults(requests=[hang, *silent], callbacks={"send": False})
    pass_minutes(hasty, 6)
    provider.set_faults(callbacks={"send": False})
    pass_minutes(hasty, 3)

    held = check(hasty, provider.journal)

    assert (held.lost, held.unlabelled) == ([], 0)
    assert held.duplicates.total() <= (0 if answers else held.messages)


@pytest.mark.proves("E")
def test_a_storm_of_429_uses_up_no_attempt(hasty: Services, provider: Provider) -> None:
    ids = queue_messages(hasty, make_incident(hasty), 5)
    provider.set_faults(requests=[{"kind": "throttle"}], callbacks={"send": False})
    pass_minutes(hasty, 10)
    assert {row.attempts for row in messages(hasty, ids)} == {0}

    provider.set_faults(callbacks={"send": False})
    pass_minutes(hasty, 1)

    held = check(hasty, provider.journal)
    assert held.lost == []
    assert not held.duplicates


class Line:
    """A channel that is away for a while, and remembers what it took in which order."""

    name, stand_in = "sms", True

    def __init__(self) -> None:
        self.is_away = True
        self.bodies: list[str] = []
        self._lock = Lock()

    def send(self, message: Message) -> Outcome:
        if self.is_away:
            return NotProcessed(reason="refused")
        with self._lock:
            self.bodies.append(message.body)
        return Accepted(provider_id=f"SM{message.code}", status="queued")

    def find(self, message: Message, *, since: datetime) -> Sequence[Sent] | None:
        return []

    def look_up(self, provider_id: str) -> Sent | None:
        return None


Desk = Callable[[Line], Services]


@pytest.fixture
def desk_on(desk_url: str, tmp_path: Path) -> Iterator[Desk]:
    opened: list[Services] = []

    def on(line: Line) -> Services:
        channels = Channels(live={"sms": line}, drill={"sms": line})
        manager = open_services(desk_url, tmp_path / "desk", channels=channels)
        opened.append(manager.__enter__())
        return opened[-1]

    yield on
    for services in opened:
        services.engine.dispose()


@pytest.mark.proves("E", "S3")
def test_after_half_an_hour_away_two_hundred_go_out_the_gravest_first_and_say_they_are_late(
    desk_on: Desk,
) -> None:
    line = Line()
    services = desk_on(line)
    incident = make_incident(services)
    light = queue_messages(services, incident, PENDING - 20, priority=2)
    grave = queue_messages(services, incident, 20, first=PENDING, priority=0)
    pass_minutes(services, 30, step=15)
    assert line.bodies == []

    line.is_away = False
    pass_minutes(services, 2)

    rows = messages(services, [*light, *grave])
    assert {row.state for row in rows} == {"accepted"}
    assert len(line.bodies) >= PENDING
    assert all("迟发" in body for body in line.bodies)
    assert {row.changed_at for row in rows if row.priority == 0} <= {
        min(row.changed_at for row in rows)
    }


@pytest.mark.proves("E", "S6")
def test_with_every_provider_dead_the_desk_sounds_at_once_and_has_its_sheet(
    services: Services,
) -> None:
    incident: Incident = make_incident(services)
    deliver(services)

    with services.reading() as session:
        sounding = sirens.causes(session, services.now())
        sheet = call_sheet.lines(session, services.now())
        sent = session.query(OutgoingMessage).filter_by(state="accepted").count()

    assert sent == 0
    assert [cause.number for cause in sounding] == [incident.number]
    assert {line.number for line in sheet} == {incident.number}
