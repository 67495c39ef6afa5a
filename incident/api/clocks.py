"""The statutory clocks of an incident, and marking one as kept by hand."""

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from incident.api import answering, finding, reading, showing, writing
from incident.api.answers import ClockAnswer, Clocks, OwedAnswer, TrackAnswer
from incident.api.asking import Listing, part
from incident.api.contract import PREFIX, Match, Scope, operation
from incident.inputs.base import Input, Line, Moment, parse
from incident.operations import clocks, pace
from incident.queries import tracks
from incident.queries.tracks import Track
from incident.web.access import Permission, requires, who
from incident.web.desk import services

blueprint = Blueprint("api_clocks", __name__, url_prefix=PREFIX)


class Kept(Input):
    """How a clock was kept, and when; now unless told."""

    note: Line
    at: Moment | None = None


@blueprint.get("/incidents/<number>/clocks")
@requires(Permission.INCIDENT)
@operation(
    "List the statutory clocks of an incident, and what rule sets beside its own demand of others.",
    query=Listing,
    answer=Clocks,
)
def index(number: str) -> Response:
    asked = reading.query(Listing)
    desk = services()
    with desk.reading() as session:
        incident = finding.incident(session, number)
        shown, following = part(clocks.running_or_done(session, incident), asked)
        time = pace.time_of(session, incident.drill)
        items = tuple(showing.clock(row, desk.now(), time) for row in shown)
        beside = tuple(_track(one) for one in tracks.beside(session, incident, desk.rules))
    return answering.respond(Clocks(items=items, next=following, tracks=beside))


@blueprint.post("/incidents/<number>/clocks/<int(max=2147483647):clock>/kept")
@requires(Permission.TASK)
@operation(
    "Mark a clock as kept by hand.",
    scope=Scope.ACT,
    body=(Kept,),
    answer=ClockAnswer,
    match=Match.OPTIONAL,
    changes=True,
    problems=(409,),
)
def keep(number: str, clock: int) -> Response:
    raw = reading.body()
    kept = parse(Kept, raw)
    version = reading.seen_version(required=False)
    context = services().context(who())

    def work(session: Session) -> ClockAnswer:
        incident = writing.held(session, number, context.who, version)
        row = clocks.mark(
            session,
            incident,
            clock,
            at=kept.at,
            note=kept.note,
            who=context.who,
            now=context.now,
        )
        return showing.clock(row, context.now, pace.time_of(session, incident.drill))

    return writing.change(raw, work)


def _track(track: Track) -> TrackAnswer:
    return TrackAnswer(
        plan=track.plan,
        title=track.title,
        grade=track.grade,
        owed=tuple(
            OwedAnswer(
                rule=one.rule,
                title=one.title,
                actor=one.actor,
                receiver=one.receiver,
                basis=one.basis,
                confidence=one.confidence,
                starts_at=one.starts_at,
                due_at=one.due_at,
            )
            for one in track.owed
        ),
    )
