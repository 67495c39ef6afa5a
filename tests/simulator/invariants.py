"""What must hold after every step of the simulator, whatever the dice did."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from incident.models import Alert, AlertPerson, IncidentClock, OutgoingMessage
from incident.operations import audit
from incident.operations.outbox import Claimed
from tests.simulator.bench import Bench
from tests.simulator.provider import AGAIN

OPEN = ("waiting", "called")
ORDER = {"waiting": 0, "called": 1}  # any other is an end
UNDER_WAY = ("queued", "sending", "uncertain", "held")
NOT_LOST = ("withdrawn", "folded", "refused", "dead")


class Invariants:
    """Remembers what was seen, so that nothing may go back."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._people: dict[int, str] = {}
        self._ranks: dict[int, int] = {}
        self._ended: set[int] = set()
        self._settled: set[int] = set()
        self._newest = 0
        self._writes = 0

    def check(self) -> None:
        """States move forward only; who has answered is not called; a drill stays inside."""
        assert not any(provider.leaks for provider in self._bench.providers), "a drill got out"
        if self._bench.writes() != self._writes:
            self._writes = self._bench.writes()
            self._check_rows()

    def _check_rows(self) -> None:
        with self._bench.services.reading() as session:
            people = session.execute(select(AlertPerson.id, AlertPerson.state)).all()
            messages = session.execute(
                select(
                    OutgoingMessage.id,
                    OutgoingMessage.rank,
                    OutgoingMessage.step,
                    OutgoingMessage.alert_person_id,
                ).order_by(OutgoingMessage.id)
            ).all()
            ended = set(session.scalars(select(Alert.id).where(Alert.ended_at.is_not(None))))
        self._messages(messages)
        for id, state in people:
            before = self._people.get(id, "waiting")
            assert ORDER.get(state, 2) >= ORDER.get(before, 2), (id, before, state)
        assert self._ended <= ended
        self._people, self._ended = dict(people), ended
        self._settled = {id for id, state in people if state not in OPEN}

    def _messages(self, rows: Iterable[tuple[int, int, int | None, int | None]]) -> None:
        for id, rank, step, person in rows:
            assert rank >= self._ranks.get(id, 0), (id, rank)
            self._ranks[id] = rank
            if id > self._newest:
                self._newest = id
                assert step is None or person not in self._settled, f"{person} called again"

    def claimed(self, claims: Iterable[Claimed]) -> None:
        """Nobody is rung for a step beyond the first once he has answered or is spared."""
        ids = [one.id for one in claims if not one.is_uncertain]
        if not ids:
            return
        with self._bench.services.reading() as session:
            rung = session.execute(
                select(OutgoingMessage.id, OutgoingMessage.state, AlertPerson.state)
                .join(AlertPerson, AlertPerson.id == OutgoingMessage.alert_person_id)
                .where(
                    OutgoingMessage.id.in_(ids),
                    OutgoingMessage.step > 0,
                    AlertPerson.state.not_in(OPEN),
                )
            ).all()
        assert not rung, f"rung after the answer: {rung}"

    def after_climbing(self, now: datetime) -> None:
        """Nothing that is due is left: no ladder stands still, no siren is silent."""
        with self._bench.services.reading() as session:
            late = session.scalars(
                select(AlertPerson.id).where(
                    AlertPerson.state.in_(OPEN), AlertPerson.next_at <= now
                )
            ).all()
            silent = session.scalars(
                select(Alert.id).where(
                    Alert.ended_at.is_(None), Alert.sirened_at.is_(None), Alert.siren_at <= now
                )
            ).all()
            clocks = session.scalars(
                select(IncidentClock.id).where(
                    IncidentClock.satisfied_at.is_(None),
                    IncidentClock.advisory.is_(False),
                    IncidentClock.next_alarm_at <= now,
                )
            ).all()
        assert (late, silent, clocks) == ([], [], [])

    def at_the_end(self) -> Counter[str]:
        """Everything has an end; what came twice says so; return what to tell of the seed."""
        told = Counter[str]()
        taken: dict[str, list[str]] = {}
        for provider in self._bench.providers:
            told.update({f"fault: {name}": n for name, n in provider.faults.items()})
            for one in provider.taken:
                taken.setdefault(one.code, []).append(one.body)
        with self._bench.services.reading() as session:
            rows = session.scalars(select(OutgoingMessage)).all()
            silent = session.scalars(
                select(Alert.id).where(Alert.ended_at.is_(None), Alert.sirened_at.is_(None))
            ).all()
            assert audit.verify(session).is_whole
        assert silent == [], f"alerts {silent} fell silent"
        assert taken.keys() <= {row.code for row in rows}
        for row in rows:
            assert row.state not in UNDER_WAY, (row.id, row.state)
            copies = taken.get(row.code, [])
            told["lost"] += not copies and row.state not in NOT_LOST
            told["duplicates"] += max(0, len(copies) - 1)
            assert len(copies) <= 2, f"message {row.id} came {len(copies)} times"
            assert all(AGAIN in body for body in copies[1:]), f"message {row.id} came twice unsaid"
        told["messages"] += len(rows)
        assert not told["lost"], "a message was lost"
        return told
