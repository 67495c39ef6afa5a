"""What is urgent never waits: not behind a drill's blast, not behind providers that hang."""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from incident.jobs.deliver import deliver
from incident.models import Alert, AlertPerson
from incident.operations import climbing
from incident.services import Services
from notifications.channel import Channels
from notifications.message import Accepted, Message, Outcome, Sent
from tests.support.databases import Databases
from tests.support.desk import desk_database, make_incident, make_services
from tests.support.outbox import message, queue_messages

PATIENCE = 20.0
BLAST = 2000


class Line:
    """A channel that counts what it takes, and takes nothing while it is held."""

    name, stand_in = "sms", True

    def __init__(self) -> None:
        self.open = threading.Event()
        self.open.set()
        self.taken: list[bool] = []
        self.trying = threading.Event()

    def send(self, message: Message) -> Outcome:
        self.trying.set()
        if message.drill:
            self.open.wait(PATIENCE)
        self.taken.append(message.drill)
        return Accepted(provider_id=f"SM{message.code}", status="queued")

    def find(self, message: Message, *, since: datetime) -> Sequence[Sent] | None:
        return []

    def look_up(self, provider_id: str) -> Sent | None:
        return None


def blast(services: Services, count: int) -> None:
    drill = make_incident(services, drill="YL-1")
    queue_messages(services, drill, count, priority=5)


def test_a_real_alert_passes_a_drill_whose_provider_hangs(
    databases: Databases, tmp_path: Path
) -> None:
    line = Line()
    services = _desk(databases, tmp_path, line)
    line.open.clear()
    blast(services, 60)
    engine = threading.Thread(target=deliver, args=[services])
    engine.start()
    assert line.trying.wait(PATIENCE)
    ids = queue_messages(services, make_incident(services), 20)
    assert _until(lambda: all(message(services, id).state == "accepted" for id in ids))
    assert True not in line.taken
    line.open.set()
    engine.join(PATIENCE)
    services.engine.dispose()


def test_a_real_alert_does_not_wait_for_a_blast_of_two_thousand(
    databases: Databases, tmp_path: Path
) -> None:
    line = Line()
    services = _desk(databases, tmp_path, line)
    blast(services, BLAST)
    engine = threading.Thread(target=deliver, args=[services])
    engine.start()
    assert _until(lambda: len(line.taken) > 100)
    incident = make_incident(services)
    before = len(line.taken)
    assert _until(lambda: False in line.taken)
    assert line.taken.index(False) - before < 100
    engine.join(PATIENCE * 3)
    assert len(line.taken) >= BLAST
    assert incident.drill is None
    services.engine.dispose()


def test_ladders_of_real_alerts_are_climbed_before_those_of_drills(services: Services) -> None:
    for drill in ("YL-1", None, "YL-1", None):
        make_incident(services, drill=drill)
    later_by = timedelta(minutes=2)
    with services.reading() as session:
        due = climbing.due(session, services.now() + later_by, limit=100)
        alerts = [session.get_one(Alert, session.get_one(AlertPerson, id).alert_id) for id in due]
    assert [alert.drill for alert in alerts] == [None] * 4 + ["YL-1"] * 4


def _desk(databases: Databases, tmp_path: Path, line: Line) -> Services:
    channels = Channels(live={"sms": line}, drill={"sms": line})
    return make_services(desk_database(databases), tmp_path / "desk", channels=channels)


def _until(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not (so := is_so()) and time.monotonic() < deadline:
        threading.Event().wait(0.02)
    return so
