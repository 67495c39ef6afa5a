"""A day of the duty log as a sheet."""

from zoneinfo import ZoneInfo

from incident import words
from incident.queries.delivery import masked
from incident.queries.duty_log import Day, Line
from incident.spreadsheets import Sheet

HEADS = (
    "at",
    "group",
    "channel",
    "category",
    "caller",
    "phone",
    "text",
    "done",
    "reported_to",
    "instruction",
    "feedback",
    "callback",
    "actor",
    "incident",
)
WIDTHS = (8, 10, 10, 8, 22, 16, 60, 30, 20, 24, 24, 14, 14, 18)


def sheet(day: Day, organisation: str, language: str, *, zone: ZoneInfo, personal: bool) -> Sheet:
    """Return the sheet of a day; who called and his number are masked unless `personal`."""
    title = words.label("log_columns", "title", language)
    return Sheet(
        name=title,
        title=f"{organisation} {title} {day.day.isoformat()}",
        heads=tuple(words.label("log_columns", head, language) for head in HEADS),
        rows=tuple(_row(one, language, zone, personal=personal) for one in day.lines),
        widths=WIDTHS,
    )


def _row(line: Line, language: str, zone: ZoneInfo, *, personal: bool) -> tuple[str, ...]:
    told = _typed(line, language, zone, personal=personal)
    drill = f"【{words.label('navigation', 'drills.index', language)}】" if line.drill else ""
    cells = {
        "at": f"{line.at.astimezone(zone):%H:%M}",
        "group": words.label("log_groups", line.group, language),
        "text": drill + line.text,
        "actor": line.actor or words.label("common", "desk", language),
        "incident": line.incident or "",
        **told,
    }
    return tuple(cells.get(head, "") for head in HEADS)


def _typed(line: Line, language: str, zone: ZoneInfo, *, personal: bool) -> dict[str, str]:
    if line.thread is None:
        return {}
    row = line.thread.current
    hidden = words.label("log_columns", "hidden", language)
    caller = " ".join(part for part in (row.organisation, row.caller) if part)
    due = row.callback_due_at
    reported = f" {row.reported_at.astimezone(zone):%H:%M}" if row.reported_at else ""
    return {
        "channel": words.label("log_channels", row.channel, language),
        "category": words.label("log_categories", row.category, language),
        "caller": caller if personal or not row.caller else hidden,
        "phone": (row.phone if personal else masked(row.phone)) if row.phone else "",
        "done": row.done or "",
        "reported_to": f"{row.reported_to}{reported}" if row.reported_to else "",
        "instruction": row.instruction or "",
        "feedback": row.feedback or "",
        "callback": f"{due.astimezone(zone):%m-%d %H:%M}" if due else "",
    }
