"""The bar over the pages of those whom a drill concerns, and the button that stops every drill."""

from dataclasses import dataclass

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from drills import enrolling, participants, preempting, runs
from drills.models import DrillRun, Participant
from drills.participants import CONTROLLER, PLAYER
from drills.web import showing
from drills.web.blueprint import blueprint
from incident.errors import Forbidden
from incident.models import User
from incident.operations import pace
from incident.web.access import Permission, grants, requires, who
from incident.web.desk import services
from incident.web.looks import phrase

PAGES = {
    "player": "inbox",
    "simulator": "cards",
    "controller": "show",
    "evaluator": "evaluate",
    "observer": "watch",
}
"""Where somebody goes in a drill by what he is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One drill in the bar: where somebody is in it, and which parts he could take."""

    run: DrillRun
    state: str
    urls: tuple[tuple[str, str], ...]
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What the bar shows; `may_stop` offers the button for a real incident."""

    lines: tuple[Line, ...]
    may_stop: bool

    @property
    def going(self) -> int:
        """Return how many drills the button would stop."""
        return sum(line.state in ("running", "paused") for line in self.lines)


def bar() -> Bar | None:
    """Return the bar for who asks, None where no drill concerns him; it never breaks a page."""
    if "who" not in g:
        return None
    try:
        with services().reading() as session:
            return _bar(session)
    except SQLAlchemyError:
        return None


@blueprint.app_context_processor
def in_every_page() -> dict[str, object]:
    """Give every page the bar; it asks for it where it has a place for it."""
    return {"drills_bar": bar}


@blueprint.get("/drills/now/bar")
@requires(Permission.SIGNED_IN)
def show_bar() -> ResponseReturnValue:
    """Answer the bar for an open page."""
    return render_template("drills/bar.html")


@blueprint.post("/drills/stop")
@requires(Permission.PREEMPT)
def stop() -> ResponseReturnValue:
    """Stop every drill at once, for a real incident needs the desk."""
    desk = services()
    with desk.transaction() as session:
        stopped = preempting.stop_all(session, who=who(), now=desk.now())
    if stopped.drills:
        count, waiting = len(stopped.drills), stopped.messages
        flash(phrase("notices", "drills-stopped", n=count, m=waiting), "warning")
    else:
        flash(phrase("notices", "no-drills-to-stop"), "info")
    home = "desk.show" if grants(who(), Permission.DESK) else "drills.index"
    return redirect(url_for(home), 303)


@blueprint.post("/drills/<key>/join/<part>")
@requires(Permission.SIGNED_IN)
def join(key: str, part: str) -> ResponseReturnValue:
    """Take a player's part that nobody has, by one's role at the desk."""
    desk = services()
    with desk.transaction() as session:
        run = runs.hold(session, key)
        if part not in [one.id for one in enrolling.open_parts(session, run, who())]:
            raise Forbidden("drill-not-yours")
        user = session.get_one(User, who().person)
        participants.enrol(session, run, user, PLAYER, part=part)
        runs.note(session, run, "drill_enrolled", who(), desk.now(), person=user.display)
    flash(phrase("notices", "drill-joined", number=key), "success")
    return redirect(url_for(".inbox", key=key), 303)


def _bar(session: Session) -> Bar | None:
    may_stop = grants(who(), Permission.PREEMPT)
    found = session.scalars(
        select(DrillRun)
        .where(DrillRun.started_at.is_not(None), DrillRun.ended_at.is_(None))
        .order_by(DrillRun.id)
    ).all()
    lines = [_line(session, run) for run in found]
    shown = tuple(line for line in lines if may_stop or line.urls or line.parts)
    concerned = may_stop or shown or _waits(session)
    return Bar(lines=shown, may_stop=may_stop) if concerned else None


def _line(session: Session, run: DrillRun) -> Line:
    mine = participants.parts_of(session, run, who().id)
    own = {PLAYER} if any(row.plays == PLAYER for row in mine) else {row.plays for row in mine}
    if run.director_id == who().id:
        own.add(CONTROLLER)
    pages = [(plays, PAGES[plays]) for plays in participants.PLAYS if plays in own]
    return Line(
        run=run,
        state=runs.state(run, pace.of(session, run.key)),
        urls=tuple(
            (plays, url)
            for plays, name in pages
            if (url := showing.address(f"drills.{name}", key=run.key)) is not None
        ),
        parts=tuple((one.id, one.title) for one in enrolling.open_parts(session, run, who())),
    )


def _waits(session: Session) -> bool:
    """Tell whether somebody is to take part in a drill that has not begun."""
    query = (
        select(Participant.id)
        .join(DrillRun, DrillRun.id == Participant.run_id)
        .where(Participant.user_id == who().id, DrillRun.ended_at.is_(None))
    )
    return session.scalar(query.limit(1)) is not None
