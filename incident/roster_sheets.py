"""The roster of a month as sheets: a table to hang up, and lines to be changed and sent back."""

from collections import Counter
from collections.abc import Iterator

from incident import words
from incident.inputs.roster_table import heads
from incident.queries.roster import Cell, DayRow, Month, Person
from incident.spreadsheets import Sheet


def sheets(month: Month, organisation: str, language: str) -> tuple[Sheet, ...]:
    """Return the sheets of a month."""
    when = month.first.strftime("%Y-%m")
    title = f"{organisation} {words.label('roster_sheets', 'title', language)} {when}"
    return _table(month, title, language), _lines(month, title, language)


def _table(month: Month, title: str, language: str) -> Sheet:
    shown = [f"{column.post.name} {column.begins}" for column in month.columns]
    return Sheet(
        name=words.label("roster_sheets", "month", language),
        title=title,
        heads=(heads(language)[0], *shown),
        rows=tuple(
            (_day(row, language), *(_cell(cell, language) for cell in row.cells))
            for row in month.days
        ),
        widths=(20, *(24 for _ in shown)),
        shaded=frozenset(number for number, row in enumerate(month.days) if row.is_free),
    )


def _lines(month: Month, title: str, language: str) -> Sheet:
    names = Counter(person.name for person in {one.id: one for one in _everybody(month)}.values())
    rows = tuple(
        (
            row.day.isoformat(),
            cell.column.post.name,
            cell.column.begins,
            _named(cell.pieces[0].main, names),
            _named(cell.pieces[0].stand_in, names),
        )
        for row in month.days
        for cell in row.cells
    )
    return Sheet(
        name=words.label("roster_sheets", "lines", language),
        title=title,
        heads=heads(language),
        rows=rows,
        widths=(14, 24, 10, 24, 24),
    )


def _day(row: DayRow, language: str) -> str:
    told = f"{row.day:%m-%d} {words.label('weekdays', row.day.weekday(), language)}"
    special = words.label("day_kinds", row.special, language) if row.special else ""
    return f"{told} {special}".strip()


def _cell(cell: Cell, language: str) -> str:
    gap = words.label("roster_sheets", "gap", language)
    told = (
        " / ".join(one.name for one in (piece.main, piece.stand_in) if one) or gap
        for piece in cell.pieces
    )
    return "\n".join(told)


def _everybody(month: Month) -> Iterator[Person]:
    for row in month.days:
        for cell in row.cells:
            for piece in cell.pieces:
                yield from (one for one in (piece.main, piece.stand_in) if one)


def _named(person: Person | None, names: Counter[str]) -> str:
    """Return a name; with the account where two people share it."""
    if person is None:
        return ""
    return person.name if names[person.name] == 1 else f"{person.name} ({person.account})"
