"""A real incident goes first: stop every drill in one transaction, and bring one back later."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from drills import runs
from drills.models import DrillRun
from incident.models import Incident
from incident.operations import resting, timeline
from incident.who import Who

STOPPED, BACK = "drill_stopped", "drill_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """What a pre-emption stopped: the keys of drills, and how many messages wait since."""

    drills: tuple[str, ...]
    messages: int


def stop_all(session: Session, *, who: Who, now: datetime) -> Stopped:
    """Stop every drill that was begun: its clock, its calls, its messages, its rows on the desk.

    An entry in each of its incidents tells every open page. Nothing is lost: `bring_back` lets
    one go on where it stood.
    """
    keys = tuple(run.key for run in runs.freeze(session, who=who, now=now))
    messages = resting.rest(session, keys, now=now)
    _tell(session, keys, STOPPED, who, now)
    return Stopped(drills=keys, messages=messages)


def bring_back(session: Session, key: str, *, who: Who, now: datetime) -> DrillRun:
    """Let a drill go on that was paused or stopped; the desk has its rows again."""
    was_frozen = runs.find(session, key).frozen_at is not None
    run = runs.resume(session, key, who=who, now=now)
    if was_frozen:
        _tell(session, [key], BACK, who, now)
    return run


def _tell(session: Session, drills: Collection[str], type: str, who: Who, now: datetime) -> None:
    """Write into every incident of some drills, so that the pages that show one hear of it."""
    incidents = session.scalars(
        select(Incident).where(Incident.drill.in_(drills)).order_by(Incident.id)
    )
    for incident in incidents:
        words_for = {"key": incident.drill}
        timeline.write(session, incident, type, who=who, now=now, words_for=words_for)
