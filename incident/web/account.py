"""One's own account: password, the places where one is signed in, language."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from incident.errors import InvalidInput
from incident.models import DutyFeed
from incident.operations import access, account
from incident.queries import on_duty
from incident.queries import people as listed
from incident.web.access import Permission, grants, requires, who
from incident.web.desk import services
from incident.web.faults import field_words
from incident.web.looks import phrase

blueprint = Blueprint("account", __name__)
NEXT_DUTIES = 5
LONGEST_PASSWORD = 1000


@blueprint.get("/account")
@requires(Permission.SIGNED_IN)
def show() -> ResponseReturnValue:
    """Show one's own account."""
    return _page({})


@blueprint.post("/account/password")
@requires(Permission.SIGNED_IN)
def change_password() -> ResponseReturnValue:
    """Set another password; a wrong old one counts like a wrong sign-in."""
    desk = services()
    network, now = request.remote_addr or "-", desk.now()
    old, new, again = (
        request.form.get(name, "")[:LONGEST_PASSWORD] for name in ("old", "password", "again")
    )
    if new != again:
        return _page({"again": phrase("fields", "password-differs")}), 422
    with desk.reading() as session:
        access.refuse_if_locked(session, g.user.name, network, now)
    try:
        with desk.transaction() as session:
            account.change_password(session, who(), old, new, keep=g.web_session.id, now=now)
    except InvalidInput as error:
        if any(item.field == "old" for item in error.errors):
            with desk.transaction() as session:
                access.count_failure(session, g.user.name, network, now)
        return _page(field_words(error)), 422
    flash(phrase("notices", "password-changed"), "success")
    return redirect(url_for(".show"))


@blueprint.post("/account/sessions/<int:number>/end")
@requires(Permission.SIGNED_IN)
def end_session(number: int) -> ResponseReturnValue:
    """End one of one's own sessions."""
    desk = services()
    with desk.transaction() as session:
        account.end_one(session, who().person, number, who=who(), now=desk.now())
    flash(phrase("notices", "session-ended"), "success")
    return redirect(url_for(".show"))


@blueprint.post("/account/sessions/end")
@requires(Permission.SIGNED_IN)
def end_others() -> ResponseReturnValue:
    """End one's sessions everywhere else."""
    desk = services()
    with desk.transaction() as session:
        account.end_all(session, who().person, keep=g.web_session.id, who=who(), now=desk.now())
    flash(phrase("notices", "session-ended"), "success")
    return redirect(url_for(".show"))


def _page(errors: dict[str, str]) -> str:
    desk = services()
    now = desk.now()
    with desk.reading() as session:
        found = listed.account(session, g.user.name, now)
        sessions = listed.signed_in(session, who().person, after=now - access.LONGEST)
        mine = on_duty.mine(session, who().person, desk.rules, now)[:NEXT_DUTIES]
        feed = session.get(DutyFeed, who().person)
    return render_template(
        "account/show.html",
        account=found,
        phone=g.user.phone,
        sessions=sessions,
        current=g.web_session.id,
        mine=mine,
        feed=feed,
        follows_duty=grants(who(), Permission.ROSTER),
        errors=errors,
    )
