"""Accounts: who there is, with which roles; add, invite, close, and give tokens."""

from collections.abc import Callable

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from incident.errors import InvalidInput, NotFound
from incident.inputs.base import parse
from incident.inputs.people import Contact, NewUser
from incident.models import User
from incident.operations import access, account, people
from incident.queries import people as listed
from incident.web.access import Permission, grants, requires, who
from incident.web.desk import services
from incident.web.faults import field_words
from incident.web.looks import label, phrase
from workflows.lifecycle import EXCLUSIVE_ROLES, Role

blueprint = Blueprint("people", __name__)
FIELDS = ("name", "display", "phone", "mail", "organisation", "specialty")
CONTACT = ("phone", "mail")
DAYS = (7, 30, 90, 365)


@blueprint.get("/people")
@requires(Permission.PEOPLE)
def index() -> ResponseReturnValue:
    """Show the accounts."""
    desk = services()
    asked = {name: request.args.get(name, "").strip()[:60] for name in ("q", "role", "state")}
    with desk.reading() as session:
        found = listed.accounts(session, desk.now(), **asked)
        everybody = listed.accounts(session, desk.now()) if any(asked.values()) else found
    return render_template(
        "people/index.html",
        accounts=found,
        asked=asked,
        counts={state: sum(one.state == state for one in everybody) for state in listed.STATES},
        total=len(everybody),
        roles=[(role, label("roles", role)) for role in Role],
        exclusive=EXCLUSIVE_ROLES,
        may_change=grants(who(), Permission.ACCOUNTS),
    )


@blueprint.get("/people/new")
@requires(Permission.ACCOUNTS)
def new() -> ResponseReturnValue:
    """Show the form for a new account."""
    return render_template("people/new.html", entered={}, errors={})


@blueprint.post("/people/new")
@requires(Permission.ACCOUNTS)
def add() -> ResponseReturnValue:
    """Add an account without roles, and show its one-time code."""
    desk = services()
    raw = {name: value for name in FIELDS if (value := request.form.get(name, "").strip())}
    try:
        with desk.transaction() as session:
            user, code = people.add(session, parse(NewUser, raw), who=who(), now=desk.now())
    except InvalidInput as error:
        page = render_template("people/new.html", entered=raw, errors=field_words(error))
        return page, 422
    return _code_page(user, code), 201


@blueprint.get("/people/<name>")
@requires(Permission.PEOPLE)
def show(name: str) -> ResponseReturnValue:
    """Show one account."""
    return _account_page(name)


@blueprint.post("/people/<name>/roles")
@requires(Permission.ROLES)
def set_roles(name: str) -> ResponseReturnValue:
    """Give the account other roles; nobody his own."""
    try:
        _change(name, "roles-changed", _with_roles(request.form.getlist("roles")))
    except InvalidInput as error:
        return _account_page(name, field_words(error)), 422
    return redirect(url_for(".show", name=name))


@blueprint.post("/people/<name>/contact")
@requires(Permission.ACCOUNTS)
def set_contact(name: str) -> ResponseReturnValue:
    """Change telephone and mail of the account."""
    now = services().now()
    raw = {one: value for one in CONTACT if (value := request.form.get(one, "").strip())}
    try:
        contact = parse(Contact, raw)
        _change(
            name,
            "contact-changed",
            lambda s, user: people.set_contact(s, user, contact, who=who(), now=now),
        )
    except InvalidInput as error:
        return _account_page(name, field_words(error)), 422
    return redirect(url_for(".show", name=name))


@blueprint.post("/people/<name>/disable")
@requires(Permission.ACCOUNTS)
def disable(name: str) -> ResponseReturnValue:
    """Close the account: sessions and tokens end with it."""
    now = services().now()
    _change(name, "account-disabled", lambda s, user: people.disable(s, user, who=who(), now=now))
    return redirect(url_for(".show", name=name))


@blueprint.post("/people/<name>/enable")
@requires(Permission.ACCOUNTS)
def enable(name: str) -> ResponseReturnValue:
    """Open the account again."""
    now = services().now()
    _change(name, "account-enabled", lambda s, user: people.enable(s, user, who=who(), now=now))
    return redirect(url_for(".show", name=name))


@blueprint.post("/people/<name>/invite")
@requires(Permission.ACCOUNTS)
def invite(name: str) -> ResponseReturnValue:
    """Give a fresh one-time code, and show it this once."""
    desk = services()
    with desk.transaction() as session:
        user = people.find(session, name)
        code = people.invite(session, user, who=who(), now=desk.now())
    return _code_page(user, code)


@blueprint.post("/people/<name>/sessions/end")
@requires(Permission.ACCOUNTS)
def end_sessions(name: str) -> ResponseReturnValue:
    """End every session of the account, but the one that asks."""
    now, keep = services().now(), g.web_session.id
    _change(
        name,
        "sessions-ended",
        lambda s, user: account.end_all(s, user.id, keep=keep, who=who(), now=now),
    )
    return redirect(url_for(".show", name=name))


@blueprint.post("/people/<name>/tokens")
@requires(Permission.ACCOUNTS)
def issue_token(name: str) -> ResponseReturnValue:
    """Give a token for the API, and show it this once."""
    desk = services()
    asked = request.form.get("days", "")
    days = int(asked) if asked.isascii() and asked.isdigit() else 0
    with desk.transaction() as session:
        user = people.find(session, name)
        token = access.issue_token(
            session,
            user,
            scopes=(),
            days=days if days in DAYS else DAYS[1],
            who=who(),
            now=desk.now(),
        )
    return render_template("people/token.html", name=name, token=token)


@blueprint.post("/people/<name>/tokens/<int:number>/revoke")
@requires(Permission.ACCOUNTS)
def revoke_token(name: str, number: int) -> ResponseReturnValue:
    """Make a token of the account worthless."""
    now = services().now()

    def revoke(session: Session, user: User) -> None:
        if number not in {token.id for token in listed.tokens(session, user.id, now)}:
            raise NotFound
        access.revoke_token(session, number, who=who(), now=now)

    _change(name, "token-revoked", revoke)
    return redirect(url_for(".show", name=name))


def _with_roles(roles: list[str]) -> Callable[[Session, User], None]:
    now = services().now()
    return lambda session, user: people.set_roles(session, user, roles, who=who(), now=now)


def _change(name: str, notice: str, change: Callable[[Session, User], None]) -> None:
    """Change an account in a transaction, and say so on the next page."""
    with services().transaction() as session:
        change(session, people.find(session, name))
    flash(phrase("notices", notice, name=name), "success")


def _account_page(name: str, errors: dict[str, str] | None = None) -> str:
    desk = services()
    now = desk.now()
    with desk.reading() as session:
        found = listed.account(session, name, now)
        if found is None:
            raise NotFound("no-such-user", name=name)
        sessions = listed.signed_in(session, found.id, after=now - access.LONGEST)
        tokens = listed.tokens(session, found.id, now)
    return render_template(
        "people/account.html",
        account=found,
        sessions=sessions,
        tokens=tokens,
        is_me=found.id == g.user.id,
        office=_choices(is_exclusive=True),
        others=_choices(is_exclusive=False),
        exclusive=EXCLUSIVE_ROLES,
        chosen=request.form.getlist("roles") if "roles" in (errors or {}) else found.roles,
        entered=request.form if errors else {"phone": None, "mail": found.mail},
        errors=errors or {},
        days_words=[(days, phrase("people", "days", n=days)) for days in DAYS],
        may_change=grants(who(), Permission.ACCOUNTS),
        may_give_roles=grants(who(), Permission.ROLES),
    )


def _choices(*, is_exclusive: bool) -> list[tuple[str, str, str]]:
    """Return roles with their labels and what they are for."""
    return [
        (role, label("roles", role), label("role_notes", role))
        for role in Role
        if (role in EXCLUSIVE_ROLES) is is_exclusive
    ]


def _code_page(user: User, code: str) -> str:
    return render_template("people/code.html", name=user.name, display=user.display, code=code)
