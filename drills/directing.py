"""What the director does while a drill runs: bring, hold back, leave out, insert, take over."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from drills import participants, player, runs, schedule
from drills.models import DrillInject, DrillRun
from drills.participants import CONTROLLER
from drills.scenario.content import MOBILE
from drills.scenario.schema import Inject
from incident.errors import Conflict, FieldError, InvalidInput
from incident.inputs.base import Input, Line, Paragraph
from incident.models import User
from incident.operations import pace
from incident.services import Services
from incident.who import Who

By = Literal[
    "phone_card",
    "sms",
    "media_post",
    "leader_question",
    "resource_failure",
    "equipment_failure",
    "hospital_update",
    "lab_result",
]
"""By what an inject made of words alone can come."""


class Insertion(Input):
    """An inject that the director writes during the drill; `minute` None: it comes at once."""

    via: By
    to: Literal["players", "simulators"]
    sender: Line
    text: Paragraph
    minute: Annotated[int, Field(ge=0, le=100_000)] | None = None


def take_over(session: Session, key: str, *, who: Who, now: datetime) -> DrillRun:
    """Direct a drill in place of who did; who does already changes nothing."""
    run = runs.hold(session, key)
    participants.require(session, run, who, CONTROLLER)
    if run.ended_at is not None:
        raise Conflict("drill-over")
    if run.director_id != who.id:
        run.director_id = who.id
        _enrol(session, run, who)
        runs.note(session, run, "drill_taken_over", who, now, person=who.display)
    return run


def bring(services: Services, key: str, inject_id: int, *, who: Who) -> bool:
    """Bring an inject now; tell whether the desk took it, or somebody was faster."""
    with services.reading() as session:
        run = runs.find(session, key)
        _require_going(session, run, who)
        row = schedule.get(session, run, inject_id)
        name = row.inject
    if not player.fire(services, key, inject_id, who=who):
        return False
    with services.transaction() as session:
        run = runs.hold(session, key)
        runs.note(session, run, "inject_brought", who, services.now(), inject=name)
        return schedule.get(session, run, inject_id).state == schedule.FIRED


def hold_back(
    session: Session, key: str, inject_id: int, *, held: bool, who: Who, now: datetime
) -> None:
    """Hold an inject back, or let it come after all."""
    run = _directed(session, key, who)
    row = schedule.hold_back(session, run, inject_id, held=held)
    type = "inject_held" if held else "inject_released"
    runs.note(session, run, type, who, now, inject=row.inject)


def skip(session: Session, key: str, inject_id: int, *, who: Who, now: datetime) -> None:
    """Leave an inject out."""
    run = _directed(session, key, who)
    row = schedule.skip(session, run, inject_id, who=who)
    runs.note(session, run, "inject_skipped", who, now, inject=row.inject)


def insert(session: Session, key: str, wish: Insertion, *, who: Who, now: datetime) -> DrillInject:
    """Add an inject that the scenario does not have; it comes at once, or at its minute."""
    run = _directed(session, key, who)
    reached = pace.of(session, key).reached(now)
    if MOBILE.search(wish.text) or MOBILE.search(wish.sender):
        raise InvalidInput([FieldError("text", "no-real-telephone-in-text")])
    if wish.to == "players" and run.incident is None:
        raise Conflict("drill-no-incident")
    due = reached if wish.minute is None else timedelta(minutes=wish.minute)
    if due < reached:
        passed: dict[str, object] = {"now": int(reached.total_seconds()) // 60}
        raise InvalidInput([FieldError("minute", "bad-minute", passed)])
    row = schedule.insert(session, run, _inject(session, run, wish, reached), due)
    runs.note(session, run, "inject_inserted", who, now, inject=row.inject)
    return row


def _inject(session: Session, run: DrillRun, wish: Insertion, reached: timedelta) -> Inject:
    """Return the wish as an inject of the segment that is played now."""
    query = select(func.count()).where(
        DrillInject.run_id == run.id, DrillInject.is_inserted.is_(True)
    )
    number = (session.scalar(query) or 0) + 1
    begun = [one for one in runs.scenario_of(run).segments if one.start <= reached]
    own = [one for one in begun if one.id in run.segments]
    return Inject(
        id=f"inserted-{number}",
        segment=own[-1].id if own else run.segments[0],
        ready=True,
        via=wish.via,
        to=wish.to,
        sender=wish.sender,
        text=wish.text,
    )


def _directed(session: Session, key: str, who: Who) -> DrillRun:
    run = runs.hold(session, key)
    _require_going(session, run, who)
    return run


def _require_going(session: Session, run: DrillRun, who: Who) -> None:
    """Raise unless somebody directs a run in which something can still happen."""
    participants.require_director(session, run, who)
    if run.ended_at is not None:
        raise Conflict("drill-over")
    if run.started_at is None:
        raise Conflict("drill-not-begun")
    if run.frozen_at is not None:
        raise Conflict("drill-frozen")


def _enrol(session: Session, run: DrillRun, who: Who) -> None:
    """Give who directs from now on the controllers' parts of the scenario."""
    user = session.get_one(User, who.person)
    for part in runs.scenario_of(run).parts:
        if part.plays == CONTROLLER:
            participants.enrol(session, run, user, CONTROLLER, part=part.id)
