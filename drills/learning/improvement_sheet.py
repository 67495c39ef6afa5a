"""The improvement ledger as a spreadsheet."""

from collections.abc import Sequence
from datetime import date

from drills.learning.ledger_view import Line
from incident import words
from incident.spreadsheets import Sheet

COLUMNS = (
    ("number", 16),
    ("state", 10),
    ("weakness", 44),
    ("remedy", 44),
    ("owner", 14),
    ("due", 12),
    ("origin", 26),
    ("edition", 20),
    ("evidence", 44),
    ("closed", 12),
    ("closer", 14),
)


def sheet(lines: Sequence[Line], organisation: str, day: date, language: str) -> Sheet:
    """Return the ledger; what is overdue is shaded."""

    def say(key: str) -> str:
        return words.label("improvements", key, language)

    return Sheet(
        name=say("sheet"),
        title=f"{organisation} {say('sheet')} {day.isoformat()}",
        heads=tuple(say(f"head_{name}") for name, _ in COLUMNS),
        rows=tuple(_row(one, language) for one in lines),
        widths=tuple(width for _, width in COLUMNS),
        shaded=frozenset(place for place, one in enumerate(lines) if one.state == "overdue"),
    )


def _row(one: Line, language: str) -> tuple[str, ...]:
    row = one.row
    drill = words.phrase("improvements", "of_drill", {"key": row.drill}, language)
    return (
        row.number,
        words.label("improvements", one.state, language),
        row.weakness,
        row.remedy,
        one.owner,
        row.due_on.isoformat(),
        drill if row.drill else one.incident or "",
        row.edition or "",
        row.evidence or "",
        one.closed_on.isoformat() if one.closed_on else "",
        one.closer or "",
    )
