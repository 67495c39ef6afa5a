"""The duty desk: what needs somebody now, and whom to ring."""

from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from incident.errors import NotFound
from incident.queries import duty
from incident.web.access import Permission, requires, who
from incident.web.desk import services

blueprint = Blueprint("desk", __name__)
PARTS = ("headline", "counters", "queue", "people")


@blueprint.get("/desk")
@requires(Permission.DESK)
def show() -> ResponseReturnValue:
    """Show the desk."""
    return render_template("desk/show.html", **_state())


@blueprint.get("/desk/<part>")
@requires(Permission.DESK)
def part(part: str) -> ResponseReturnValue:
    """Answer one part of the desk for the page to take in."""
    if part not in PARTS:
        raise NotFound
    return render_template(f"desk/{part}.html", **_state())


@blueprint.get("/desk/call-list")
@requires(Permission.DESK)
def call_list() -> ResponseReturnValue:
    """Show whom to ring, on one sheet of paper."""
    desk = services()
    with desk.reading() as session:
        lines = duty.queue(session, who(), desk.rules)
        return render_template(
            "desk/call_list.html",
            silent=duty.silent(session, lines),
            posts=duty.posts(session, duty.CALLABLE),
        )


def _state() -> dict[str, Any]:
    desk = services()
    now = desk.now()
    with desk.reading() as session:
        seq = duty.head(session)
        lines = duty.queue(session, who(), desk.rules)
        real = [line for line in lines if line.row.drill is None]
        return {
            "seq": seq,
            "real": real,
            "drills": [line for line in lines if line.row.drill is not None],
            "silent": duty.silent(session, lines),
            "posts": duty.posts(session),
            "counts": duty.counts(session),
            "last_drill": duty.last_drill(session),
            "over": sum(line.is_over(now) for line in real),
            "near": sum(line.is_near(now) for line in real),
        }
