"""The people of the duty watch: can they be reached, and when are they away."""

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from incident.errors import Forbidden, InvalidInput, NotFound
from incident.inputs.base import parse
from incident.inputs.roster import AbsenceInput
from incident.models import User
from incident.operations import absences, contacts
from incident.queries import duty_people
from incident.web import roster_forms
from incident.web.access import DESK, Permission, grants, requires, who
from incident.web.desk import services
from incident.web.faults import field_words
from incident.web.looks import phrase

blueprint = Blueprint("roster_people", __name__, url_prefix="/roster/people")


@blueprint.get("")
@requires(Permission.ROSTER)
def index() -> ResponseReturnValue:
    """Show who can be on duty, whose telephone was tried, and who is away."""
    return _page({}, {})


@blueprint.post("/<int:number>/checked")
@requires(Permission.ROSTER_EDIT)
def checked(number: int) -> ResponseReturnValue:
    """Note that somebody answered a call."""
    desk, now = services(), services().now()
    with desk.transaction() as session:
        if number not in {row.user.id for row in duty_people.contacts(session, now)}:
            raise NotFound
        contacts.checked(session, number, contacts.CALL, who=who(), now=now)
    return _back("contact-checked")


@blueprint.post("/absences")
@requires(Permission.ROSTER)
def away() -> ResponseReturnValue:
    """Note when somebody cannot be on duty."""
    desk = services()
    person = _whose(request.form.get("person", ""))
    try:
        with desk.transaction() as session:
            new = parse(AbsenceInput, roster_forms.span(request.form, desk.rules.zone))
            user = session.get(User, person)
            if user is None:
                raise NotFound
            absences.add(session, user, new, desk.context(who()))
    except InvalidInput as error:
        return _page(request.form, field_words(error)), error.status
    return _back("absence-noted")


@blueprint.post("/absences/<int:number>/revoke")
@requires(Permission.ROSTER)
def back(number: int) -> ResponseReturnValue:
    """Take an absence back."""
    desk = services()
    of = None if grants(who(), Permission.ROSTER_EDIT) else who().person
    with desk.transaction() as session:
        absences.revoke(session, number, desk.context(who()), of=of)
    return _back("absence-revoked")


def _whose(text: str) -> int:
    """Return who is meant: oneself, or another for who keeps the roster."""
    person = int(text) if text.isascii() and text.isdigit() else who().person
    if person != who().person and not grants(who(), Permission.ROSTER_EDIT):
        raise Forbidden
    return person


def _back(notice: str) -> ResponseReturnValue:
    flash(phrase("notices", notice), "success")
    return redirect(url_for(".index"), 303)


def _page(typed: Mapping[str, str], errors: Mapping[str, str]) -> str:
    desk, now = services(), services().now()
    with desk.reading() as session:
        found = duty_people.contacts(session, now)
        gone = duty_people.away(session, now)
    return render_template(
        "roster/people.html",
        contacts=found,
        stale=sum(row.stale for row in found),
        days=duty_people.STALE.days,
        away=gone,
        typed=typed,
        errors=errors,
        me_id=who().id,
        may_edit=grants(who(), Permission.ROSTER_EDIT),
        may_ring=who().may_be(*DESK),
    )
