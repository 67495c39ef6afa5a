"""Follow-ups of reviews: those of an incident, all that are open, and ending one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from incident.api import answering, finding, reading, writing
from incident.api.answers import Moment
from incident.api.asking import Listing, part
from incident.api.contract import PREFIX, Match, Scope, operation
from incident.inputs.base import parse
from incident.inputs.follow_ups import Finished
from incident.operations import follow_ups as doing
from incident.queries import follow_ups
from incident.queries.follow_ups import Line
from incident.web.access import Permission, requires, who
from incident.web.desk import services

blueprint = Blueprint("api_follow_ups", __name__, url_prefix=PREFIX)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpAnswer:
    """Something to mend; `is_late` when it was not done in time, or is not although it is due.

    `owner` is as it was written; `is_mine` says that the caller may end it.
    """

    id: int
    incident: str
    drill: bool
    what: str
    owner: str
    due_on: date
    is_late: bool
    is_mine: bool
    done_at: Moment | None
    done_by: str | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUps:
    """A part of the follow-ups."""

    items: tuple[FollowUpAnswer, ...]
    next: str | None


@blueprint.get("/follow-ups")
@requires(Permission.DESK)
@operation(
    "List the follow-ups of all incidents that are not done, first due first.",
    query=Listing,
    answer=FollowUps,
)
def all_open() -> Response:
    asked = reading.query(Listing)
    desk = services()
    with desk.reading() as session:
        rows = follow_ups.open_ones(session, who(), now=desk.now(), rules=desk.rules)
    return _respond(rows, asked)


@blueprint.get("/incidents/<number>/follow-ups")
@requires(Permission.REVIEW)
@operation("List the follow-ups of an incident.", query=Listing, answer=FollowUps)
def index(number: str) -> Response:
    asked = reading.query(Listing)
    desk = services()
    with desk.reading() as session:
        incident = finding.incident(session, number)
        rows = follow_ups.of(session, incident, who(), now=desk.now(), rules=desk.rules)
    return _respond(rows, asked)


@blueprint.post("/incidents/<number>/follow-ups/<int(max=2147483647):follow_up>/done")
@requires(Permission.REVIEW)
@operation(
    "Say that a follow-up is done, and how: its owner, or the duty leader.",
    scope=Scope.ACT,
    body=(Finished,),
    answer=FollowUpAnswer,
    match=Match.OPTIONAL,
    changes=True,
    problems=(409,),
)
def finish(number: str, follow_up: int) -> Response:
    raw = reading.body()
    brought = parse(Finished, raw)
    version = reading.seen_version(required=False)
    context = services().context(who())

    def work(session: Session) -> FollowUpAnswer:
        incident = writing.held(session, number, context.who, version)
        row = doing.find(session, incident, follow_up)
        doing.finish(session, incident, row, brought, context)
        shown = follow_ups.line(
            session, incident, row, context.who, now=context.now, rules=context.rules
        )
        return _answer(shown)

    return writing.change(raw, work)


def _respond(rows: Sequence[Line], asked: Listing) -> Response:
    shown, following = part(rows, asked)
    return answering.respond(FollowUps(items=tuple(map(_answer, shown)), next=following))


def _answer(row: Line) -> FollowUpAnswer:
    return FollowUpAnswer(
        id=row.id,
        incident=row.incident,
        drill=row.is_drill,
        what=row.what,
        owner=row.owner,
        due_on=row.due_on,
        is_late=row.is_late,
        is_mine=row.is_mine,
        done_at=row.done_at,
        done_by=row.done_by,
        note=row.note,
    )
