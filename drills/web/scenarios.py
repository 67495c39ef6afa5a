"""The list of scenarios that directors write, and one of them with its check and its picture."""

from collections.abc import Sequence
from typing import Any

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from drills import library
from drills.models import WrittenScenario
from drills.scenario import evaluation, msel
from drills.scenario.files import shipped
from drills.scenario.schema import Scenario
from drills.scenario.text import to_yaml
from drills.web import scenario_frame as frame
from drills.web.blueprint import blueprint
from drills.web.showing import gist
from drills.writing import drafts, parts
from incident import spreadsheets
from incident.errors import NotFound
from incident.web.access import Permission, requires, who
from incident.web.desk import services
from incident.web.language import language
from incident.web.looks import phrase


@blueprint.get("/drills/scenarios")
@requires(Permission.DIRECT)
def scenarios() -> ResponseReturnValue:
    """Show the scenarios that directors wrote, and those that can be copied."""
    with services().reading() as session:
        rows = [_listed(session, row) for row in drafts.everything(session)]
    return render_template(
        "scenarios/index.html",
        rows=rows,
        drafts=sum(row["state"] == "draft" for row in rows),
        shipped=list(shipped().values()),
        kinds=frame.STATES,
    )


@blueprint.get("/drills/scenarios/written/<name>")
@requires(Permission.DIRECT)
def scenario(name: str) -> ResponseReturnValue:
    """Show a written scenario: what is wrong, its time as a picture, its parts."""
    with services().reading() as session:
        row = frame.find(session, name)
        names = {"by": frame.name_of(session, row.written_by)}
        names["ready_by"] = frame.name_of(session, row.ready_by)
    checked = frame.check(row)
    found = checked.scenario
    return render_template(
        "scenarios/show.html",
        row=row,
        names=names,
        state=frame.state(row),
        kinds=frame.STATES,
        problems=frame.problems(checked),
        content=parts.content(row.text),
        sections=list(parts.MODELS),
        scenario=found,
        figure=frame.picture(found) if found else None,
        whens=frame.in_words(found) if found else {},
        ordered=_in_time_order(found) if found else (),
        gist=gist,
        to_fill=row.text.count(drafts.TO_FILL),
        items={one.id: one.title for one in evaluation.items().values()},
    )


@blueprint.get("/drills/scenarios/<name>/events.xlsx")
@requires(Permission.DIRECT)
def sheet_of(name: str) -> ResponseReturnValue:
    """Give the list of events (MSEL) as a spreadsheet."""
    desk = services()
    with desk.reading() as session:
        found = _any(session, name)
    pages = msel.sheets(found, language())
    content = spreadsheets.write(pages, author=who().display, now=desk.now())
    return _file(content, spreadsheets.XLSX, f"{name}.xlsx")


@blueprint.get("/drills/scenarios/<name>/scenario.yaml")
@requires(Permission.DIRECT)
def text_of(name: str) -> ResponseReturnValue:
    """Give a scenario as the file that `tocsin drill check` and `run` take, drafts as they are."""
    with services().reading() as session:
        frame.refuse_players(session, name)
        if (known := shipped().get(name)) is not None:
            text = to_yaml(known)
        else:
            text = drafts.find(session, name).text
    return _file(text.encode(), "application/yaml", f"{name}.yaml")


@blueprint.get("/drills/scenarios/written/<name>/<any(ready, withdraw):step>")
@requires(Permission.DIRECT)
def ask_scenario(name: str, step: str) -> ResponseReturnValue:
    """Show what a draft that gets ready would do, or what is lost by withdrawing it."""
    with services().reading() as session:
        row = frame.find(session, name)
        names = {"by": frame.name_of(session, row.written_by)}
    checked = frame.check(row)
    return render_template(
        "scenarios/confirm.html",
        row=row,
        step=step,
        names=names,
        state=frame.state(row),
        problems=frame.problems(checked),
        scenario=checked.scenario,
        figure=frame.picture(checked.scenario) if checked.scenario else None,
        whens=frame.in_words(checked.scenario) if checked.scenario else {},
        to_fill=row.text.count(drafts.TO_FILL),
        gist=gist,
    )


@blueprint.post("/drills/scenarios/written/<name>/<any(ready, withdraw):step>")
@requires(Permission.DIRECT)
def settle_scenario(name: str, step: str) -> ResponseReturnValue:
    """Declare a draft ready after the second look, or withdraw a scenario."""
    desk = services()
    version = frame.version()
    with desk.transaction() as session:
        frame.refuse_players(session, name)
        if step == "ready":
            rules = desk.rules.library
            drafts.declare_ready(session, name, version, rules, who=who(), now=desk.now())
        else:
            drafts.withdraw(session, name, version, who=who(), now=desk.now())
    notice = "scenario-ready" if step == "ready" else "scenario-withdrawn"
    flash(phrase("notices", notice, name=name), "success")
    return redirect(url_for(".scenario", name=name), 303)


def _listed(session: Session, row: WrittenScenario) -> dict[str, Any]:
    checked = frame.check(row)
    title = checked.scenario.title if checked.scenario else row.name
    return {
        "row": row,
        "title": title,
        "state": frame.state(row),
        "problems": len(checked.problems),
        "by": frame.name_of(session, row.written_by),
    }


def _in_time_order(found: Scenario) -> Sequence[tuple[int, Any, str]]:
    """Return the injects with their place in the draft, those with a time first."""
    first = {one.inject.id: one.offset for one in reversed(found.timeline)}
    placed = list(enumerate(found.injects))
    placed.sort(key=lambda one: (first.get(one[1].id, found.length), one[1].id not in first))
    return [
        (place, one, _clock(first[one.id].total_seconds()) if one.id in first else "")
        for place, one in placed
    ]


def _clock(seconds: float) -> str:
    hours, minutes = divmod(int(seconds) // 60, 60)
    return f"{hours}:{minutes:02d}"


def _any(session: Session, name: str) -> Scenario:
    """Return a scenario whose form is right, draft or not."""
    frame.refuse_players(session, name)
    if name in shipped():
        return shipped()[name]
    found = library.parsed(drafts.find(session, name))
    if found is None:
        raise NotFound
    return found


def _file(content: bytes, media_type: str, name: str) -> Response:
    answer = Response(content, mimetype=media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
