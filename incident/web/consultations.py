"""Consultations: the question with its frozen evidence, blind opinions, the signed conclusion."""

from collections.abc import Callable, Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from incident.errors import Conflict, FieldError, InvalidInput, TocsinError
from incident.inputs.base import parse
from incident.inputs.opinions import Declaration, OpinionInput
from incident.models import Consultation
from incident.operations import consulting, steps
from incident.operations.context import Context
from incident.operations.steps import UNGRADED
from incident.queries import choices, conference
from incident.queries.known import Known
from incident.web import action_pages, frame
from incident.web.access import Permission, requires, who
from incident.web.desk import services
from incident.web.facts import row
from incident.web.faults import error_words, field_words
from incident.web.looks import label, phrase
from workflows.plan import Grade

blueprint = Blueprint("consultations", __name__)
Values = Mapping[str, str]
Does = Callable[[Session, Consultation, Values, Context], None]
STEPS = ("convene", "conclude")
FIELDS = ("grade", "cause", "measures", "confidence", "text")


@blueprint.get("/incidents/<number>/consultations")
@requires(Permission.INCIDENT)
def index(number: str) -> ResponseReturnValue:
    """Show the consultations of an incident; the newest is open."""
    desk = services()
    with desk.reading() as session:
        incident = frame.look_inside(session, number)
        rows = conference.of(session, incident.id)
        open_now = choices.choices(session, incident, who(), now=desk.now(), rules=desk.rules)
        context = frame.of(session, incident, "consult")
        views = [conference.view(session, one, who(), desk.now()) for one in rows]
    return render_template(
        "incidents/consultations.html",
        **context,
        views=views,
        choices=[(one, _why(one)) for one in open_now if one.action in STEPS],
    )


@blueprint.get("/incidents/<number>/consultations/<int:consultation>")
@requires(Permission.INCIDENT)
def show(number: str, consultation: int) -> ResponseReturnValue:
    """Show one consultation as this person may see it."""
    return _page(number, consultation, {})


@blueprint.post("/incidents/<number>/consultations/<int:consultation>/declaration")
@requires(Permission.CONSULT)
def declare(number: str, consultation: int) -> ResponseReturnValue:
    """Take the declaration of interests of an expert; it cannot be taken back."""
    return _take(number, consultation, _declare, "declared")


@blueprint.post("/incidents/<number>/consultations/<int:consultation>/opinion")
@requires(Permission.CONSULT)
def give(number: str, consultation: int) -> ResponseReturnValue:
    """Take an opinion, which is locked at once; the second look comes before."""
    return _take(number, consultation, _give, "opinion_given")


def _take(number: str, consultation: int, does: Does, said: str) -> ResponseReturnValue:
    desk = services()
    with desk.reading() as session:
        frame.look(session, number)
    try:
        with desk.transaction() as session:
            held = steps.hold(session, number)
            found = conference.find(session, held, consultation)
            does(session, found, request.form, desk.context(who()))
    except (InvalidInput, Conflict) as error:
        return _page(number, consultation, request.form, error), error.status
    flash(phrase("room", said), "success")
    return redirect(url_for(".show", number=number, consultation=consultation), 303)


def _declare(session: Session, found: Consultation, form: Values, context: Context) -> None:
    has_conflict = form.get("has_conflict", "")
    conflict = form.get("conflict", "").strip() or None
    if has_conflict not in ("yes", "no"):
        raise InvalidInput([FieldError("has_conflict", "required")])
    if has_conflict == "yes" and conflict is None:
        raise InvalidInput([FieldError("conflict", "required")])
    stated = {"conflict": conflict} if has_conflict == "yes" else {}
    consulting.declare(session, found, parse(Declaration, stated), context)


def _give(session: Session, found: Consultation, form: Values, context: Context) -> None:
    if form.get("locked") != "1":
        raise InvalidInput([FieldError("locked", "required")])
    stated = {name: value for name in FIELDS if (value := form.get(name, "").strip())}
    consulting.give(session, found, parse(OpinionInput, stated), context)


def _page(number: str, consultation: int, values: Values, error: TocsinError | None = None) -> str:
    desk = services()
    with desk.reading() as session:
        incident = frame.look_inside(session, number)
        found = conference.find(session, incident, consultation)
        view = conference.view(session, found, who(), desk.now())
        open_now = choices.choices(session, incident, who(), now=desk.now(), rules=desk.rules)
        context = frame.of(session, incident, "consult")
    frozen = view.evidence.get("facts", {})
    wrong = field_words(error) if isinstance(error, InvalidInput) else {}
    return render_template(
        "incidents/consultation.html",
        **context,
        view=view,
        facts=[_frozen(name, value, number) for name, value in frozen.items()],
        values=values,
        errors=wrong,
        summary=[(field, action_pages.error_line(field, text)) for field, text in wrong.items()],
        problem=error_words(error) if error else None,
        grades=[(name, label("grades", name)) for name in (*reversed(list(Grade)), UNGRADED)],
        choices=[(one, _why(one)) for one in open_now if one.action == "conclude"],
    )


def _frozen(name: str, value: object, number: str) -> dict[str, object]:
    """Return a fact as it stood: without a way to what it became."""
    return {**row(Known(name=name, value=value), number), "history_url": None}


def _why(choice: choices.Choice) -> str | None:
    return phrase("errors", choice.why, **choice.values) if choice.why else None
