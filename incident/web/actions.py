"""The forms of the actions on an incident, each with its second look where it cannot be undone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from incident.errors import (
    Conflict,
    Forbidden,
    IllegalStep,
    InvalidInput,
    NotFound,
    StaleVersion,
    TocsinError,
)
from incident.models import Incident
from incident.operations import actions as doing
from incident.operations import steps
from incident.queries import choices, timeline
from incident.web import action_forms, action_pages, frame
from incident.web.access import Permission, requires, who
from incident.web.action_forms import Form
from incident.web.desk import services
from incident.web.faults import error_words, field_words
from incident.web.looks import label, phrase
from incident.web.rehearsal import Effects, rehearse
from workflows.lifecycle import Action

blueprint = Blueprint("actions", __name__)
LOOKS = frozenset(
    {
        "dismiss",
        "merge",
        "transfer",
        "approve_grade",
        "activate",
        "regrade",
        "convene",
        "conclude",
        "dispose",
        "terminate",
        "archive",
        "reopen",
    }
)
# What does not rest on what the writer had seen of the incident.
FREE = frozenset({"note", "instruct", "acknowledge"})
EDIT, DO = "edit", "do"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try of an action: what was sent, and what the sender had seen."""

    number: str
    name: str
    form: Form
    version: int | None
    seen: int

    @property
    def step(self) -> str:
        """Return where the sender is: EDIT, DO, or "" for the first try."""
        return self.form.get("step", "")


@blueprint.get("/incidents/<number>/actions/<name>")
@requires(Permission.ACT)
def show(number: str, name: str) -> ResponseReturnValue:
    """Show the form of an action, or why it is not open."""
    desk = services()
    with desk.reading() as session:
        incident = frame.look(session, number)
        _check_open(incident, name)
        values = action_pages.defaults(session, incident, name, request.args)
        return _page(session, incident, name, values)


@blueprint.post("/incidents/<number>/actions/<name>")
@requires(Permission.ACT)
def take(number: str, name: str) -> ResponseReturnValue:
    """Take the action, or show once more what it will do."""
    attempt = Attempt(
        number=number,
        name=name,
        form=request.form,
        version=None if name in FREE else request.form.get("version", type=int),
        seen=request.form.get("seen", 0, type=int),
    )
    with services().reading() as session:
        frame.look(session, number)
    if name not in doing.DOORS:
        raise NotFound("no-such-action", action=name)
    if attempt.step == EDIT:
        return _again(attempt, None)
    try:
        if _wants_look(attempt):
            return _look(attempt, _rehearsed(attempt))
        return _done(attempt)
    except (InvalidInput, StaleVersion, Conflict, Forbidden) as error:
        return _refused(attempt, error)


def _done(attempt: Attempt) -> ResponseReturnValue:
    desk = services()
    with desk.transaction() as session:
        raw = _raw(attempt)
        beside = doing.also_held(attempt.name, raw)
        held = steps.hold(session, attempt.number, version=attempt.version, beside=beside)
        doing.perform(session, held, attempt.name, raw, desk.context(who()))
    flash(phrase("room", "done", action=label("actions", attempt.name)), "success")
    return redirect(action_pages.target(attempt.number, attempt.name), 303)


def _rehearsed(attempt: Attempt) -> Effects:
    return rehearse(
        services(),
        attempt.number,
        attempt.name,
        _raw(attempt),
        version=attempt.version,
        who=who(),
    )


def _raw(attempt: Attempt) -> Mapping[str, Any]:
    return action_forms.read(attempt.name, attempt.form, services().settings.time_zone)


def _wants_look(attempt: Attempt) -> bool:
    """Tell whether the second look comes first; a mere proposal needs none."""
    if attempt.name not in LOOKS or attempt.step == DO:
        return False
    return attempt.name != "dismiss" or not _proposes(attempt.number)


def _look(attempt: Attempt, effects: Effects, error: str | None = None) -> ResponseReturnValue:
    with services().reading() as session:
        incident = frame.look(session, attempt.number)
        page = render_template(
            "incidents/confirm.html",
            **frame.of(session, incident, "timeline"),
            name=attempt.name,
            effects=effects,
            kept=action_pages.kept(attempt.form),
            brought=action_pages.brought(session, incident, attempt.name, attempt.form),
            submit=action_pages.submit_words(attempt.name, attempt.form, effects),
            signs=effects.signs,
            error=error,
        )
    return page, 422 if error else 200


def _refused(attempt: Attempt, error: TocsinError) -> ResponseReturnValue:
    """Show the form again; a signature that was wrong brings the second look back."""
    wrong = field_words(error) if isinstance(error, InvalidInput) else {}
    if attempt.step == DO and list(wrong) == ["password"]:
        return _look(attempt, _rehearsed(attempt), wrong["password"])
    return _again(attempt, error)


def _again(attempt: Attempt, error: TocsinError | None) -> ResponseReturnValue:
    """Show the form with everything that was typed, and what is wrong or new."""
    desk = services()
    with desk.reading() as session:
        incident = frame.look(session, attempt.number)
        values = action_pages.typed(session, incident, attempt.name, attempt.form)
        page = _page(session, incident, attempt.name, values, error, attempt.seen)
    return page, error.status if error else 200


def _page(
    session: Session,
    incident: Incident,
    name: str,
    values: Mapping[str, str],
    error: TocsinError | None = None,
    seen: int | None = None,
) -> str:
    desk = services()
    choice = _choice(session, incident, name)
    is_stale = isinstance(error, StaleVersion | IllegalStep)
    news = timeline.after(session, incident.id, who(), seen) if is_stale and seen else ()
    wrong = field_words(error) if isinstance(error, InvalidInput) else {}
    return render_template(
        "incidents/action.html",
        **frame.of(session, incident, "timeline"),
        **action_pages.helps(session, incident, name, values),
        name=name,
        values=values,
        errors=wrong,
        summary=[(field, action_pages.error_line(field, text)) for field, text in wrong.items()],
        problem=error_words(error) if error else None,
        news=news,
        choice=choice,
        why=_why(choice),
        is_open=choice is not None or name in choices.beside(incident, who()),
        open_now=choices.choices(session, incident, who(), now=desk.now(), rules=desk.rules),
        proposes=choice is not None and choice.proposes,
    )


def _proposes(number: str) -> bool:
    """Tell whether a dismissal by this person would be the proposal."""
    with services().reading() as session:
        choice = _choice(session, frame.look(session, number), Action.DISMISS)
        return choice is not None and choice.proposes


def _choice(session: Session, incident: Incident, name: str) -> choices.Choice | None:
    desk = services()
    found = choices.choices(session, incident, who(), now=desk.now(), rules=desk.rules)
    return next((one for one in found if one.action == name), None)


def _why(choice: choices.Choice | None) -> str | None:
    if choice is None or choice.why is None:
        return None
    return phrase("errors", choice.why, **choice.values)


def _check_open(incident: Incident, name: str) -> None:
    """Raise what errors.py draws for an action that is not open to this person now."""
    door = doing.DOORS.get(name)
    if door is None:
        raise NotFound("no-such-action", action=name)
    if not door.roles:
        steps.check(incident, Action(name), who())
    elif name not in choices.beside(incident, who()):
        if not who().may_be(*door.roles):
            raise Forbidden("wrong-role", role=door.roles[0])
        raise Conflict("incident-finished", state=incident.state)


def address(number: str, name: str) -> str:
    """Return the address of an action's form."""
    return url_for("actions.show", number=number, name=name)
