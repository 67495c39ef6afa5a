"""The list of incidents, and the room of one: board, clocks, timeline."""

from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from incident.errors import NotFound
from incident.models import Incident
from incident.queries import choices, listing, reached, timeline
from incident.queries import room as rooms
from incident.web import frame
from incident.web.access import Permission, requires, who
from incident.web.desk import services
from incident.web.looks import phrase
from workflows.lifecycle import State
from workflows.plan import Grade, Kind

blueprint = Blueprint("incidents", __name__)
FILTERS = ("q", "state", "grade", "kind", "drill")


@blueprint.get("/incidents")
@requires(Permission.INCIDENT)
def index() -> ResponseReturnValue:
    """Show the incidents that fit what is looked for; a whole number leads straight there."""
    desk = services()
    search = listing.Search(
        text=request.args.get("q", "").strip()[:60],
        state=request.args.get("state", ""),
        grade=request.args.get("grade", ""),
        kind=request.args.get("kind", ""),
        drill=request.args.get("drill", ""),
        before=request.args.get("before", type=int),
    )
    with desk.reading() as session:
        found = listing.find(session, who(), search, desk.rules)
    if len(found.rows) == 1 and found.rows[0].number == search.text.upper():
        return redirect(url_for("incidents.room", number=found.rows[0].number))
    asked = {name: request.args[name] for name in FILTERS if request.args.get(name)}
    return render_template(
        "incidents/index.html",
        found=found,
        search=search,
        older=_address({**asked, "before": str(found.older)}) if found.older else None,
        newest=_address(asked) if search.before else None,
        states=list(State),
        grades=[*Grade, "ungraded", listing.NOT_GRADED],
        kinds=list(Kind),
    )


@blueprint.get("/incidents/<number>")
@requires(Permission.INCIDENT)
def room(number: str) -> ResponseReturnValue:
    """Show the room."""
    desk = services()
    with desk.reading() as session:
        incident = frame.look(session, number)
        context = {**frame.of(session, incident, "timeline"), **_now(session, incident)}
        page = timeline.page(
            session,
            incident.id,
            who(),
            group=_group(),
            before=request.args.get("before", type=int),
            since=request.args.get("since", type=int),
        )
        steps = rooms.steps(session, incident)
    return render_template(
        "incidents/room.html",
        **context,
        page=page,
        steps=steps,
        group=_group(),
        groups=list(timeline.GROUPS),
        is_newest=page.newer is None and "before" not in request.args,
        text=request.args.get("text", "")[:200],
        corrects=request.args.get("corrects", type=int),
    )


@blueprint.get("/incidents/<number>/timeline")
@requires(Permission.INCIDENT)
def fragment(number: str) -> ResponseReturnValue:
    """Answer the entries after a seq as list items, and the older ones that they strike."""
    with services().reading() as session:
        incident = frame.look(session, number)
        seen = request.args.get("after", 0, type=int)
        lines = timeline.after(session, incident.id, who(), seen, group=_group())
        struck = timeline.struck_after(session, incident.id, who(), seen)
    return render_template("incidents/timeline.html", lines=lines, struck=struck, number=number)


@blueprint.get("/incidents/<number>/entries/<int:seq>")
@requires(Permission.INCIDENT)
def entry(number: str, seq: int) -> ResponseReturnValue:
    """Show one entry with its place in the chain; the permanent address of an entry."""
    with services().reading() as session:
        incident = frame.look(session, number)
        line = timeline.entry(session, incident.id, who(), seq)
        if line is None:
            raise NotFound
        context = frame.of(session, incident, "timeline")
    return render_template("incidents/entry.html", **context, line=line)


@blueprint.get("/incidents/<number>/now/<part>")
@requires(Permission.INCIDENT)
def part(number: str, part: str) -> ResponseReturnValue:
    """Answer one part of the room as it now is: board, clocks or actions."""
    if part not in ("board", "clocks", "actions"):
        raise NotFound
    with services().reading() as session:
        incident = frame.look(session, number)
        context = {**frame.of(session, incident, "timeline"), **_now(session, incident)}
    return render_template(f"incidents/now_{part}.html", **context)


def _address(asked: dict[str, str]) -> str:
    return f"{url_for('.index')}?{urlencode(asked)}"


def _now(session: Session, incident: Incident) -> dict[str, object]:
    """Return what changes in a room while one looks: clocks and open steps."""
    desk = services()
    clocks = rooms.clocks(session, incident, desk.now())
    open_now = choices.choices(session, incident, who(), now=desk.now(), rules=desk.rules)
    told = reached.tally(session, incident.id)
    return {
        "clocks": rooms.rail(clocks),
        "clock_count": len(clocks),
        "choices": [(one, _why(one)) for one in open_now],
        "side_actions": choices.beside(incident, who()),
        "must_acknowledge": who().id in told.asked - told.acked,
        "is_inside": timeline.is_inside(who()),
    }


def _why(choice: choices.Choice) -> str | None:
    return phrase("errors", choice.why, **choice.values) if choice.why else None


def _group() -> str | None:
    asked = request.args.get("group")
    return asked if asked in timeline.GROUPS else None
