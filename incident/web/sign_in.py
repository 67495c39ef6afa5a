"""Sign in, sign out, and set a password by a one-time code."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from incident import words
from incident.errors import InvalidInput
from incident.models import WebSession
from incident.operations import access as signing
from incident.operations import people
from incident.web import cookies
from incident.web.access import Permission, public, requires
from incident.web.desk import services
from incident.web.faults import field_words
from incident.web.language import language
from incident.web.paths import inside

blueprint = Blueprint("access", __name__)


@blueprint.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """Show the sign-in."""
    return render_template("sign_in.html", next=request.args.get("next", "/"), name="", error=None)


@blueprint.post("/sign-in")
@public
def signed_in() -> ResponseReturnValue:
    """Check name and password; a wrong one says no more than that."""
    desk = services()
    name = request.form.get("name", "").strip()[:60]
    with desk.transaction() as session:
        found = signing.sign_in(
            session,
            name,
            request.form.get("password", "")[:1000],
            network=request.remote_addr or "-",
            browser=request.user_agent.string,
            now=desk.now(),
        )
    target = request.form.get("next", "/")
    if found is None:
        error = words.label("errors", "sign-in-wrong", language())
        page = render_template("sign_in.html", next=target, name=name, error=error)
        return page, 401
    answer = redirect(inside(target))
    cookies.give(answer, found[1])
    return answer


@blueprint.post("/sign-out")
@requires(Permission.SIGNED_IN)
def sign_out() -> ResponseReturnValue:
    """End the session here and in the database."""
    desk = services()
    with desk.transaction() as session:
        row = session.get(WebSession, g.web_session.id)
        if row is not None:
            signing.end_session(session, row, who=g.who, now=desk.now())
    answer = redirect(url_for("access.sign_in"))
    cookies.take_away(answer)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@blueprint.get("/activate")
@public
def activate() -> ResponseReturnValue:
    """Show the form for a one-time code and a new password."""
    return render_template("activate.html", name=request.args.get("name", ""), errors={})


@blueprint.post("/activate")
@public
def activated() -> ResponseReturnValue:
    """Set the password; the code is spent."""
    desk = services()
    name = request.form.get("name", "").strip()[:60]
    with desk.transaction() as session:
        signing.refuse_if_locked(session, name, request.remote_addr or "-", desk.now())
    try:
        with desk.transaction() as session:
            people.activate(
                session,
                name,
                request.form.get("code", "").strip()[:100],
                request.form.get("password", "")[:1000],
                now=desk.now(),
            )
    except InvalidInput as error:
        _count(name, error)
        page = render_template("activate.html", name=name, errors=field_words(error))
        return page, 422
    flash(words.label("notices", "password-set", language()), "success")
    return redirect(url_for("access.sign_in"))


def _count(name: str, error: InvalidInput) -> None:
    """Count a wrong code like a wrong password, so that nobody can try them all."""
    if any(item.field == "code" for item in error.errors):
        desk = services()
        with desk.transaction() as session:
            signing.count_failure(session, name, request.remote_addr or "-", desk.now())
