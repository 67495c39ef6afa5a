"""The injects of a run: when each is due, and what the director does with them."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from drills.models import DrillInject, DrillRun
from drills.scenario.schema import Branch, Inject, Scenario, minutes, times
from incident.errors import Conflict, NotFound
from incident.models import Incident
from incident.operations import pace, timeline
from incident.who import Who

WAITING, PLANNED, FIRED, SKIPPED, FAILED = "waiting", "planned", "fired", "skipped", "failed"
OPEN = (WAITING, PLANNED)


def rows(run: DrillRun, scenario: Scenario) -> Iterator[DrillInject]:
    """Return the rows of a new run: those of the segments that are played."""
    starts = {one.id: one.start for one in scenario.segments if one.id in run.segments}
    for inject in scenario.injects:
        if inject.segment not in starts:
            continue
        own = times(inject) or (None,)
        for turn, after in enumerate(own):
            due = None if after is None else starts[inject.segment] + after
            yield _row(run, inject, turn=turn, due=due)


def of_run(session: Session, run: DrillRun) -> Sequence[DrillInject]:
    """Return all injects of a run in the order in which they come, those without a time last."""
    found = session.scalars(select(DrillInject).where(DrillInject.run_id == run.id)).all()
    return sorted(found, key=_order)


def due(session: Session, run: DrillRun, reached: timedelta, *, limit: int) -> Sequence[int]:
    """Return the ids of what should have come by a drill time, the earliest first."""
    query = (
        select(DrillInject.id)
        .where(
            DrillInject.run_id == run.id,
            DrillInject.state == PLANNED,
            DrillInject.is_held.is_(False),
            DrillInject.due_seconds <= reached.total_seconds(),
        )
        .order_by(DrillInject.due_seconds, DrillInject.id)
        .limit(limit)
    )
    return session.scalars(query).all()


def next_due(session: Session, run: DrillRun) -> timedelta | None:
    """Return the drill time at which the next inject comes, or can be answered no more."""
    coming = select(func.min(DrillInject.due_seconds)).where(
        DrillInject.run_id == run.id, DrillInject.state == PLANNED, DrillInject.is_held.is_(False)
    )
    expiring = select(func.min(DrillInject.expires_seconds)).where(
        DrillInject.run_id == run.id,
        DrillInject.state == FIRED,
        DrillInject.answered_at.is_(None),
        DrillInject.expired_at.is_(None),
    )
    found = [session.scalar(query) for query in (coming, expiring)]
    seconds = min((one for one in found if one is not None), default=None)
    return None if seconds is None else timedelta(seconds=seconds)


def hold_back(session: Session, run: DrillRun, inject_id: int, *, held: bool) -> DrillInject:
    """Hold an inject back, or let it come after all: one whose time has passed comes at once."""
    row = _open(session, run, inject_id)
    row.is_held = held
    return row


def skip(session: Session, run: DrillRun, inject_id: int, *, who: Who) -> DrillInject:
    """Leave an inject out."""
    row = _open(session, run, inject_id)
    row.state, row.fired_by = SKIPPED, who.person
    return row


def bring(session: Session, run: DrillRun, inject_id: int, reached: timedelta) -> DrillInject:
    """Make an inject due now, whatever it waited for."""
    row = _open(session, run, inject_id)
    row.state, row.is_held = PLANNED, False
    row.due_seconds = reached.total_seconds()
    return row


def insert(session: Session, run: DrillRun, inject: Inject, due: timedelta) -> DrillInject:
    """Add an inject that the scenario does not have."""
    row = _row(run, inject, turn=0, due=due)
    row.is_inserted = True
    session.add(row)
    session.flush()
    return row


def skip_until(session: Session, run: DrillRun, reading: timedelta) -> None:
    """Leave out what is planned before a drill time."""
    session.execute(
        update(DrillInject)
        .where(
            DrillInject.run_id == run.id,
            DrillInject.state == PLANNED,
            DrillInject.due_seconds < reading.total_seconds(),
        )
        .values(state=SKIPPED)
    )


def branch_to(session: Session, run: DrillRun, names: Sequence[str], reading: timedelta) -> None:
    """Make injects due that a branch names, as far as they still wait."""
    query = select(DrillInject).where(
        DrillInject.run_id == run.id, DrillInject.inject.in_(names), DrillInject.state == WAITING
    )
    for row in session.scalars(query):
        row.state, row.due_seconds = PLANNED, reading.total_seconds()


def answer(
    session: Session, run: DrillRun, inject_id: int, text: str, *, who: Who, now: datetime
) -> DrillInject:
    """Write down what is done about an inject, and take its branch.

    One that was answered or expired is refused. The answer stands on the incident's timeline.
    """
    row = get(session, run, inject_id)
    if row.state != FIRED:
        raise NotFound
    _refuse_over(session, run)
    if row.answered_at is not None:
        raise Conflict("inject-answered")
    reached = pace.of(session, run.key).reached(now)
    if row.expires_seconds is not None and row.expires_seconds <= reached.total_seconds():
        raise Conflict("inject-expired")
    row.answered_at, row.answered_by, row.answer = now, who.person, text
    inject = inject_of(row)
    branch_to(session, run, (inject.branch or Branch()).answered, reached)
    _tell_answer(session, row, inject, who, now)
    return row


def inject_of(row: DrillInject) -> Inject:
    """Return the inject as it stands in the run."""
    return Inject.model_validate(row.content)


def get(session: Session, run: DrillRun, inject_id: int) -> DrillInject:
    """Return an inject of a run, both locked; raise NotFound.

    The run is locked first, as the engine does: answers, branches and the director's hand never
    wait for each other in a circle.
    """
    session.execute(select(DrillRun.id).where(DrillRun.id == run.id).with_for_update())
    row = session.get(DrillInject, inject_id, with_for_update=True)
    if row is None or row.run_id != run.id:
        raise NotFound
    return row


def _open(session: Session, run: DrillRun, inject_id: int) -> DrillInject:
    row = get(session, run, inject_id)
    _refuse_over(session, run)
    if row.state not in OPEN:
        raise Conflict("inject-over")
    return row


def _refuse_over(session: Session, run: DrillRun) -> None:
    """Refuse a drill that has ended, however long ago its row was read."""
    if session.scalar(select(DrillRun.ended_at).where(DrillRun.id == run.id)) is not None:
        raise Conflict("drill-not-running")


def _tell_answer(
    session: Session, row: DrillInject, inject: Inject, who: Who, now: datetime
) -> None:
    timeline.write(
        session,
        session.scalar(select(Incident).where(Incident.number == row.incident)),
        "inject_reply",
        who=who,
        now=now,
        words_for={"sender": inject.sender, "text": row.answer},
        data={"inject": inject.id},
    )


def _row(run: DrillRun, inject: Inject, *, turn: int, due: timedelta | None) -> DrillInject:
    return DrillInject(
        run_id=run.id,
        inject=inject.id,
        turn=turn,
        content=inject.model_dump(mode="json"),
        is_inserted=False,
        state=WAITING if due is None else PLANNED,
        is_held=False,
        due_seconds=None if due is None else due.total_seconds(),
        is_late=False,
        expires_seconds=None,
    )


def expires_after(inject: Inject) -> timedelta | None:
    """Return how long after it was fired an inject can be answered; None: always."""
    return minutes(inject.expires) if inject.expires else None


def _order(row: DrillInject) -> tuple[float, int]:
    come = row.fired_seconds if row.fired_seconds is not None else row.due_seconds
    return (float("inf") if come is None else come, row.id)
