"""The page of the yearly programme: what is due by law and plan, what is planned, done, dropped."""

from collections.abc import Mapping, Sequence
from datetime import date

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from drills import duties, library, programme
from drills.programme import Done, Listed, Planned
from drills.web.blueprint import blueprint
from incident import spreadsheets
from incident.errors import InvalidInput
from incident.inputs.base import parse
from incident.web.access import Permission, grants, requires, who
from incident.web.desk import services
from incident.web.faults import field_words
from incident.web.language import language
from incident.web.looks import phrase

EARLIEST, LATEST = 2000, 2199
STATES = {"planned": "act", "late": "bad", "done-state": "done", "dropped": "plain"}
STANDINGS = {
    "overdue": "bad",
    "soon": "warn",
    "unknown": "warn",
    "kept": "done",
    "unmeasured": "plain",
    "repealed": "plain",
}


@blueprint.get("/drills/programme", endpoint="programme")
@requires(Permission.DRILL)
def show_programme() -> ResponseReturnValue:
    """Show the duties with what is due, and the programme of a year."""
    return _page({})


@blueprint.post("/drills/programme")
@requires(Permission.DIRECT)
def plan_exercise() -> ResponseReturnValue:
    """Put a drill into the programme."""
    desk = services()
    names = ("title", "office", "planned_on", "duty", "scenario", "drill")
    raw = {name: text for name in names if (text := request.form.get(name, "").strip())}
    try:
        bring = parse(Planned, raw)
        with desk.transaction() as session:
            row = programme.plan(session, bring, who=who(), now=desk.now(), rules=desk.rules)
    except InvalidInput as error:
        return _page(field_words(error)), 422
    flash(phrase("notices", "exercise-planned", title=row.title), "success")
    return redirect(url_for(".programme", year=row.planned_on.year), 303)


@blueprint.get("/drills/programme.xlsx")
@requires(Permission.DRILL)
def programme_sheet() -> ResponseReturnValue:
    """Give the programme of a year as a spreadsheet."""
    desk = services()
    today = desk.rules.day(desk.now())
    year = _year(today)
    with desk.reading() as session:
        rows = programme.of_year(session, year, today)
    sheet = programme.sheet(rows, year, desk.settings.organisation, language())
    content = spreadsheets.write([sheet], author=who().display, now=desk.now())
    answer = Response(content, mimetype=spreadsheets.XLSX)
    answer.headers.set("Content-Disposition", "attachment", filename=f"drills-{year}.xlsx")
    return answer


@blueprint.get("/drills/programme/<int:exercise>")
@requires(Permission.DIRECT)
def exercise(exercise: int) -> ResponseReturnValue:
    """Show one planned drill, and ask whether it was held or is dropped."""
    return _exercise_page(exercise, {})


@blueprint.post("/drills/programme/<int:exercise>/done")
@requires(Permission.DIRECT)
def exercise_done(exercise: int) -> ResponseReturnValue:
    """Tell that a planned drill was held."""
    desk = services()
    names = ("done_on", "drill")
    raw = {name: text for name in names if (text := request.form.get(name, "").strip())}
    try:
        bring = parse(Done, raw)
        with desk.transaction() as session:
            row = programme.done(
                session, exercise, bring, who=who(), now=desk.now(), rules=desk.rules
            )
    except InvalidInput as error:
        return _exercise_page(exercise, field_words(error)), 422
    flash(phrase("notices", "exercise-done", title=row.title), "success")
    return redirect(url_for(".programme", year=row.planned_on.year), 303)


@blueprint.post("/drills/programme/<int:exercise>/drop")
@requires(Permission.DIRECT)
def exercise_drop(exercise: int) -> ResponseReturnValue:
    """Tell that a planned drill is not held."""
    desk = services()
    with desk.transaction() as session:
        row = programme.drop(session, exercise, who=who(), now=desk.now())
    flash(phrase("notices", "exercise-dropped", title=row.title), "success")
    return redirect(url_for(".programme", year=row.planned_on.year), 303)


def _page(errors: Mapping[str, str]) -> str:
    desk = services()
    today = desk.rules.day(desk.now())
    year = _year(today)
    with desk.reading() as session:
        found = duties.standing(session, desk.rules, today)
        rows = programme.of_year(session, year, today)
        loose = _loose(session, rows, year)
        scenarios = [(one.id, one.title) for one in library.everything(session).values()]
    return render_template(
        "programme/index.html",
        year=year,
        today=today,
        duties=found,
        overdue=sum(one.standing == "overdue" for one in found),
        rows=rows,
        loose=loose,
        late=sum(one.state == "late" for one in rows),
        states=STATES,
        standings=STANDINGS,
        choices={
            "duty": [(one.duty.id, one.duty.title) for one in found if not one.duty.repealed],
            "scenario": scenarios,
        },
        office=desk.settings.organisation,
        typed=request.form,
        errors=errors,
        may_direct=grants(who(), Permission.DIRECT),
    )


def _loose(session: Session, rows: Sequence[Listed], year: int) -> list[tuple[str, str, date]]:
    """Return the drills that were played in a year and stand in no programme."""
    told = {one.row.drill for one in rows}
    found = duties.ended(session, services().rules, year)
    return [(run.key, run.title, day) for run, day in found if run.key not in told]


def _exercise_page(id: int, errors: Mapping[str, str]) -> str:
    desk = services()
    today = desk.rules.day(desk.now())
    with desk.reading() as session:
        row = programme.find(session, id)
        found = duties.ended(session, desk.rules, today.year)
        earlier = duties.ended(session, desk.rules, today.year - 1)
    titles = {one.id: one.title for one in duties.table()}
    return render_template(
        "programme/exercise.html",
        row=row,
        duty=titles.get(row.duty or ""),
        runs=[(run.key, f"{run.key} {run.title}") for run, _ in [*reversed(found), *earlier]],
        today=today,
        typed=request.form,
        errors=errors,
    )


def _year(today: date) -> int:
    text = request.args.get("year", "")
    year = int(text) if text.isdigit() and len(text) == 4 else today.year
    return year if EARLIEST <= year <= LATEST else today.year
