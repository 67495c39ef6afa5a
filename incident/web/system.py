"""The machinery for those who keep it: engine, queues, checks, settings, holidays."""

from collections.abc import Sequence
from datetime import date, datetime
from importlib.metadata import version
from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from incident import health, spreadsheets
from incident.errors import FieldError, InvalidInput
from incident.findings import Finding
from incident.inputs import holidays as days
from incident.operations import calendar, halts
from incident.queries import oversight, shell
from incident.queries import system as state
from incident.services import Services
from incident.settings import Settings
from incident.web.access import Permission, requires, who
from incident.web.desk import services
from incident.web.faults import field_words
from incident.web.looks import phrase

blueprint = Blueprint("system", __name__)
LIBRARIES = ("flask", "sqlalchemy", "pydantic", "weasyprint", "gunicorn", "twilio", "werkzeug")
LARGEST_TABLE = 100_000
PACKED = b"PK"  # how a spreadsheet begins
LONGEST_CAUSE = 200
FIRST_YEAR, LAST_YEAR = 2000, 2199


@blueprint.get("/system")
@requires(Permission.SYSTEM)
def show() -> ResponseReturnValue:
    """Show how the machinery stands."""
    return _show({})


@blueprint.post("/system/halts/<int:number>/lift")
@requires(Permission.SYSTEM)
def lift_halt(number: int) -> ResponseReturnValue:
    """Let the automation of an incident go on, once its cause is known."""
    how = request.form.get("how", "").strip()[:LONGEST_CAUSE]
    if not how:
        return _show(field_words(InvalidInput([FieldError(f"how-{number}", "required")]))), 422
    desk = services()
    with desk.transaction() as session:
        halts.lift(session, number, how, who=who(), now=desk.now())
    flash(phrase("notices", "halt-lifted"), "success")
    return redirect(url_for("system.show"), 303)


def _show(errors: dict[str, str]) -> str:
    desk = services()
    findings = health.examine(desk.settings, desk.engine, desk.clock)
    with desk.reading() as session:
        page = {
            "engine": (engine := shell.engine(session, desk.now())),
            "found": (found := oversight.findings(session)),
            "rounds": oversight.rounds(session, desk.now()),
            "stopped": oversight.stopped(session),
            "driver": state.engine(session),
            "queues": state.queues(session),
            "unmerged": state.unmerged(session),
            "printed": state.printed(session),
            "backed_up": state.last_entry(session, "backup_made"),
        }
    return render_template(
        "system/show.html",
        findings=findings,
        wrong=_wrong(findings, found) + (0 if engine.alive else 1),
        heartbeat=desk.settings.heartbeat_url is not None,
        errors=errors,
        settings=_told(desk.settings),
        libraries=[(name, version(name)) for name in LIBRARIES],
        **page,
    )


@blueprint.get("/system/holidays")
@requires(Permission.SYSTEM)
def holidays() -> ResponseReturnValue:
    """Show the days of a year that differ from their weekday."""
    return _holiday_page({})


@blueprint.post("/system/holidays")
@requires(Permission.SYSTEM)
def set_day() -> ResponseReturnValue:
    """Put a day into the table."""
    desk = services()
    form = {name: request.form.get(name, "").strip() for name in ("day", "kind", "name")}
    try:
        wanted = days.special_day(**form, source=who().display)
    except InvalidInput as error:
        return _holiday_page(field_words(error), form=form), 422
    with desk.transaction() as session:
        calendar.set_day(session, wanted, who=who(), now=desk.now())
    return _back(desk, wanted.day, "day-set")


@blueprint.post("/system/holidays/<day>/remove")
@requires(Permission.SYSTEM)
def remove_day(day: str) -> ResponseReturnValue:
    """Take a day out of the table."""
    desk = services()
    try:
        wanted = date.fromisoformat(day)
    except ValueError as error:
        raise InvalidInput([FieldError("day", "bad-day")]) from error
    with desk.transaction() as session:
        calendar.remove_day(session, wanted, who=who(), now=desk.now())
    return _back(desk, wanted, "day-removed")


@blueprint.post("/system/holidays/import")
@requires(Permission.SYSTEM)
def import_days() -> ResponseReturnValue:
    """Look through a table of days; take it in only when told to, and only when all is right."""
    desk = services()
    try:
        content = _sent() or _pasted()
        table = days.table(content, who().display)
    except InvalidInput as error:
        return _holiday_page(field_words(error)), 422
    text = content.decode("utf-8-sig")
    if request.form.get("step") != "import" or table.wrong or not table.days:
        return _holiday_page({}, table=table, text=text), 422 if table.wrong else 200
    with desk.transaction() as session:
        calendar.import_days(session, table.days, who=who(), now=desk.now())
    return _back(desk, table.days[-1].day, "days-imported")


def _wrong(findings: Sequence[Finding], found: Sequence[oversight.Finding]) -> int:
    """Count what must be seen to; the engine is counted by its pulse, which is newer."""
    checks = sum(not one.ok for one in findings)
    return checks + sum(not one.holds for one in found if one.name != "engine")


def _sent() -> bytes:
    """Return the file that was sent as text; of a spreadsheet, its first sheet."""
    sent = request.files.get("file")
    content = sent.stream.read(LARGEST_TABLE) if sent else b""
    if sent is None or not content.startswith(PACKED):
        return content
    sheets = spreadsheets.read(sent.filename or "", content)
    return days.as_text(next((rows for _, rows in sheets), [])).encode()


def _pasted() -> bytes:
    return request.form.get("table", "").encode()[:LARGEST_TABLE]


def _back(desk: Services, day: date, notice: str) -> ResponseReturnValue:
    desk.renew_calendar()
    flash(phrase("notices", notice, day=day.isoformat()), "success")
    return redirect(url_for(".holidays", year=day.year))


def _holiday_page(
    errors: dict[str, str],
    *,
    form: dict[str, str] | None = None,
    table: days.Table | None = None,
    text: str = "",
) -> str:
    desk = services()
    year = _year(request.args.get("year", ""), desk.now().astimezone(desk.settings.time_zone))
    with desk.reading() as session:
        rows = state.holidays(session, year)
        years = state.holiday_years(session)
    return render_template(
        "system/holidays.html",
        year=year,
        rows=rows,
        years=sorted({*years, year, max(years, default=year) + 1}),
        known_until=max(years, default=None),
        errors=errors,
        entered=form or {},
        table=table,
        text=text,
        wrong=[
            (line, field_words(InvalidInput([error]))[error.field])
            for line, error in (table.wrong if table else ())
        ],
    )


def _year(text: str, now: datetime) -> int:
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else now.year
    return min(max(year, FIRST_YEAR), LAST_YEAR)


def _told(settings: Settings) -> list[tuple[str, str | None]]:
    """Return the settings without any secret: a password in an address is left out."""
    return [
        ("TOCSIN_DATABASE_URL", _without_password(settings.database_url)),
        ("TOCSIN_DATA_DIR", str(settings.data_dir)),
        ("TOCSIN_SPOOL_DIR", str(settings.spool_dir)),
        ("TOCSIN_HEARTBEAT_URL", _host(settings.heartbeat_url)),
        ("TOCSIN_PUBLIC_URL", settings.public_url),
        ("TOCSIN_TIME_ZONE", settings.time_zone.key),
        ("TOCSIN_JURISDICTION", settings.jurisdiction),
        ("TOCSIN_ORGANISATION", settings.organisation),
        ("TOCSIN_ENGINE_TICK", f"{settings.engine_tick:g}"),
        ("TOCSIN_SMS_BASE_URL", settings.sms_base_url),
        ("TWILIO_FROM_NUMBER", settings.twilio_from_number),
        ("TOCSIN_MAINLAND_URL", _host(settings.mainland_url)),
        ("TOCSIN_ROBOT_WECOM", _host(settings.robot_wecom)),
        ("TOCSIN_ROBOT_DINGTALK", _host(settings.robot_dingtalk)),
        ("TOCSIN_ROBOT_FEISHU", _host(settings.robot_feishu)),
        ("TOCSIN_SMTP_URL", _without_password(settings.smtp_url) if settings.smtp_url else None),
        ("TOCSIN_MAIL_FROM", settings.mail_from),
    ]


def _without_password(address: str) -> str:
    """Return an address whose user, password and query are left out."""
    parts = urlsplit(address)
    place = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{place}{parts.path}"


def _host(address: str | None) -> str | None:
    """Return the host of an address whose path or query is a secret."""
    return urlsplit(address).hostname if address else None
