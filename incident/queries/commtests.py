"""How tests of communication came out: for each person and channel, and for a month."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.errors import NotFound
from incident.models import CommTest, CommTestPerson, OutgoingMessage, User
from incident.operations.commtests import REASON
from incident.operations.delivery_states import ARRIVED, FAILED, SILENT

WAITING, SENT, DELIVERED, FAILURE, NO_ADDRESS = "waiting", "sent", "delivered", "failed", "none"
NEWEST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonResult:
    """One person: what came of each channel, and whether he answered in time.

    `ways` are waiting, sent, delivered or failed by channel. An answer after the window shows
    `answered_at` and is not `in_time`.
    """

    user_id: int
    person: str
    why: str
    ways: Mapping[str, str]
    answered_at: datetime | None
    answered_by: str | None
    in_time: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A test with what is known of it; `rate` is the part of the audience that answered in time."""

    id: int
    started_at: datetime
    ends_at: datetime
    started_by: str
    drill: bool
    note: str | None
    channels: tuple[str, ...]
    people: tuple[PersonResult, ...]
    is_over: bool

    @property
    def answered(self) -> int:
        """Return how many answered within the window."""
        return sum(one.in_time for one in self.people)

    @property
    def rate(self) -> int:
        """Return the percentage that answered within the window, rounded down."""
        return percent(self.answered, len(self.people))

    def ways(self, channel: str, *outcomes: str) -> int:
        """Count the people of whom a channel reports one of these outcomes."""
        return sum(one.ways.get(channel) in outcomes for one in self.people)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """One person over a month: in how many tests, and in how many he answered in time."""

    person: str
    asked: int
    answered: int

    @property
    def rate(self) -> int:
        """Return the percentage, rounded down."""
        return percent(self.answered, self.asked)


def percent(part: int, whole: int) -> int:
    """Return a percentage rounded down, so that 100 means all; 0 of nothing is 0."""
    return int(Fraction(100 * part, whole)) if whole else 0


def result(session: Session, test_id: int, now: datetime) -> Result:
    """Return one test; raise NotFound."""
    test = session.get(CommTest, test_id)
    if test is None:
        raise NotFound
    return _results(session, [test], now)[0]


def newest(session: Session, now: datetime) -> Sequence[Result]:
    """Return the latest tests, the newest first."""
    rows = session.scalars(select(CommTest).order_by(CommTest.id.desc()).limit(NEWEST)).all()
    return _results(session, rows, now)


def between(session: Session, start: datetime, end: datetime, now: datetime) -> Sequence[Result]:
    """Return the tests that began in a span, in their order."""
    rows = session.scalars(
        select(CommTest)
        .where(CommTest.started_at >= start, CommTest.started_at < end)
        .order_by(CommTest.id)
    ).all()
    return _results(session, rows, now)


def attendance(results: Sequence[Result]) -> Sequence[Attendance]:
    """Return each person over several tests, the least reachable first; drills' do not count."""
    counts: dict[int, tuple[str, int, int]] = {}
    for one in (one for test in results if not test.drill for one in test.people):
        _, asked, answered = counts.get(one.user_id, ("", 0, 0))
        counts[one.user_id] = (one.person, asked + 1, answered + one.in_time)
    found = [
        Attendance(person=person, asked=asked, answered=answered)
        for person, asked, answered in counts.values()
    ]
    return sorted(found, key=lambda one: (one.rate, one.person))


def mine(session: Session, user_id: int, now: datetime) -> Sequence[int]:
    """Return the tests that wait for a person's answer."""
    return session.scalars(
        select(CommTest.id)
        .join(CommTestPerson, CommTestPerson.test_id == CommTest.id)
        .where(
            CommTestPerson.user_id == user_id,
            CommTestPerson.answered_at.is_(None),
            CommTest.ends_at > now,
        )
    ).all()


def _results(session: Session, tests: Sequence[CommTest], now: datetime) -> list[Result]:
    ids = [test.id for test in tests]
    people = session.scalars(
        select(CommTestPerson).where(CommTestPerson.test_id.in_(ids)).order_by(CommTestPerson.id)
    ).all()
    ways = _ways(session, [one.id for one in people])
    users = select(User.id, User.display).where(User.id.in_({test.started_by for test in tests}))
    names = {row.id: row.display for row in session.execute(users)}
    return [
        Result(
            id=test.id,
            started_at=test.started_at,
            ends_at=test.ends_at,
            started_by=names[test.started_by],
            drill=test.drill,
            note=test.note,
            channels=tuple(test.chosen["channels"]),
            people=tuple(
                _person(one, ways.get(one.id, {}), test) for one in people if one.test_id == test.id
            ),
            is_over=test.ends_at <= now,
        )
        for test in tests
    ]


def _person(one: CommTestPerson, ways: Mapping[str, str], test: CommTest) -> PersonResult:
    return PersonResult(
        user_id=one.user_id,
        person=one.person,
        why=one.why,
        ways=ways,
        answered_at=one.answered_at,
        answered_by=one.answered_by,
        in_time=one.answered_at is not None and one.answered_at <= test.ends_at,
    )


def _ways(session: Session, people: Sequence[int]) -> dict[int, dict[str, str]]:
    """Return what came of each message, by person and channel."""
    found: dict[int, dict[str, str]] = {}
    reasons = [f"{REASON}:{id}:{channel}" for id in people for channel in ("sms", "voice", "mail")]
    rows = session.execute(
        select(OutgoingMessage.reason, OutgoingMessage.state).where(
            OutgoingMessage.reason.in_(reasons)
        )
    )
    for reason, state in rows:
        _, id, channel = reason.split(":")
        found.setdefault(int(id), {})[channel] = _outcome(state)
    return found


def _outcome(state: str) -> str:
    if state in ARRIVED:
        return DELIVERED
    if state in FAILED:
        return FAILURE
    return SENT if state in SILENT else WAITING
