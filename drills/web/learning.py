"""The hot wash and the participants' survey of a drill."""

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from drills import participants, runs
from drills.learning import ledger, surveys, washes
from drills.web import learning_frame
from drills.web.blueprint import blueprint
from incident.errors import InvalidInput
from incident.inputs.base import parse
from incident.web.access import Permission, grants, requires, who
from incident.web.desk import services
from incident.web.faults import field_words
from incident.web.looks import label, phrase


@blueprint.get("/drills/<key>/wash")
@requires(Permission.LEARN)
def wash(key: str) -> ResponseReturnValue:
    """Show the questions of the hot wash, and what was said to them."""
    return _wash_page(key)


@blueprint.post("/drills/<key>/wash/<question>")
@requires(Permission.LEARN)
def say(key: str, question: str) -> ResponseReturnValue:
    """Write down what somebody says."""
    desk = services()
    try:
        comment = parse(washes.Comment, {"text": request.form.get("text", "")})
        with desk.transaction() as session:
            learning_frame.seat_after(session, runs.find(session, key))
            washes.say(session, key, question, comment, who=who(), now=desk.now())
    except InvalidInput as error:
        return _wash_page(key, question, field_words(error)), error.status
    flash(phrase("notices", "wash-kept"), "success")
    return redirect(url_for(".wash", key=key, _anchor=question), 303)


@blueprint.get("/drills/<key>/survey")
@requires(Permission.LEARN)
def survey(key: str) -> ResponseReturnValue:
    """Show the survey to who takes part, and its results to the director."""
    return _survey_page(key)


@blueprint.post("/drills/<key>/survey")
@requires(Permission.LEARN)
def answer(key: str) -> ResponseReturnValue:
    """Keep somebody's answers, once."""
    desk = services()
    raw = {
        name: value
        for name in (*surveys.SCALES, *surveys.TEXTS)
        if (value := request.form.get(name, "").strip())
    }
    try:
        answers = parse(surveys.Answers, raw)
        with desk.transaction() as session:
            learning_frame.seat_after(session, runs.find(session, key))
            surveys.give(
                session,
                key,
                answers,
                named=request.form.get("named") == "yes",
                who=who(),
                now=desk.now(),
                rules=desk.rules,
            )
    except InvalidInput as error:
        return _survey_page(key, request.form, field_words(error)), error.status
    flash(phrase("notices", "survey-kept"), "success")
    return redirect(url_for(".survey", key=key), 303)


def _wash_page(
    key: str, question: str | None = None, errors: Mapping[str, str] | None = None
) -> str:
    desk = services()
    with desk.reading() as session:
        run = runs.find(session, key)
        seat = learning_frame.seat_after(session, run)
        context = learning_frame.of(session, run, seat, "wash", desk.now())
        heard = washes.of_run(session, run)
        items = {row.source: row for row in ledger.of_run(session, run)}
    return render_template(
        "drill_results/wash.html",
        **context,
        heard=heard,
        total=sum(map(len, heard.values())),
        items=items,
        may_improve=grants(who(), Permission.IMPROVE) and run.ended_at is not None,
        wrong=question,
        errors=errors or {},
        may_say=run.ended_at is not None and not context["is_issued"],
    )


def _survey_page(
    key: str,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> str:
    desk = services()
    with desk.reading() as session:
        run = runs.find(session, key)
        seat = learning_frame.seat_after(session, run)
        context = learning_frame.of(session, run, seat, "survey", desk.now())
        mine = participants.parts_of(session, run, who().id)
        results = surveys.results(session, run) if seat.directs else None
    wrong = errors or {}
    return render_template(
        "drill_results/survey.html",
        **context,
        scales=surveys.SCALES,
        texts=surveys.TEXTS,
        steps=[(step, label("learning", f"step_{step}")) for step in surveys.STEPS],
        values=values or {},
        errors=wrong,
        summary=[
            (name, f"{label('learning', f'survey_{name}')} {text}") for name, text in wrong.items()
        ],
        takes_part=bool(mine),
        has_answered=surveys.has_answered(mine),
        results=results,
    )
