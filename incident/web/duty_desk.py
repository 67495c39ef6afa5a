"""The duty desk: what needs somebody now, and whom to ring."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, get_args

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from incident import spool
from incident.errors import NotFound
from incident.inputs.calls import Answer, CallResult
from incident.queries import call_sheet, delivery, duty, on_duty, sirens, spooled
from incident.web.access import Permission, grants, requires, who
from incident.web.desk import services

blueprint = Blueprint("desk", __name__)
PARTS = ("headline", "counters", "queue", "siren", "silent", "people")


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


def _state() -> dict[str, Any]:
    desk = services()
    now = desk.now()
    with desk.reading() as session:
        seq = duty.head(session)
        lines = duty.queue(session, who(), desk.rules)
        real = [line for line in lines if line.row.drill is None]
        present = on_duty.present(session, desk.rules, now)
        manned = {one.post.role for one in present}
        return {
            "seq": seq,
            "real": real,
            "drills": [line for line in lines if line.row.drill is not None],
            "silent": call_sheet.by_person(call_sheet.lines(session, now)),
            **_sounding(session, now),
            "present": present,
            "posts": duty.posts(session, [role for role in duty.ON_DUTY if role not in manned]),
            "reminder": on_duty.reminder(session, desk.rules, now),
            "may_ring": True,
            "may_call": grants(who(), Permission.CALL),
            "counts": duty.counts(session),
            "spooled": spooled.needing(session) + len(spool.waiting(desk.settings.spool_dir)),
            "last_drill": duty.last_drill(session),
            "over": sum(line.is_over(now) for line in real),
            "near": sum(line.is_near(now) for line in real),
        }


def _sounding(session: Session, now: datetime) -> dict[str, Any]:
    """Return what sounds, what sounds for each incident, and what a call by hand may come to."""
    causes = sirens.causes(session, now)
    return {
        "causes": list(_by_number(causes)),
        "sound": sirens.sound(causes),
        "sounding": {cause.number for cause in causes},
        "self_test": sirens.self_test(session),
        "results": get_args(CallResult),
        "answers": get_args(Answer),
        "mask": delivery.masked,
    }


def _by_number(causes: Iterable[sirens.Cause]) -> Iterable[tuple[str, list[sirens.Cause]]]:
    found: dict[str, list[sirens.Cause]] = {}
    for cause in causes:
        found.setdefault(cause.number, []).append(cause)
    return found.items()
