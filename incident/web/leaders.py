"""The leaders' page: one incident a screen, made for a telephone with a slow link."""

from collections.abc import Mapping
from typing import Any, get_args

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from incident.errors import Conflict, Forbidden, InvalidInput, NotFound, TocsinError
from incident.inputs.actions import Preset
from incident.models import Incident
from incident.operations import actions, alerts, approvals, reading, steps
from incident.queries import leaders, scope, work
from incident.web import frame
from incident.web.access import Permission, requires, who
from incident.web.desk import services
from incident.web.faults import error_words, field_words
from incident.web.looks import label, phrase
from incident.web.rehearsal import rehearse
from workflows.lifecycle import Action

blueprint = Blueprint("leaders", __name__)
PRESETS = get_args(Preset)
ADVICE = ("experts_agree", "urgent")
RETURNS = ("verify_first", "lacks_grounds", "ask_experts")


@blueprint.get("/m")
@requires(Permission.LEAD)
def show() -> ResponseReturnValue:
    """Show the incident that needs this person first."""
    desk = services()
    with desk.reading() as session:
        numbers = leaders.numbers(session, desk.context(who()))
        if numbers:
            return _page(session, numbers[0], numbers)
        room = leaders.duty_room(session, desk.context(who()))
    return render_template("leaders/none.html", duty_room=room)


@blueprint.get("/m/<number>")
@requires(Permission.LEAD)
def one(number: str) -> ResponseReturnValue:
    """Show one incident."""
    desk = services()
    with desk.reading() as session:
        return _page(session, number, leaders.numbers(session, desk.context(who())))


@blueprint.post("/m/<number>/read")
@requires(Permission.LEAD)
def read(number: str) -> ResponseReturnValue:
    """Write down that the leader has seen it."""
    with services().transaction() as session:
        reading.read(session, _held(session, number), services().context(who()))
    return _done(number, "read")


@blueprint.post("/m/<number>/answer")
@requires(Permission.LEAD)
def answer(number: str) -> ResponseReturnValue:
    """Take in what the leader answers to the calls that wait for him."""
    said = request.form.get("answer", "")
    if said not in alerts.ANSWERS:
        raise NotFound
    desk = services()
    with desk.transaction() as session:
        incident = _held(session, number)
        reading.read(session, incident, desk.context(who()))
        for person in alerts.open_of(session, incident, who()):
            alerts.answer(session, person, said, by="page", now=desk.now(), who=who())
    return _done(number, "answered")


@blueprint.post("/m/<number>/instruct")
@requires(Permission.LEAD)
def instruct(number: str) -> ResponseReturnValue:
    """Give an instruction: a ready-made one by one tap, or what was typed."""
    desk = services()
    try:
        with desk.transaction() as session:
            incident = _held(session, number)
            reading.read(session, incident, desk.context(who()))
            given = _instruction(session)
            actions.perform(session, incident, "instruct", given, desk.context(who()))
    except (InvalidInput, Conflict, Forbidden) as error:
        return _refused(number, error)
    return _done(number, "instructed")


@blueprint.post("/m/<number>/approve")
@requires(Permission.LEAD)
def approve(number: str) -> ResponseReturnValue:
    """Show what an approval sets going; approve when it was seen."""
    desk = services()
    with desk.reading() as session:
        incident = scope.incident(session, number, who())
        pending = approvals.pending(session, incident, desk.context(who()))
        if pending is None:
            return _refused(number, Conflict("needs-proposal", role="duty_officer"))
        board = leaders.sheet(session, incident, desk.context(who())).board
        of_drill = frame.drill_of(session, incident.drill)
    version = request.form.get("version", type=int)
    try:
        is_seen = request.form.get("step") == "do"
        bring = _approval(pending, is_seen=is_seen)
        if is_seen:
            with desk.transaction() as session:
                held = steps.hold(session, number, version=version)
                actions.perform(session, held, pending.action, bring, desk.context(who()))
            return _done(number, "approved")
        effects = rehearse(desk, number, pending.action, bring, version=version, who=who())
    except TocsinError as error:
        return _refused(number, error)
    return render_template(
        "leaders/approve.html",
        **of_drill,
        board=board,
        pending=pending,
        effects=effects,
        advice=[(name, label("approvals", name)) for name in ADVICE],
        needs_advice=pending.action == Action.APPROVE_GRADE,
    )


@blueprint.post("/m/<number>/return")
@requires(Permission.LEAD)
def send_back(number: str) -> ResponseReturnValue:
    """Send a proposal back with what is lacking."""
    desk = services()
    typed = request.form.get("reason", "").strip()[:120]
    chosen = request.form.get("preset", "")
    reason = typed or (label("approvals", chosen) if chosen in RETURNS else "")
    if not reason:
        return _refused(number, InvalidInput([], "invalid-input"))
    try:
        with desk.transaction() as session:
            held = steps.hold(session, number, version=request.form.get("version", type=int))
            approvals.send_back(session, held, reason, desk.context(who()))
    except (Conflict, Forbidden) as error:
        return _refused(number, error)
    return _done(number, "sent_back")


def _page(
    session: Session,
    number: str,
    numbers: tuple[str, ...],
    problem: str | None = None,
) -> str:
    context = services().context(who())
    incident = scope.incident(session, number, who())
    at = numbers.index(number) if number in numbers else None
    return render_template(
        "leaders/show.html",
        sheet=leaders.sheet(session, incident, context),
        number=number,
        at=at,
        count=len(numbers),
        before=numbers[at - 1] if at else None,
        after=numbers[at + 1] if at is not None and at + 1 < len(numbers) else None,
        duty_room=leaders.duty_room(session, context),
        presets=PRESETS,
        owners=work.owners(session),
        returns=[(name, label("approvals", name)) for name in RETURNS],
        answers=alerts.ANSWERS,
        **frame.drill_of(session, incident.drill),
        problem=problem,
        typed=request.form.get("text", ""),
    )


def _refused(number: str, error: TocsinError) -> ResponseReturnValue:
    wrong = field_words(error) if isinstance(error, InvalidInput) else {}
    problem = "；".join(wrong.values()) or error_words(error)
    with services().reading() as session:
        numbers = leaders.numbers(session, services().context(who()))
        return _page(session, number, numbers, problem), error.status


def _held(session: Session, number: str) -> Incident:
    scope.incident(session, number, who())
    return steps.hold(session, number)


def _instruction(session: Session) -> Mapping[str, Any]:
    """Return what was typed, or the text of the tapped one with the name of who is to come."""
    owner = request.form.get("owner", "").strip()
    owners = dict(work.owners(session))
    text = request.form.get("text", "").strip()
    preset = request.form.get("preset", "")
    brought: dict[str, Any] = {"owner": owner} if owner else {}
    if preset in PRESETS:
        someone = owners.get(owner) or label("leaders", "those_concerned")
        brought |= {"preset": preset, "text": _with_typed(preset, someone, text)}
    elif text:
        brought["text"] = text
    return brought


def _with_typed(preset: str, someone: str, text: str) -> str:
    said = phrase("instruction_presets", preset, who=someone)
    return f"{said}：{text}" if text else said


def _approval(pending: approvals.Pending, *, is_seen: bool) -> dict[str, Any]:
    """Return what the step must bring: the proposer's grounds, and the leader's word on experts.

    The first look needs no word on experts; the signature does.
    """
    agreed = label("approvals", "agreed")
    if pending.action == Action.DISMISS:
        return {"reason": agreed}
    if pending.action == Action.REGRADE:
        return {"grade": pending.grade, "reason": pending.reason or agreed}
    chosen = request.form.get("advice", "")
    typed = request.form.get("advice_text", "").strip()
    advice = typed or (label("approvals", chosen) if chosen in ADVICE else "")
    brought = {"grade": pending.grade, "criterion": pending.criterion or agreed}
    return brought | ({"expert_advice": advice or agreed} if advice or not is_seen else {})


def _done(number: str, what: str) -> ResponseReturnValue:
    flash(phrase("leaders", what), "success")
    return redirect(url_for(".one", number=number), 303)
