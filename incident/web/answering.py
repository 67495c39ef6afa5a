"""The page behind the link of a mail: a person who is called signs in, and answers."""

from datetime import datetime
from typing import get_args

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from incident.errors import NotFound
from incident.inputs.calls import Answer
from incident.models import AlertPerson, OutgoingMessage
from incident.operations import alerts, folding, receipts
from incident.web.access import Permission, requires, who
from incident.web.desk import services
from incident.web.looks import phrase

blueprint = Blueprint("answering", __name__, url_prefix="/answer")

BY_MAIL = "mail"


@blueprint.get("/<code>")
@requires(Permission.SIGNED_IN)
def show(code: str) -> ResponseReturnValue:
    """Show the message that was sent, and how it may be answered."""
    with services().reading() as session:
        message, called = _called(session, code)
    return render_template("answering/show.html", message=message, called=called)


@blueprint.post("/<code>")
@requires(Permission.SIGNED_IN)
def answer(code: str) -> ResponseReturnValue:
    """Take the answer of the person for himself."""
    said = request.form.get("answer", "")
    if said not in get_args(Answer):
        raise NotFound
    desk = services()
    with desk.transaction() as session:
        _, called = _called(session, code)
        taken = [_take(session, one, said, now=desk.now()) for one in called]
    flash(phrase("notices", "answer-taken" if any(taken) else "answer-too-late"), "success")
    return redirect(url_for(".show", code=code))


def _take(session: Session, person: AlertPerson, said: str, *, now: datetime) -> bool:
    """Who answers has seen it; False when it is over and changes nothing."""
    alerts.mark_read(session, person, now=now)
    return alerts.answer(session, person, said, by=BY_MAIL, now=now)


def _called(session: Session, code: str) -> tuple[OutgoingMessage, list[AlertPerson]]:
    """Return a message and where it calls the one who asks; nobody sees what is for another."""
    message = receipts.message_of(session, code)
    if message is None:
        raise NotFound
    own = [one for one in folding.people_of(session, message) if one.user_id == who().id]
    if not own:
        raise NotFound
    return message, own
