"""Is a prepared drill ready to begin: each point ok, open or unknown; none forbids to begin."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from drills import enrolling, participants, runs
from drills.learning import ledger
from drills.models import DrillRun
from drills.participants import EVALUATOR, PLAYER
from drills.scenario.files import mistakes
from drills.scenario.schema import Scenario
from incident.models import CommTest, CommTestPerson, OutgoingMessage, User
from incident.operations.delivery_states import ACCEPTED, ARRIVED, FAILED, SENT
from incident.queries import shell
from incident.rulebook import Rulebook
from workflows.library import PlanNotFound

OK, OPEN, UNKNOWN = "ok", "open", "unknown"
TESTED = timedelta(days=7)  # so long a test of communication holds
TRIED = timedelta(hours=24)  # so long a message shows that the stand-in provider answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One line of the list: its words stand in drill_readiness under `<name>-<state>`."""

    name: str
    state: str
    values: dict[str, object] = field(default_factory=dict)
    told: tuple[str, ...] = ()


def points(session: Session, run: DrillRun, *, now: datetime, rules: Rulebook) -> tuple[Point, ...]:
    """Return the list of a run."""
    scenario = runs.scenario_of(run)
    return (
        _players(session, run),
        _controllers(session, run),
        _evaluators(session, run),
        _communication(session, run, now),
        _scenario(scenario, rules),
        _plan(scenario, now, rules),
        _engine(session, now),
        _stand_in(session, now),
        _improvements(session, run),
    )


def is_open(found: Sequence[Point]) -> bool:
    """Tell whether beginning deserves a second look."""
    return any(one.state == OPEN for one in found)


def _players(session: Session, run: DrillRun) -> Point:
    seats = [one for one in enrolling.seats(session, run) if one.part.plays == PLAYER]
    empty = tuple(one.part.title for one in seats if one.is_empty)
    people = sum(bool(one.members) for one in seats)
    scripted = sum(one.stand_in for one in seats)
    values: dict[str, object] = {"people": people, "scripted": scripted, "empty": len(empty)}
    return Point(name="players", state=OPEN if empty else OK, values=values, told=empty)


def _controllers(session: Session, run: DrillRun) -> Point:
    director = session.get(User, run.director_id) if run.director_id else None
    if director is None:
        return Point(name="controllers", state=OPEN)
    return Point(name="controllers", state=OK, values={"person": director.display})


def _evaluators(session: Session, run: DrillRun) -> Point:
    members = participants.of_run(session, run)
    count = len({one.user.id for one in members if one.row.plays == EVALUATOR})
    return Point(name="evaluators", state=OK if count else OPEN, values={"n": count})


def _communication(session: Session, run: DrillRun, now: datetime) -> Point:
    """Whether every player answered a test of communication of the last days."""
    players = {
        one.user.id: one.user.display
        for one in participants.of_run(session, run)
        if one.row.plays == PLAYER
    }
    if not players:
        return Point(name="communication", state=UNKNOWN)
    answered = set(
        session.scalars(
            select(CommTestPerson.user_id)
            .join(CommTest, CommTest.id == CommTestPerson.test_id)
            .where(
                CommTest.started_at > now - TESTED,
                CommTestPerson.user_id.in_(players),
                CommTestPerson.answered_at <= CommTest.ends_at,
            )
        )
    )
    silent = tuple(name for id, name in players.items() if id not in answered)
    values: dict[str, object] = {"n": len(silent), "days": TESTED.days}
    return Point(name="communication", state=OPEN if silent else OK, values=values, told=silent)


def _scenario(scenario: Scenario, rules: Rulebook) -> Point:
    wrong = mistakes(scenario, rules.library)
    state = OPEN if wrong else OK
    return Point(name="scenario", state=state, values={"n": len(wrong)})


def _plan(scenario: Scenario, now: datetime, rules: Rulebook) -> Point:
    """Whether the edition that the scenario was written for is the one that is in force."""
    day = rules.day(now)
    try:
        held = rules.library.in_force(scenario.kind, rules.jurisdiction, day).id
    except PlanNotFound:
        return Point(name="plan", state=OPEN, values={"plan": scenario.plan or "—", "held": "—"})
    wanted = scenario.plan or held
    state = OK if wanted == held else OPEN
    return Point(name="plan", state=state, values={"plan": wanted, "held": held})


def _engine(session: Session, now: datetime) -> Point:
    return Point(name="engine", state=OK if shell.engine(session, now).alive else OPEN)


def _stand_in(session: Session, now: datetime) -> Point:
    """Whether the stand-in provider took what drills and tests sent of late."""
    states = session.scalars(
        select(OutgoingMessage.state)
        .where(OutgoingMessage.drill.is_not(None), OutgoingMessage.created_at > now - TRIED)
        .order_by(OutgoingMessage.id.desc())
        .limit(20)
    ).all()
    ended = [state for state in states if state in {*FAILED, *ARRIVED, ACCEPTED, SENT}]
    if not ended:
        return Point(name="stand-in", state=UNKNOWN)
    return Point(name="stand-in", state=OPEN if ended[0] in FAILED else OK)


def _improvements(session: Session, run: DrillRun) -> Point:
    """Which weaknesses of earlier drills of the scenario nobody has closed."""
    left = ledger.unclosed(session, run.scenario)
    return Point(
        name="improvements",
        state=OPEN if left else OK,
        values={"n": len(left)},
        told=tuple(f"{one.number} {one.weakness}" for one in left),
    )
