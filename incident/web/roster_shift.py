"""One shift: who is on duty, what differs from the rotation, and to change or give it away."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from incident.errors import InvalidInput, NotFound
from incident.inputs.base import parse
from incident.inputs.roster import ChangeInput, SwapInput
from incident.models import Post
from incident.operations import posts, roster, swaps, watches
from incident.queries import duty_people, on_duty
from incident.queries import roster as listed
from incident.web import roster_forms
from incident.web.access import DESK, Permission, grants, requires, who
from incident.web.desk import services
from incident.web.faults import field_words
from incident.web.looks import daytime, phrase
from workflows.rotation import Tier
from workflows.shifts import Shift, shifts

blueprint = Blueprint("roster_shift", __name__, url_prefix="/roster/shifts/<code>/<day>/<int:turn>")


@blueprint.get("")
@requires(Permission.ROSTER)
def show(code: str, day: str, turn: int) -> ResponseReturnValue:
    """Show a shift."""
    return _page(code, day, turn)


@blueprint.post("/change")
@requires(Permission.ROSTER_EDIT)
def change(code: str, day: str, turn: int) -> ResponseReturnValue:
    """Put others on duty."""
    desk = services()
    raw = {
        **roster_forms.span(request.form, desk.rules.zone),
        **roster_forms.filled(request.form, "main", "stand_in", "reason"),
    }
    try:
        with desk.transaction() as session:
            post, _ = _find(session, code, day, turn)
            roster.change(session, post, parse(ChangeInput, raw), desk.context(who()))
    except InvalidInput as error:
        return _page(code, day, turn, request.form, field_words(error)), error.status
    return _back("roster-changed", code, day, turn)


@blueprint.post("/revoke/<int:override>")
@requires(Permission.ROSTER_EDIT)
def revoke(code: str, day: str, turn: int, override: int) -> ResponseReturnValue:
    """Take a change back."""
    desk = services()
    with desk.transaction() as session:
        post, _ = _find(session, code, day, turn)
        roster.revoke(session, post, override, desk.context(who()))
    return _back("roster-change-revoked", code, day, turn)


@blueprint.post("/swap")
@requires(Permission.ROSTER)
def swap(code: str, day: str, turn: int) -> ResponseReturnValue:
    """Ask another to take this duty of one's own."""
    desk = services()
    raw = roster_forms.filled(request.form, "other", "back_starts_at", "reason")
    try:
        with desk.transaction() as session:
            post, shift = _find(session, code, day, turn)
            raw["starts_at"] = shift.starts_at.isoformat()
            swaps.ask(session, post, parse(SwapInput, raw), desk.context(who()))
    except InvalidInput as error:
        return _page(code, day, turn, request.form, field_words(error)), error.status
    flash(phrase("notices", "swap-asked"), "success")
    return redirect(url_for("roster_swaps.index"), 303)


def _find(session: Session, code: str, day: str, turn: int) -> tuple[Post, Shift]:
    """Return a post and its shift; raise NotFound."""
    post = posts.find_post(session, code)
    wanted = roster_forms.day(day)
    for shift in shifts(watches.changes(post), wanted, wanted, services().rules.zone):
        if shift.number == turn:
            return post, shift
    raise NotFound


def _back(notice: str, code: str, day: str, turn: int) -> ResponseReturnValue:
    flash(phrase("notices", notice), "success")
    return redirect(url_for(".show", code=code, day=day, turn=turn), 303)


def _page(
    code: str,
    day: str,
    turn: int,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> str:
    desk, now = services(), services().now()
    zone = desk.rules.zone
    with desk.reading() as session:
        post, shift = _find(session, code, day, turn)
        cell = listed.shift(session, post, shift, desk.rules)
        people = watches.reachable(session, [post.role])[post.role]
        others = [user for user in people if user.id != who().id]
        page: dict[str, Any] = {
            "overrides": duty_people.overrides(session, post, shift.starts_at, shift.ends_at),
            "returns": _returns(session, code, [user.id for user in others]),
        }
    return render_template(
        "roster/shift.html",
        **page,
        post=post,
        cell=cell,
        people=[(user.id, user.display) for user in people],
        others=[(user.id, user.display) for user in others],
        typed=typed
        or {
            "starts_at": roster_forms.typed(shift.starts_at, zone),
            "ends_at": roster_forms.typed(shift.ends_at, zone),
        },
        errors=errors or {},
        is_mine=any(piece.main and piece.main.id == who().id for piece in cell.pieces),
        is_over=shift.ends_at <= now,
        has_begun=shift.starts_at <= now,
        may_edit=grants(who(), Permission.ROSTER_EDIT),
        may_ring=who().may_be(*DESK),
    )


def _returns(session: Session, code: str, others: list[int]) -> list[tuple[str, str]]:
    """Return the coming duties of others at the post, to be taken in exchange."""
    desk = services()
    names = listed.people(session, others)
    found = on_duty.of_post(session, code, desk.rules, desk.now())
    return [
        (one.starts_at.isoformat(), f"{daytime(one.starts_at)} {names[person].name}")
        for one, person in found
        if person in names and one.tier == Tier.MAIN and one.starts_at > desk.now()
    ]
