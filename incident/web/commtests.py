"""Tests of communication: choose whom, look twice, call, and see who can be reached."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from incident.errors import FieldError, InvalidInput
from incident.inputs.base import parse
from incident.inputs.commtests import CHANNELS, MINUTES, Chosen, CommTestInput
from incident.models import User
from incident.operations import commtests as operations
from incident.operations import submissions
from incident.operations.commtests import Member
from incident.queries import commtests as results
from incident.services import Services
from incident.web.access import Permission, requires, who
from incident.web.desk import services
from incident.web.faults import field_words
from incident.web.looks import label, local, phrase
from workflows.lifecycle import Role

blueprint = Blueprint("commtests", __name__, url_prefix="/communication-tests")
Form = dict[str, Any]
USUAL: Form = {"channels": ["sms"], "minutes": "15", "on_duty": True}


@blueprint.get("")
@requires(Permission.COMM_TEST)
def index() -> ResponseReturnValue:
    """List the tests, with the form of a new one."""
    return _index(USUAL, {})


@blueprint.post("/check")
@requires(Permission.COMM_TEST)
def check() -> ResponseReturnValue:
    """Show who would be called, before anybody is."""
    try:
        return _second_look(_asked())
    except InvalidInput as error:
        return _index(_posted(), field_words(error)), 422


@blueprint.post("")
@requires(Permission.COMM_TEST)
def start() -> ResponseReturnValue:
    """Call the audience that was seen; a changed one is shown again first."""
    desk, chosen = services(), _asked()
    with desk.transaction() as session:
        now = desk.now()
        members = operations.audience(session, chosen, now=now, rules=desk.rules)
        if request.form.get("seen") != _seen(members):
            flash(phrase("notices", "audience-changed"), "warning")
            return _second_look(chosen)
        operations.refuse_twice(session, members, now)
        test = operations.start(session, chosen, members, who=who(), now=now, rules=desk.rules)
        address = url_for("commtests.show", number=test.id)
    return redirect(address, 303)


@blueprint.get("/<int:number>")
@requires(Permission.COMM_TEST)
def show(number: int) -> ResponseReturnValue:
    """Show what came of each person and channel."""
    desk = services()
    with desk.reading() as session:
        found = results.result(session, number, desk.now())
    return render_template("commtests/show.html", test=found)


@blueprint.get("/report")
@requires(Permission.COMM_TEST)
def report() -> ResponseReturnValue:
    """Show a month, for printing: every test, every person, the rate."""
    desk = services()
    month = _month(request.args.get("month", ""), desk)
    start, end = _span(month, desk)
    with desk.reading() as session:
        found = results.between(session, start, end, desk.now())
    real = [test for test in found if not test.drill]
    asked = sum(len(test.people) for test in real)
    return render_template(
        "commtests/report.html",
        month=month,
        tests=found,
        people=results.attendance(found),
        rate=results.percent(sum(test.answered for test in real), asked),
        asked=asked,
    )


@blueprint.get("/mine")
@requires(Permission.SIGNED_IN)
def mine() -> ResponseReturnValue:
    """Show the tests that wait for my answer."""
    desk = services()
    with desk.reading() as session:
        waiting = results.mine(session, who().person, desk.now())
    return render_template("commtests/mine.html", waiting=waiting)


@blueprint.post("/<int:number>/received")
@requires(Permission.SIGNED_IN)
def received(number: int) -> ResponseReturnValue:
    """Take the click for my answer."""
    desk = services()
    with desk.transaction() as session:
        operations.confirm(session, number, who(), desk.now())
    flash(phrase("notices", "test-answered"), "success")
    return redirect(url_for("commtests.mine"), 303)


def _second_look(chosen: Chosen) -> ResponseReturnValue:
    desk = services()
    with desk.reading() as session:
        members = operations.audience(session, chosen, now=desk.now(), rules=desk.rules)
    if not members:
        raise InvalidInput([FieldError("roles", "no-audience")])
    return render_template(
        "commtests/check.html",
        chosen=chosen,
        members=members,
        seen=_seen(members),
        fields=_fields(chosen),
        messages=sum(len(member.addresses) for member in members),
        unreachable=sum(not member.addresses for member in members),
    )


def _index(form: Form, errors: dict[str, str]) -> str:
    desk = services()
    with desk.reading() as session:
        tests = results.newest(session, desk.now())
        users = session.execute(
            select(User.id, User.display).where(User.disabled_at.is_(None)).order_by(User.display)
        ).all()
    return render_template(
        "commtests/index.html",
        tests=tests,
        form=form,
        errors=errors,
        choices={
            "roles": [(str(role), label("roles", role)) for role in Role],
            "people": [(str(id), display) for id, display in users],
            "channels": [(channel, label("channels", channel)) for channel in CHANNELS],
            "minutes": [(str(one), str(one)) for one in MINUTES],
        },
        month=f"{local(desk.now()):%Y-%m}",
    )


def _posted() -> Form:
    lists = {name: request.form.getlist(name) for name in ("roles", "people", "channels")}
    return {
        **lists,
        "minutes": request.form.get("minutes", ""),
        "on_duty": "on_duty" in request.form,
        "drill": "drill" in request.form,
        "note": request.form.get("note", "").strip() or None,
    }


def _asked() -> Chosen:
    form = _posted()
    people = [int(one) if one.isdecimal() else one for one in form["people"]]
    minutes = int(form["minutes"]) if form["minutes"].isdecimal() else form["minutes"]
    return parse(CommTestInput, {**form, "people": people, "minutes": minutes}).chosen()


def _fields(chosen: Chosen) -> list[tuple[str, str]]:
    """Return the choice as hidden fields, for the second look to send again."""
    flags = [(name, "1") for name in ("on_duty", "drill") if getattr(chosen, name)]
    return [
        *(("roles", str(role)) for role in chosen.roles),
        *(("people", str(one)) for one in chosen.people),
        *(("channels", channel) for channel in chosen.channels),
        *flags,
        ("minutes", str(chosen.minutes)),
        ("note", chosen.note or ""),
    ]


def _seen(members: tuple[Member, ...]) -> str:
    return submissions.body_digest({str(one.user_id): sorted(one.addresses) for one in members})


def _month(text: str, desk: Services) -> str:
    try:
        return f"{datetime.strptime(text, '%Y-%m').replace(tzinfo=UTC):%Y-%m}"
    except ValueError:
        return f"{local(desk.now()):%Y-%m}"


def _span(month: str, desk: Services) -> tuple[datetime, datetime]:
    """Return the beginning and the end of a month in the office's zone."""
    year, number = (int(part) for part in month.split("-"))
    zone = desk.settings.time_zone
    following = (year + 1, 1) if number == 12 else (year, number + 1)
    return datetime(year, number, 1, tzinfo=zone), datetime(*following, 1, tzinfo=zone)
