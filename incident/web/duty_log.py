"""The duty log on pages: a day to the minute, what is typed beside it, and both on paper."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from incident import log_sheets, spreadsheets
from incident.errors import InvalidInput
from incident.inputs import watchkeeping
from incident.inputs.base import parse
from incident.inputs.watchkeeping import CATEGORIES, CHANNELS, DayInput
from incident.operations import drafts
from incident.operations import duty_log as operations
from incident.queries import duty_log
from incident.queries.delivery import masked
from incident.queries.duty_log import Day
from incident.web import duty_log_forms, report_form, reports
from incident.web.access import Permission, grants, requires, who
from incident.web.desk import services
from incident.web.faults import field_words
from incident.web.language import language
from incident.web.looks import label, phrase
from workflows.shifts import DAY

blueprint = Blueprint("duty_log", __name__, url_prefix="/watch/log")


@blueprint.get("")
@requires(Permission.WATCH)
def index() -> ResponseReturnValue:
    """Show a day."""
    return _day_page()


@blueprint.get("/day.xlsx")
@requires(Permission.WATCH)
def export() -> ResponseReturnValue:
    """Give a day as a spreadsheet; who called only to those who may ring."""
    desk = services()
    found = _day()
    sheet = log_sheets.sheet(
        found,
        desk.settings.organisation,
        language(),
        zone=desk.settings.time_zone,
        personal=grants(who(), Permission.CALL),
    )
    content = spreadsheets.write([sheet], author=who().display, now=desk.now())
    answer = Response(content, mimetype=spreadsheets.XLSX)
    name = f"duty-log-{found.day.isoformat()}.xlsx"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


@blueprint.post("")
@requires(Permission.WATCH_KEEP)
def add() -> ResponseReturnValue:
    """Write an entry."""
    desk = services()
    try:
        new = watchkeeping.log(duty_log_forms.entry(request.form, desk.rules.zone), desk.now())
        with desk.transaction() as session:
            row = operations.add(session, new, desk.context(who()))
            number, urgent = row.id, row.category == operations.URGENT
    except InvalidInput as error:
        return _day_page(request.form, field_words(error)), error.status
    flash(phrase("notices", "log-added"), "success")
    if urgent:
        return redirect(url_for(".show", entry=number), 303)
    return redirect(url_for(".index"), 303)


@blueprint.post("/day")
@requires(Permission.WATCH_KEEP)
def note_day() -> ResponseReturnValue:
    """Write the weather and the great events of a day."""
    desk = services()
    raw = duty_log_forms.filled(request.form, "weather", "events")
    with desk.transaction() as session:
        day = _wanted(duty_log.today(session, desk.now(), desk.rules))
        operations.note_day(session, day, parse(DayInput, raw), desk.context(who()))
    flash(phrase("notices", "log-day"), "success")
    return redirect(url_for(".index", day=day.isoformat()), 303)


@blueprint.get("/<int:entry>")
@requires(Permission.WATCH)
def show(entry: int) -> ResponseReturnValue:
    """Show one entry with its corrections."""
    return _entry_page(entry)


@blueprint.post("/<int:entry>/correct")
@requires(Permission.WATCH_KEEP)
def correct(entry: int) -> ResponseReturnValue:
    """Write what takes the place of an entry."""
    desk = services()
    try:
        new = watchkeeping.log(duty_log_forms.entry(request.form, desk.rules.zone), desk.now())
        with desk.transaction() as session:
            root = operations.find(session, entry)
            operations.correct(session, root, new, desk.context(who()))
    except InvalidInput as error:
        return _entry_page(entry, request.form, field_words(error)), error.status
    flash(phrase("notices", "log-corrected"), "success")
    return redirect(url_for(".show", entry=entry), 303)


@blueprint.post("/<int:entry>/close")
@requires(Permission.WATCH_KEEP)
def close(entry: int) -> ResponseReturnValue:
    """Write that the promised call back was made."""
    desk = services()
    try:
        raw = duty_log_forms.closing(request.form, desk.rules.zone)
        bring = watchkeeping.closing(raw, desk.now())
        with desk.transaction() as session:
            root = operations.find(session, entry)
            operations.close(session, root, bring, desk.context(who()))
    except InvalidInput as error:
        told = {f"close_{name}": text for name, text in field_words(error).items()}
        return _entry_page(entry, request.form, told), error.status
    flash(phrase("notices", "log-closed"), "success")
    return redirect(url_for(".show", entry=entry), 303)


@blueprint.post("/<int:entry>/report")
@requires(Permission.WATCH_KEEP)
def report(entry: int) -> ResponseReturnValue:
    """Open the report form with what the entry says; it is filed there, not here."""
    desk, key = services(), reports.mint()
    with desk.transaction() as session:
        root = operations.find(session, entry)
        current = operations.thread(session, root).current
        operations.make_report(session, root, key, desk.context(who()))
        fields = duty_log_forms.as_report(current, report_form.local_text(current.at, desk.rules))
        drafts.save(session, key, fields, who=who(), now=desk.now())
    return redirect(url_for("reports.sheet", key=key), 303)


def _day(only: str = "", category: str = "", *, drills: bool = True) -> Day:
    desk = services()
    with desk.reading() as session:
        wanted = _wanted(duty_log.today(session, desk.now(), desk.rules))
        return duty_log.day(
            session, wanted, desk.rules, only=only, category=category, drills=drills
        )


def _wanted(today: date) -> date:
    """Return the day that is asked for, today for none and for nonsense."""
    try:
        return min(date.fromisoformat(request.values.get("day", "")), today)
    except ValueError:
        return today


def _day_page(
    typed: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None
) -> str:
    desk = services()
    only, category = request.args.get("only", ""), request.args.get("category", "")
    found = _day(only, category, drills="no-drills" not in request.args)
    with desk.reading() as session:
        today = duty_log.today(session, desk.now(), desk.rules)
        owed = operations.owed(session)
    return render_template(
        "watch/log.html",
        found=found,
        today=today,
        one_day=DAY,
        is_today=found.day == today,
        owed=owed,
        only=only,
        category=category,
        drills="no-drills" not in request.args,
        narrowed=duty_log.NARROWED,
        **_form(typed or {"at": report_form.local_text(desk.now(), desk.rules)}, errors),
    )


def _entry_page(
    number: int,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> str:
    desk = services()
    with desk.reading() as session:
        thread = duty_log.entry(session, number)
        made = duty_log.incident_of(session, thread)
    shown = duty_log_forms.of_entry(thread.current, desk.rules)
    return render_template(
        "watch/entry.html",
        thread=thread,
        made=made,
        now_typed=report_form.local_text(desk.now(), desk.rules),
        **_form(typed or shown, errors),
    )


def _form(typed: Mapping[str, str], errors: Mapping[str, str] | None) -> dict[str, Any]:
    """Return what the form of an entry needs, and who may see and write what."""
    return {
        "typed": typed,
        "errors": errors or {},
        "channels": [(key, label("log_channels", key)) for key in CHANNELS],
        "categories": [(key, label("log_categories", key)) for key in CATEGORIES],
        "may_keep": grants(who(), Permission.WATCH_KEEP),
        "may_ring": grants(who(), Permission.CALL),
        "mask": masked,
        "me_id": who().id,
    }
