"""A drill is the same desk with the doors locked: marked everywhere, and nobody's phone rings."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from drills import player, runs
from drills.scenario.files import shipped
from drills.scenario.schema import Scenario
from incident.clock import FrozenClock
from incident.jobs.deliver import deliver
from incident.models import Entry, Incident, OutgoingMessage
from incident.services import Services
from notifications.channel import Channels
from notifications.message import Accepted, Message, Outcome, Sent
from tests.support.databases import SqliteDatabases
from tests.support.desk import act, desk_database, make_incident, make_people, make_services, read

CANTEEN = shipped()["school-canteen-salmonella"]
MARK = "【演练】"
STEPS = ("verify", "propose_grade", "approve_grade", "activate")


@dataclass
class Recorder:
    """A channel that remembers what it was given."""

    stand_in: bool
    name: str = "sms"
    given: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> Outcome:
        self.given.append(message)
        return Accepted(provider_id=f"SM{len(self.given):032d}", status="queued")

    def find(self, message: Message, *, since: datetime) -> None:
        return None

    def look_up(self, provider_id: str) -> Sent | None:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A desk whose live channel could ring a telephone, and whose drill channel cannot."""

    services: Services
    live: Recorder
    practice: Recorder

    def later(self, minutes: float) -> None:
        cast(FrozenClock, self.services.clock).advance(timedelta(minutes=minutes))

    def drill(self, speed: float) -> str:
        run = runs.start(self.services, CANTEEN, speed=speed)
        player.play_due(self.services)
        with self.services.reading() as session:
            numbers = select(Incident.number).where(Incident.drill == run.key)
            return session.scalars(numbers).one()


@contextmanager
def setting(prepared: Path, *, drill_is_wired_wrong: bool = False) -> Iterator[Setting]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        live = Recorder(stand_in=False)
        practice = Recorder(stand_in=not drill_is_wired_wrong)
        services = make_services(
            desk_database(SqliteDatabases(folder, prepared)),
            folder / "desk",
            channels=Channels(live={"sms": live}, drill={"sms": practice}),
        )
        make_people(services)
        try:
            yield Setting(services=services, live=live, practice=practice)
        finally:
            services.engine.dispose()


def brings(step: str, services: Services) -> dict[str, object]:
    until = (services.now() + timedelta(days=1)).isoformat()
    told: dict[str, dict[str, object]] = {
        "verify": {"conclusion": "属实"},
        "propose_grade": {"grade": "III", "reason": "按预案标准"},
        "approve_grade": {
            "grade": "III",
            "criterion": "预案标准",
            "expert_advice": "同意",
            "reason": "同意",
        },
        "activate": {
            "matters": "处置",
            "level": "III",
            "expected_until": until,
            "measures": "救治",
        },
    }
    return told[step]


ROLE_OF = {
    "verify": "duty_officer",
    "propose_grade": "duty_officer",
    "approve_grade": "commander",
    "activate": "commander",
}


@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    speed=st.sampled_from([0.5, 1.0, 4.0, 60.0]),
    steps=st.integers(0, len(STEPS)),
    minutes=st.lists(st.floats(0.1, 40), max_size=3),
    with_real=st.booleans(),
)
def test_no_message_of_a_drill_reaches_a_live_channel(
    prepared_files: Path, speed: float, steps: int, minutes: list[float], with_real: bool
) -> None:
    with setting(prepared_files) as given_desk:
        services = given_desk.services
        people = make_people(services)
        number = given_desk.drill(speed)
        real = make_incident(services, state="responding") if with_real else None
        for step in STEPS[:steps]:
            incident = read(services, number)
            act(services, incident, step, people[ROLE_OF[step]], **brings(step, services))
        for wait in minutes:
            given_desk.later(wait)
            player.play_due(services)
            deliver(services, workers=2)
        deliver(services, workers=2)

        assert all(not message.drill for message in given_desk.live.given)
        assert all(not message.body.startswith(MARK) for message in given_desk.live.given)
        assert all(message.body.startswith(MARK) for message in given_desk.practice.given)
        assert given_desk.practice.given, "the plan calls somebody out at the first report"
        assert bool(given_desk.live.given) is (real is not None)


def test_even_a_drill_channel_that_is_wired_wrong_rings_nobody(prepared_files: Path) -> None:
    with setting(prepared_files, drill_is_wired_wrong=True) as given_desk:
        given_desk.drill(4)

        deliver(given_desk.services, workers=2)

        assert given_desk.live.given == []
        assert given_desk.practice.given == []
        with given_desk.services.reading() as session:
            states = set(session.scalars(select(OutgoingMessage.state)))
        assert "accepted" not in states


def test_every_row_of_a_drill_bears_its_mark(services: Services) -> None:
    make_people(services)
    real = make_incident(services)
    run = runs.start(services, CANTEEN, speed=60)
    cast(FrozenClock, services.clock).advance(timedelta(minutes=5))

    player.play_due(services)

    with services.reading() as session:
        incident = session.scalars(select(Incident).where(Incident.drill.is_not(None))).one()
        entries = session.scalars(select(Entry).where(Entry.incident_id == incident.id)).all()
        messages = session.scalars(
            select(OutgoingMessage).where(OutgoingMessage.incident_id == incident.id)
        ).all()
    assert incident.drill == run.key
    assert len(entries) >= len(CANTEEN.timeline)
    assert {entry.drill for entry in entries} == {run.key}
    assert messages
    assert {message.drill for message in messages} == {run.key}
    assert all(message.body.startswith(MARK) for message in messages)
    assert real.drill is None


def test_numbers_of_drills_are_a_series_of_their_own(services: Services) -> None:
    make_people(services)
    before = make_incident(services)
    runs.start(services, CANTEEN)
    player.play_due(services)
    after = make_incident(services)

    with services.reading() as session:
        drill = session.scalars(select(Incident).where(Incident.drill.is_not(None))).one()
    assert drill.number.startswith("YL-SP")
    assert int(after.number[-3:]) == int(before.number[-3:]) + 1
    assert isinstance(CANTEEN, Scenario)
