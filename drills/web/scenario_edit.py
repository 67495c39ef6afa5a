"""The forms of the scenario editor: the head, each item of each section, the whole text.

What is typed is kept with whatever is wrong in it; only what somebody else saved meanwhile makes
a form come back, with what was typed still in it.
"""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from drills.models import WrittenScenario
from drills.scenario.problem_words import Told
from drills.web import scenario_frame as frame
from drills.web.blueprint import blueprint
from drills.writing import choices, drafts, form, parts
from drills.writing.fields import CONDITIONS, HEAD, SECTIONS, Ask
from incident.errors import NotFound, StaleVersion
from incident.web.access import Permission, requires, who
from incident.web.desk import services
from incident.web.language import language
from incident.web.looks import phrase

NEW = "new"
ADDRESS = "/drills/scenarios/written/<name>"
SECTION = f"any({', '.join(parts.MODELS)})"
Item = dict[str, Any]


@blueprint.get(f"{ADDRESS}/text")
@requires(Permission.DIRECT)
def scenario_text(name: str) -> ResponseReturnValue:
    """Show the whole text, with what is wrong by line."""
    with services().reading() as session:
        row = frame.find(session, name)
    return _text_page(row, row.text)


@blueprint.post(f"{ADDRESS}/text")
@requires(Permission.DIRECT)
def save_scenario_text(name: str) -> ResponseReturnValue:
    """Keep the whole text as it was typed."""
    typed = request.form.get("text", "").replace("\r\n", "\n")
    try:
        _save(name, typed)
    except StaleVersion:
        return _text_page(_row(name), typed, is_stale=True), 409
    return redirect(url_for(".scenario_text", name=name), 303)


@blueprint.get(f"{ADDRESS}/head")
@requires(Permission.DIRECT)
def scenario_head(name: str) -> ResponseReturnValue:
    """Show the form of the head."""
    row = _row(name)
    content = _content(row)
    return _page(row, content, "head", None, content)


@blueprint.post(f"{ADDRESS}/head")
@requires(Permission.DIRECT)
def save_scenario_head(name: str) -> ResponseReturnValue:
    """Keep the head."""
    row = _row(name)
    content = _content(row)
    made = form.read(HEAD, request.form, content)
    try:
        _save(name, parts.text_of(made))
    except StaleVersion:
        return _page(_row(name), content, "head", None, made, is_stale=True), 409
    return redirect(_back(name, "head", None), 303)


@blueprint.get(f"{ADDRESS}/<{SECTION}:section>/<item>")
@requires(Permission.DIRECT)
def scenario_item(name: str, section: str, item: str) -> ResponseReturnValue:
    """Show the form of one item, or of a new one."""
    row = _row(name)
    content = _content(row)
    place = _place(content, section, item)
    held = {} if place is None else parts.items(content, section)[place]
    if place is None and "id" in parts.MODELS[section].model_fields:
        held = {"id": parts.free_id(content, section)}
    return _page(row, content, section, place, held)


@blueprint.post(f"{ADDRESS}/<{SECTION}:section>/<item>")
@requires(Permission.DIRECT)
def save_scenario_item(name: str, section: str, item: str) -> ResponseReturnValue:
    """Keep an item, take it out, or show the fields of another kind of condition."""
    row = _row(name)
    content = _content(row)
    was = request.form.get("was", "")
    typed_place = None if item == NEW else _number(item)
    place = parts.locate(content, section, typed_place, was)
    held = {} if place is None else parts.items(content, section)[place]
    made = _made(section, content, held)
    if (do := request.form.get("do")) in ("again", "remove"):
        return _page(row, content, section, place, made, is_leaving=do == "remove")
    try:
        if do == "remove-for-good":
            return _remove(name, content, section, place)
        _save(name, parts.text_of(parts.put(content, section, place, made)))
    except StaleVersion:
        return _page(_row(name), content, section, place, made, is_stale=True), 409
    saved = place if place is not None else len(parts.items(content, section))
    return redirect(_back(name, section, saved), 303)


def _made(section: str, content: Mapping[str, Any], held: Mapping[str, Any]) -> Item:
    made = form.read(SECTIONS[section], request.form, held)
    if "report" in made and "kind" in content:
        made["report"] = {"kind": content["kind"], **made["report"]}
        if set(made["report"]) <= {"kind"}:
            del made["report"]
    return made


def _remove(
    name: str, content: Mapping[str, Any], section: str, place: int | None
) -> ResponseReturnValue:
    if place is not None:
        _save(name, parts.text_of(parts.drop(content, section, place)))
    return redirect(url_for(".scenario", name=name, _anchor=section), 303)


def _save(name: str, text: str) -> None:
    """Keep a text, and say how many problems are left; raise StaleVersion."""
    desk, version = services(), frame.version()
    with desk.transaction() as session:
        frame.refuse_players(session, name)
        row = drafts.save(session, name, text, version, who=who(), now=desk.now())
    if count := len(frame.check(row).problems):
        flash(phrase("notices", "scenario-saved-with-problems", count=count), "warning")
    else:
        flash(phrase("notices", "scenario-saved"), "success")


def _back(name: str, section: str, place: int | None) -> str:
    """Return to the form while something in it is wrong, to the whole once nothing is."""
    if _wrong_here(frame.problems(frame.check(_row(name))), section, place):
        if section == "head":
            return url_for(".scenario_head", name=name)
        return url_for(".scenario_item", name=name, section=section, item=place)
    return url_for(".scenario", name=name, _anchor=section)


def _wrong_here(problems: list[Told], section: str, place: int | None) -> list[Told]:
    asked = {ask.name for ask in HEAD}
    return [
        one
        for one in problems
        if one.section == section
        and one.place == place
        and (section != "head" or one.field in asked)
    ]


def _page(
    row: WrittenScenario,
    content: Mapping[str, Any],
    section: str,
    place: int | None,
    held: Mapping[str, Any],
    *,
    is_stale: bool = False,
    is_leaving: bool = False,
) -> str:
    asked: tuple[Ask, ...] = HEAD if section == "head" else SECTIONS[section]
    offered = choices.choices(content, services().rules.library, language())
    is_new = section != "head" and place is None
    wrong = [] if is_new else _wrong_here(frame.problems(frame.check(row)), section, place)
    stored = parts.items(content, section)[place] if place is not None else {}
    with services().reading() as session:
        by = frame.name_of(session, row.written_by)
    return render_template(
        "scenarios/item.html",
        row=row,
        section=section,
        place=place,
        was=parts.mark(stored) if stored else "",
        fields=form.show(asked, {**parts.defaults(section), **held}, offered),
        groups=list(dict.fromkeys(ask.group for ask in asked)),
        errors={one.field: one.right for one in wrong},
        problems=wrong,
        conditions=list(CONDITIONS),
        choices=offered,
        named=held.get("id") or held.get("title") or "",
        label_of=lambda name: frame.field_label(section, name),
        hint_of=lambda name: frame.field_hint(section, name),
        stale_by=by if is_stale else None,
        is_leaving=is_leaving,
        was_ready=row.ready_at is not None,
    )


def _text_page(row: WrittenScenario, text: str, *, is_stale: bool = False) -> str:
    checked = drafts.check(row.name, text, services().rules.library)
    with services().reading() as session:
        by = frame.name_of(session, row.written_by)
    return render_template(
        "scenarios/text.html",
        row=row,
        text=text,
        problems=frame.problems(checked),
        stale_by=by if is_stale else None,
        was_ready=row.ready_at is not None,
    )


def _row(name: str) -> WrittenScenario:
    with services().reading() as session:
        return frame.find(session, name)


def _content(row: WrittenScenario) -> parts.Content:
    """Return the draft as values; raise NotFound where its text alone can be worked on."""
    found = parts.content(row.text)
    if found is None:
        raise NotFound
    return found


def _place(content: Mapping[str, Any], section: str, item: str) -> int | None:
    if item == NEW:
        return None
    place = _number(item)
    if place >= len(parts.items(content, section)):
        raise NotFound
    return place


def _number(item: str) -> int:
    if not item.isdigit() or len(item) > 4:
        raise NotFound
    return int(item)
