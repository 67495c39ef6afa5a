"""People and messages of an incident: who knows, who does not, what happens next."""

from typing import get_args

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from incident.errors import Conflict, Forbidden, InvalidInput, NotFound, TocsinError
from incident.inputs.base import parse
from incident.inputs.calls import Answer, CallMade, CallResult
from incident.models import AlertPerson, Incident
from incident.operations import alerts, calling_again, reading, steps
from incident.operations.alert_states import ANSWERED
from incident.queries import delivery, glance, reaching
from incident.web import frame
from incident.web.access import Permission, grants, requires, who
from incident.web.desk import services
from incident.web.faults import error_words, field_words
from incident.web.looks import phrase
from incident.web.paths import inside
from incident.who import Who

blueprint = Blueprint("reaching", __name__)


@blueprint.get("/incidents/<number>/messages")
@requires(Permission.INCIDENT)
def show(number: str) -> ResponseReturnValue:
    """Show the people of each alert, with what was tried and what is truly known."""
    return _page(number)


@blueprint.post("/incidents/<number>/people/<int:person>/again")
@requires(Permission.CALL)
def call_again(number: str, person: int) -> ResponseReturnValue:
    """Call somebody again now."""
    desk = services()
    try:
        with desk.transaction() as session:
            row = _person(session, number, person)
            calling_again.call_again(session, row, who=who(), now=desk.now(), rules=desk.rules)
    except Conflict as error:
        return _refused(number, error)
    return _done(number, "called_again", row)


@blueprint.post("/incidents/<number>/people/<int:person>/call")
@requires(Permission.CALL)
def log_call(number: str, person: int) -> ResponseReturnValue:
    """Write down a telephone call that was made by hand."""
    desk = services()
    brought = {name: value for name in ("said", "note") if (value := _field(name))}
    brought |= {"result": request.args.get("result") or _field("result")}
    try:
        bring = parse(CallMade, brought)
    except InvalidInput as error:
        return _refused(number, error)
    with desk.transaction() as session:
        row = _person(session, number, person)
        alerts.log_call(
            session,
            row,
            bring.result,
            who=who(),
            now=desk.now(),
            note=bring.note,
            said=bring.said,
        )
        if bring.result == ANSWERED:
            _answer_the_rest(session, row, bring.said, by="call")
    return _done(number, "call_logged", row)


@blueprint.post("/incidents/<number>/people/<int:person>/answer")
@requires(Permission.INCIDENT)
def answer(number: str, person: int) -> ResponseReturnValue:
    """Take in what somebody answers for himself."""
    said = _field("answer")
    if said not in get_args(Answer):
        raise NotFound
    desk = services()
    with desk.transaction() as session:
        row = _person(session, number, person)
        if row.user_id != who().id:
            raise Forbidden("not-your-call")
        incident = session.get_one(Incident, row.incident_id)
        reading.read(session, incident, desk.context(who()))
        alerts.answer(session, row, said, by="page", now=desk.now(), who=who())
        _answer_the_rest(session, row, said, by="page")
    return _done(number, "answered", row)


def _answer_the_rest(session: Session, row: AlertPerson, said: str, *, by: str) -> None:
    """Let an answer hold for whatever else of the incident the person is called for."""
    incident = session.get_one(Incident, row.incident_id)
    person = Who(id=row.user_id, display=row.person)
    for other in alerts.open_of(session, incident, person):
        alerts.answer(session, other, said, by=by, now=services().now(), who=who())


def _person(session: Session, number: str, person: int) -> AlertPerson:
    """Return a person of this incident's alerts, the incident locked; raise NotFound."""
    frame.look(session, number)
    incident = steps.hold(session, number)
    row = session.get(AlertPerson, person)
    if row is None or row.incident_id != incident.id:
        raise NotFound
    return row


def _field(name: str) -> str:
    return request.form.get(name, "").strip()


def _done(number: str, what: str, person: AlertPerson) -> ResponseReturnValue:
    flash(phrase("reaching", what, person=person.person), "success")
    back = _field("back")
    return redirect(inside(back) if back else url_for(".show", number=number), 303)


def _refused(number: str, error: TocsinError) -> ResponseReturnValue:
    return _page(number, error), error.status


def _page(number: str, error: TocsinError | None = None) -> str:
    with services().reading() as session:
        incident = frame.look_at_work(session, number)
        calls = reaching.calls(session, incident.id)
        others = delivery.deliveries(session, incident.id, beside_alerts=True)
        context = frame.of(session, incident, "messages")
    open_calls = [call for call in calls if call.ended_at is None]
    wrong = field_words(error) if isinstance(error, InvalidInput) else {}
    return render_template(
        "reaching/show.html",
        **context,
        calls=calls,
        open_calls=open_calls,
        silent=glance.once(one for call in open_calls for one in call.silent),
        knows=glance.once(one for call in open_calls for one in call.knows),
        upcoming=glance.together(one for call in open_calls for one in call.upcoming),
        deliveries=others,
        may_call=grants(who(), Permission.CALL),
        mask=delivery.masked,
        my_id=who().id,
        results=get_args(CallResult),
        answers=get_args(Answer),
        problem=("；".join(wrong.values()) or error_words(error)) if error else None,
    )
