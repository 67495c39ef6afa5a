"""Begin a scenario: from nothing, another one, a workbook, made-up cases, a closed incident."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from drills import library
from drills.from_incident import making
from drills.from_incident.material import OVER, gather
from drills.generating.agents import agents, places
from drills.generating.batch_cluster import products
from drills.models import WrittenScenario
from drills.scenario import msel_import
from drills.scenario.files import shipped
from drills.scenario.msel_import import HEADS, BadSheet
from drills.scenario.problem_words import in_words
from drills.scenario.schema import Scenario
from drills.scenario.text import to_yaml
from drills.web import scenario_frame as frame
from drills.web.blueprint import blueprint
from drills.writing import beginnings, drafts
from incident import spreadsheets
from incident.errors import Conflict, FieldError, InvalidInput, NotFound, TocsinError
from incident.models import Incident
from incident.operations import facts
from incident.web.access import Permission, requires, who
from incident.web.desk import services
from incident.web.faults import error_words, field_words
from incident.web.language import language
from incident.web.looks import label, phrase
from workflows.plan import Kind

LARGEST = 1_000_000
MOST_SEED = 10**6
MOST_INCIDENTS = 50
ORDER = ("empty", "copy", "sheet", "outbreak", "batch", "incident")
Rows = list[tuple[str, list[list[str]]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetProblem:
    """What is wrong in a row of a workbook, beside what stands in that row."""

    sheet: str
    row: int
    column: str
    what: str
    right: str
    cells: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """An incident that is over; nothing of it is named but its number."""

    number: str
    kind: str
    setting: str | None
    received_at: object
    ill: object


@blueprint.get("/drills/scenarios/new")
@requires(Permission.DIRECT)
def new_scenario() -> ResponseReturnValue:
    """Show the ways to begin a scenario."""
    return _page("", {})


@blueprint.post("/drills/scenarios/new")
@requires(Permission.DIRECT)
def begin_scenario() -> ResponseReturnValue:
    """Begin a draft in the way that was chosen."""
    way, name = request.form.get("way", ""), _typed("name")
    begin = WAYS.get(way)
    if begin is None:
        raise NotFound
    desk = services()
    rows: Rows = []
    try:
        with desk.transaction() as session:
            drafts.check_name(session, name)
            text, incident = begin(session, name, rows)
            drafts.begin(session, name, text, who=who(), now=desk.now(), incident=incident)
    except InvalidInput as error:
        return _page(way, field_words(error)), 422
    except BadSheet as error:
        return _page(way, {}, sheet=_beside(error, rows)), 422
    except Conflict as error:
        return _page(way, {"incident": error_words(error)}), 409
    flash(phrase("notices", "scenario-begun", name=name), "success")
    return redirect(url_for(".scenario", name=name), 303)


@blueprint.get("/drills/scenarios/written/<name>/sheet")
@requires(Permission.DIRECT)
def update_by_sheet(name: str) -> ResponseReturnValue:
    """Show the form for a workbook that replaces injects and expectations."""
    with services().reading() as session:
        row = frame.find(session, name)
    return _sheet_page(row)


@blueprint.post("/drills/scenarios/written/<name>/sheet")
@requires(Permission.DIRECT)
def take_sheet(name: str) -> ResponseReturnValue:
    """Replace injects and expectations by those of a workbook, whole or not at all."""
    desk, rows = services(), Rows()
    version = frame.version()
    with desk.reading() as session:
        row = frame.find(session, name)
    try:
        base = _base(library.parsed(row))
        rows += _workbook()
        made = msel_import.merge(base, rows, desk.rules.library)
        with desk.transaction() as session:
            drafts.save(session, name, to_yaml(made), version, who=who(), now=desk.now())
    except InvalidInput as error:
        return _sheet_page(row, field_words(error)), 422
    except BadSheet as error:
        return _sheet_page(row, {}, _beside(error, rows)), 422
    except TocsinError as error:
        return _sheet_page(row, {"file": error_words(error)}), error.status
    flash(phrase("notices", "scenario-saved"), "success")
    return redirect(url_for(".scenario", name=name, _anchor="injects"), 303)


def _empty(_session: Session, name: str, _rows: Rows) -> tuple[str, None]:
    title, kind = _typed("title"), _typed("kind")
    if not title:
        raise InvalidInput([FieldError("title", "required")])
    if kind not in set(map(str, Kind)):
        raise InvalidInput([FieldError("kind", "not-one-of")])
    return beginnings.skeleton(name, title, kind), None


def _copy(session: Session, name: str, _rows: Rows) -> tuple[str, None]:
    return beginnings.copy(_chosen(session, "base"), name), None


def _sheet(session: Session, name: str, rows: Rows) -> tuple[str, None]:
    base = _chosen(session, "sheet-base")
    rows += _workbook()
    made = msel_import.merge(base, rows, services().rules.library)
    return beginnings.copy(made, name), None


def _outbreak(_session: Session, name: str, _rows: Rows) -> tuple[str, None]:
    persons = _number("persons", 10, 5000) if _typed("persons") else None
    seed = _number("seed", 0, MOST_SEED)
    setting, agent = _typed("places"), _typed("agent")
    return beginnings.of_outbreak(name, setting, agent, seed, persons), None


def _batch(_session: Session, name: str, _rows: Rows) -> tuple[str, None]:
    seed = _number("batch-seed", 0, MOST_SEED)
    return beginnings.of_batch(name, _typed("product"), seed), None


def _incident(session: Session, name: str, _rows: Rows) -> tuple[str, str]:
    number = _typed("incident")
    found = session.scalar(select(Incident).where(Incident.number == number))
    if found is None:
        raise InvalidInput([FieldError("incident", "no-such-incident")])
    rules = services().rules
    material = gather(session, found, rules.divisions)
    return making.text(material, name, rules.library), number


WAYS: Mapping[str, Callable[[Session, str, Rows], tuple[str, str | None]]] = {
    "empty": _empty,
    "copy": _copy,
    "sheet": _sheet,
    "outbreak": _outbreak,
    "batch": _batch,
    "incident": _incident,
}


def _typed(field: str) -> str:
    return request.form.get(field, "").strip()


def _number(field: str, least: int, most: int) -> int:
    text = _typed(field)
    if not text.isdigit() or len(text) > 9:
        raise InvalidInput([FieldError(field, "wrong-type")])
    if not least <= int(text) <= most:
        code = "too-small" if int(text) < least else "too-large"
        raise InvalidInput([FieldError(field, code, {"ge": least, "le": most})])
    return int(text)


def _chosen(session: Session, field: str) -> Scenario:
    """Return the scenario that was chosen, draft or not."""
    name = _typed(field)
    frame.refuse_players(session, name)
    if name in shipped():
        return shipped()[name]
    row = session.scalar(select(WrittenScenario).where(WrittenScenario.name == name))
    return _base(None if row is None else library.parsed(row), field)


def _base(found: Scenario | None, field: str = "file") -> Scenario:
    if found is None:
        raise InvalidInput([FieldError(field, "scenario-not-readable")])
    return found


def _workbook() -> Rows:
    sent = request.files.get("file")
    content = sent.stream.read(LARGEST + 1) if sent else b""
    if len(content) > LARGEST:
        raise InvalidInput([FieldError("file", "file-too-large", {"limit": 1})])
    return list(spreadsheets.read(sent.filename or "" if sent else "", content))


def _beside(error: BadSheet, rows: Rows) -> list[SheetProblem]:
    """Return the problems of a workbook, each beside the row that it is in."""
    held = {label("msel", key): key for key in ("injects", "expectations")}
    sheets = {held.get(title, title): cells for title, cells in rows}
    told = []
    for one in error.problems:
        cells = sheets.get(one.sheet, [])
        row = cells[one.row - 1] if HEADS < one.row <= len(cells) else []
        told.append(
            SheetProblem(
                sheet=label("msel", one.sheet) if one.sheet else "",
                row=one.row,
                column=label("msel", one.column) if one.column else "",
                what=in_words(one.what, language()),
                right=in_words(one.right, language()),
                cells=" | ".join(cell for cell in row if cell)[:160],
            )
        )
    return told


def _page(way: str, errors: Mapping[str, str], sheet: Sequence[SheetProblem] = ()) -> str:
    typed = request.form if request.method == "POST" else request.args
    with services().reading() as session:
        written = [row.name for row in drafts.everything(session) if row.withdrawn_at is None]
        past = _past(session, typed.get("incident", ""))
    known = [(one.id, f"{one.title} ({one.id})") for one in shipped().values()]
    return render_template(
        "scenarios/new.html",
        way=way,
        ways=ORDER,
        errors=errors,
        typed=typed,
        sheet=sheet,
        bases=[*known, *((name, name) for name in written)],
        kinds=[(str(kind), label("kinds", kind)) for kind in Kind],
        places=[(one.id, f"{one.place} {one.meal}") for one in places().values()],
        agents=[(one.id, one.name) for one in agents().values()],
        products=[(one.id, one.product) for one in products().values()],
        past=past,
        label_of=lambda name: frame.field_label("", name),
        hint_of=lambda name: frame.field_hint("", name),
    )


def _past(session: Session, asked: str) -> list[Past]:
    """Return the incidents that are over, the one asked for first, then the newest."""
    rows = session.scalars(
        select(Incident)
        .where(Incident.drill.is_(None), Incident.state.in_(OVER))
        .order_by((Incident.number == asked).desc(), Incident.received_at.desc())
        .limit(MOST_INCIDENTS)
    )
    return [
        Past(
            number=one.number,
            kind=one.kind,
            setting=one.setting,
            received_at=one.received_at,
            ill=facts.current(session, one.id).get("ill"),
        )
        for one in rows
    ]


def _sheet_page(
    row: WrittenScenario,
    errors: Mapping[str, str] | None = None,
    sheet: Sequence[SheetProblem] = (),
) -> str:
    return render_template("scenarios/sheet.html", row=row, errors=errors or {}, sheet=sheet)
