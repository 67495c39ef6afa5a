"""The board of tasks, one task, its change and its evidence."""

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from incident.errors import InvalidInput, StaleVersion, TocsinError
from incident.inputs.base import parse
from incident.inputs.tasks import NewTask, TaskChange
from incident.operations import steps
from incident.operations import tasks as doing
from incident.queries import work
from incident.web import action_forms, action_pages, frame, showing, uploading
from incident.web.access import Permission, requires, who
from incident.web.attachments import listed
from incident.web.desk import services
from incident.web.faults import error_words, field_words
from incident.web.looks import phrase

blueprint = Blueprint("tasks", __name__)
NO_GROUP = "-"
# What one tap on a card does, by where the task stands.
TAPS: Mapping[str, tuple[str, ...]] = {
    "open": ("started", "done"),
    "started": ("done",),
    "done": (),
    "cancelled": ("open",),
}


@blueprint.get("/incidents/<number>/board")
@requires(Permission.INCIDENT)
def board(number: str) -> ResponseReturnValue:
    """Show the tasks in lanes, all or those of one group."""
    with services().reading() as session:
        incident = frame.look_inside(session, number)
        cards = work.cards(session, incident.id, who().id)
        context = frame.of(session, incident, "tasks")
    group = request.args.get("group", "")
    groups = list(dict.fromkeys(card.group or NO_GROUP for card in cards))
    shown = [card for card in cards if _is_shown(card, group)]
    return render_template(
        "incidents/board.html",
        **context,
        lanes=[(status, [c for c in shown if c.status == status]) for status in doing.STATUSES],
        groups=[(name, sum((c.group or NO_GROUP) == name for c in cards)) for name in groups],
        group=group,
        total=len(cards),
        mine=sum(card.is_mine for card in cards),
        taps=TAPS,
        may_change=who().may_be(*doing.MAY_CHANGE),
    )


@blueprint.get("/incidents/<number>/tasks/new")
@requires(Permission.TASK)
def new(number: str) -> ResponseReturnValue:
    """Show the form of a new task."""
    return _new_page(number, {})


@blueprint.post("/incidents/<number>/tasks/new")
@requires(Permission.TASK)
def add(number: str) -> ResponseReturnValue:
    """Add a task beside those of the plan."""
    desk = services()
    with desk.reading() as session:
        frame.look(session, number)
    names = ("title", "group", "owner", "due_at", "note")
    try:
        brought = parse(NewTask, action_forms.plain(request.form, names, desk.settings.time_zone))
        with desk.transaction() as session:
            held = steps.hold(session, number)
            task = doing.add(session, held, brought, desk.context(who()))
    except InvalidInput as error:
        return _new_page(number, request.form, error), error.status
    flash(phrase("room", "task_added", title=task.title), "success")
    return redirect(url_for(".board", number=number), 303)


@blueprint.get("/incidents/<number>/tasks/<int:task>")
@requires(Permission.INCIDENT)
def show(number: str, task: int) -> ResponseReturnValue:
    """Show a task with its evidence, and the form that changes it."""
    return _page(number, task, None)


@blueprint.post("/incidents/<number>/tasks/<int:task>")
@requires(Permission.TASK)
def change(number: str, task: int) -> ResponseReturnValue:
    """Change a task; a tap on a card sends its status alone."""
    try:
        title = _change(number, task, _wanted())
    except (InvalidInput, StaleVersion) as error:
        return _page(number, task, request.form, error), error.status
    flash(phrase("room", "task_saved", title=title), "success")
    return redirect(_back(number, task), 303)


@blueprint.post("/incidents/<number>/tasks/<int:task>/evidence")
@requires(Permission.TASK)
@uploading.takes_files
def show_done(number: str, task: int) -> ResponseReturnValue:
    """Take files in as evidence of a task; with `status` the task moves on too."""
    desk = services()
    with desk.reading() as session:
        incident = frame.look(session, number)
        doing.find(session, incident, task)
    try:
        uploads = uploading.received()
    except InvalidInput as error:
        return _page(number, task, None, error), error.status
    with desk.transaction() as session:
        held = steps.hold(session, number)
        row = doing.find(session, held, task)
        doing.allow(held, who())
        kept = uploading.keep(session, held, uploads, desk.context(who()))
        wanted = {"evidence": [file.id for file in kept], **_status()}
        doing.change(session, held, row, parse(TaskChange, wanted), desk.context(who()))
        title = row.title
    flash(phrase("room", "task_saved", title=title), "success")
    return redirect(url_for(".show", number=number, task=task), 303)


def _change(number: str, task: int, wanted: TaskChange) -> str:
    desk = services()
    with desk.reading() as session:
        frame.look(session, number)
    with desk.transaction() as session:
        held = steps.hold(session, number)
        row = doing.find(session, held, task)
        doing.change(session, held, row, wanted, desk.context(who()))
        return row.title


def _wanted() -> TaskChange:
    """Return what the form changes: of the fields that it has, an empty one takes away."""
    form = request.form
    filled = action_forms.plain(form, ("owner", "due_at", "note"), services().settings.time_zone)
    emptied = {name: None for name in ("owner", "due_at", "note") if name in form}
    version = {"version": form["version"]} if form.get("version") else {}
    return parse(TaskChange, {**emptied, **filled, **version, **_status()})


def _status() -> dict[str, str]:
    status = request.form.get("status", "")
    return {"status": status} if status else {}


def _is_shown(card: work.Card, group: str) -> bool:
    if group == "mine":
        return card.is_mine
    return not group or (card.group or NO_GROUP) == group


def _back(number: str, task: int) -> str:
    """Return to where the form stood: a card on the board, or the task's page."""
    if request.form.get("back") == "board":
        return url_for(".board", number=number, group=request.form.get("group") or None)
    return url_for(".show", number=number, task=task)


def _page(
    number: str,
    task: int,
    typed: Mapping[str, str] | None,
    error: TocsinError | None = None,
) -> str:
    with services().reading() as session:
        incident = frame.look_inside(session, number)
        row = doing.find(session, incident, task)
        card = work.card(session, row, who().id)
        files = [listed(session, number, file) for file in work.evidence(session, task)]
        context = {**frame.of(session, incident, "tasks"), "owners": work.owners(session)}
    stored = {
        "owner": card.owner_name or "",
        "due_at": showing.local_input(card.due_at),
        "note": card.last or "",
        "status": card.status,
    }
    return render_template(
        "incidents/task.html",
        **context,
        **_faults(error),
        card=card,
        files=files,
        values=stored if typed is None else {**stored, **typed},
        is_stale=isinstance(error, StaleVersion),
        stored=stored,
        statuses=doing.STATUSES,
        taps=TAPS,
        may_change=who().may_be(*doing.MAY_CHANGE),
    )


def _new_page(number: str, values: Mapping[str, str], error: TocsinError | None = None) -> str:
    with services().reading() as session:
        incident = frame.look_inside(session, number)
        cards = work.cards(session, incident.id, who().id)
        context = {**frame.of(session, incident, "tasks"), "owners": work.owners(session)}
    groups = list(dict.fromkeys(card.group for card in cards if card.group))
    return render_template(
        "incidents/task_new.html", **context, **_faults(error), values=values, groups=groups
    )


def _faults(error: TocsinError | None) -> dict[str, object]:
    wrong = field_words(error) if isinstance(error, InvalidInput) else {}
    return {
        "errors": wrong,
        "summary": [(field, action_pages.error_line(field, text)) for field, text in wrong.items()],
        "problem": error_words(error) if error else None,
    }
