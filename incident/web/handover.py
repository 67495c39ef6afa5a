"""Handover of the watch on pages: the packet, the two signatures, item by item, and on paper."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from incident.errors import InvalidInput, NotFound
from incident.inputs.base import parse
from incident.inputs.watchkeeping import CHECK_STATES, CHECKS, RefuseInput, SignInput, TakeInput
from incident.models import Handover, Post
from incident.operations import handover as operations
from incident.operations import relief
from incident.operations.context import Context
from incident.operations.relief import Change
from incident.queries import duty_log, handover, packet
from incident.queries.handover import Sheet
from incident.web.access import Permission, grants, requires, who
from incident.web.desk import services
from incident.web.faults import field_words
from incident.web.looks import phrase

blueprint = Blueprint("handover", __name__, url_prefix="/watch/handover")
Step = Callable[[Session, Handover, Context], None]


@blueprint.get("")
@requires(Permission.WATCH)
def index() -> ResponseReturnValue:
    """Show which handovers come, which are under way, and those that were."""
    desk, now = services(), services().now()
    with desk.reading() as session:
        changes = _changes(session)
        return render_template(
            "watch/handovers.html",
            changes=[(change, relief.running(session, change)) for change in changes],
            people=_names(session, changes),
            packet=packet.packet(session, changes[0].began_at, now),
            rows=handover.recent(session),
            may_keep=grants(who(), Permission.WATCH_KEEP),
            grace=desk.settings.handover_grace,
        )


@blueprint.post("")
@requires(Permission.WATCH_KEEP)
def begin() -> ResponseReturnValue:
    """Open the packet of a post; a second click finds the first."""
    desk = services()
    try:
        with desk.transaction() as session:
            change = _change(session, request.form.get("post", ""))
            found = relief.running(session, change)
            is_new = found is None
            if found is None:
                told = packet.packet(session, change.began_at, desk.now())
                found = operations.begin(session, change, told, desk.context(who()))
            number = found.id
    except IntegrityError:
        return redirect(url_for(".index"), 303)
    if is_new:
        flash(phrase("notices", "handover-opened"), "success")
    return redirect(url_for(".show", handover=number), 303)


@blueprint.get("/<int:handover>")
@requires(Permission.WATCH)
def show(handover: int) -> ResponseReturnValue:
    """Show one handover."""
    return _page(handover)


@blueprint.post("/<int:handover>/renew")
@requires(Permission.WATCH_KEEP)
def renew(handover: int) -> ResponseReturnValue:
    """Freeze the packet anew."""
    now = services().now()

    def step(session: Session, row: Handover, context: Context) -> None:
        told = packet.packet(session, _since(row), now)
        operations.renew(session, row, told, context)

    return _take(handover, step, notice="handover-renewed")


@blueprint.post("/<int:handover>/sign")
@requires(Permission.WATCH_KEEP)
def sign(handover: int) -> ResponseReturnValue:
    """Sign as who leaves."""

    def step(session: Session, row: Handover, context: Context) -> None:
        operations.sign(session, row, parse(SignInput, _signed()), context)

    return _take(handover, step)


@blueprint.post("/<int:handover>/take")
@requires(Permission.WATCH_KEEP)
def take(handover: int) -> ResponseReturnValue:
    """Take over item by item, and sign."""

    def step(session: Session, row: Handover, context: Context) -> None:
        operations.take(session, row, parse(TakeInput, _taken()), context)

    return _take(handover, step)


@blueprint.post("/<int:handover>/refuse")
@requires(Permission.WATCH_KEEP)
def refuse(handover: int) -> ResponseReturnValue:
    """Refuse the whole, with a reason, and sign."""

    def step(session: Session, row: Handover, context: Context) -> None:
        raw = _filled({"reason": "refusal", "password": "refusal_password"})
        operations.refuse(session, row, parse(RefuseInput, raw), context)

    return _take(handover, step, rename={"reason": "refusal", "password": "refusal_password"})


@blueprint.post("/<int:handover>/withdraw")
@requires(Permission.WATCH_KEEP)
def withdraw(handover: int) -> ResponseReturnValue:
    """Take the packet back."""
    return _take(handover, operations.withdraw)


def _take(
    number: int, step: Step, *, notice: str = "", rename: Mapping[str, str] | None = None
) -> ResponseReturnValue:
    """Take a step; what is wrong is said on the page, with what was typed."""
    desk, names = services(), rename or {}
    try:
        with desk.transaction() as session:
            row = operations.hold(session, number)
            step(session, row, desk.context(who()))
            state = row.state
    except InvalidInput as error:
        told = {names.get(name, name): text for name, text in field_words(error).items()}
        return _page(number, typed=request.form, errors=told), error.status
    flash(phrase("notices", notice or f"handover-{state}"), "success")
    return redirect(url_for(".show", handover=number), 303)


def _page(
    number: int,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> str:
    desk, now = services(), services().now()
    with desk.reading() as session:
        sheet = handover.sheet(session, number)
        running = sheet.row.state in relief.RUNNING
        present = packet.packet(session, _since(sheet.row), now) if running else None
        logged = _logged(session, sheet)
    return render_template(
        "watch/handover.html",
        sheet=sheet,
        row=sheet.row,
        since=handover.since(sheet.row.packet, present) if present else None,
        logged=logged,
        checks=CHECKS,
        check_states=CHECK_STATES,
        typed=typed or {},
        errors=errors or {},
        accepted=set(request.form.getlist("accepted")),
        me_id=who().id,
        may_keep=grants(who(), Permission.WATCH_KEEP),
        may_ring=grants(who(), Permission.CALL),
    )


def _changes(session: Session) -> list[Change]:
    """Return the next change of each post that keeps the watch."""
    desk, now = services(), services().now()
    posts: list[Post | None] = [*relief.posts(session)] or [None]
    return [relief.next_change(session, post, now, desk.rules) for post in posts]


def _change(session: Session, post: str) -> Change:
    found = [one for one in _changes(session) if one.post == post]
    if not found:
        raise NotFound
    return found[0]


def _since(row: Handover) -> datetime:
    """Return from when on the packet tells."""
    return datetime.fromisoformat(row.packet["since"])


def _names(session: Session, changes: list[Change]) -> dict[int, str]:
    ids = {person for one in changes for person in (one.leaves, one.comes) if person}
    return handover.names(session, ids)


def _logged(session: Session, sheet: Sheet) -> dict[int, Any]:
    """Return the entries of the log that the packet names, for who may see who called."""
    numbers = [one.facts["log"] for one in sheet.items if "log" in one.facts]
    return {number: duty_log.entry(session, number).current for number in numbers}


def _signed() -> dict[str, Any]:
    checks = [
        {"name": name, "state": state, **_filled({"note": f"note-{name}"})}
        for name in CHECKS
        if (state := request.form.get(f"check-{name}", ""))
    ]
    return {"checklist": checks, **_filled({"note": "note", "password": "password"})}


def _taken() -> dict[str, Any]:
    accepted = {one for one in request.form.getlist("accepted") if one.isdecimal()}
    reasons = {
        name.removeprefix("reasons."): text.strip()
        for name, text in request.form.items()
        if name.startswith("reasons.") and text.strip()
    }
    kept = {number: text for number, text in reasons.items() if number not in accepted}
    return {"accepted": accepted, "reasons": kept, **_filled({"password": "password"})}


def _filled(names: Mapping[str, str]) -> dict[str, str]:
    """Return the fields that have something in them, by the name that the input has for them."""
    found = {name: request.form.get(field, "").strip() for name, field in names.items()}
    return {name: text for name, text in found.items() if text}
