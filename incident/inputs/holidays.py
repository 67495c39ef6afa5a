"""Days that differ from their weekday, as they come in: one by one, or as a table."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from incident import words
from incident.errors import FieldError, InvalidInput

KINDS = ("holiday", "workday")
SATURDAY = 5
LONGEST = 40
COLUMNS = 3
HEAD = ("day", "date")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecialDay:
    """A holiday, or a workday on a weekend (调休); `source` says who announced it."""

    day: date
    kind: str
    name: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What a table brings: the days that can be taken, and what is wrong, by line."""

    days: tuple[SpecialDay, ...]
    wrong: tuple[tuple[int, FieldError], ...]


def special_day(day: str, kind: str, name: str, source: str) -> SpecialDay:
    """Return a day; raise InvalidInput."""
    try:
        read = date.fromisoformat(day.strip())
    except ValueError as error:
        raise _wrong("day", "bad-day") from error
    if kind not in KINDS:
        raise _wrong("kind", "bad-day-kind")
    if kind == "workday" and read.weekday() < SATURDAY:
        raise _wrong("day", "not-weekend")
    if not name.strip():
        raise _wrong("name", "required")
    if len(name.strip()) > LONGEST:
        raise InvalidInput([FieldError("name", "too-long", {"max_length": LONGEST})])
    return SpecialDay(day=read, kind=kind, name=name.strip(), source=source)


def table(content: bytes, source: str) -> Table:
    """Read lines of day, kind, name; a first line of titles is passed over.

    Raise InvalidInput for what is no text at all.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _wrong("file", "not-text") from error
    days: dict[date, SpecialDay] = {}
    wrong: list[tuple[int, FieldError]] = []
    for line, row in _rows(text):
        try:
            found = _row(row, source)
            if found.day in days:
                raise _wrong("day", "day-twice")
        except InvalidInput as error:
            wrong.append((line, error.errors[0]))
        else:
            days[found.day] = found
    return Table(days=tuple(days.values()), wrong=tuple(wrong))


def as_text(rows: Iterable[Sequence[str]]) -> str:
    """Return the rows of a spreadsheet as the text of a table; labels are read as their keys."""
    keys = {words.label("day_kinds", kind): kind for kind in KINDS}
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([keys.get(cell, cell) for cell in row[:COLUMNS]])
    return text.getvalue()


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text))
    for row in reader:
        is_head = reader.line_num == 1 and row and _is_head(row[0].strip().lower())
        if row and any(cell.strip() for cell in row) and not is_head:
            yield reader.line_num, row


def _is_head(cell: str) -> bool:
    return cell in HEAD or cell == words.label("roster_columns", "day")


def _row(row: list[str], source: str) -> SpecialDay:
    if len(row) < COLUMNS:
        raise _wrong("day", "row-short")
    day, kind, name = row[:COLUMNS]
    return special_day(day, kind.strip().lower(), name, source)


def _wrong(field: str, code: str) -> InvalidInput:
    return InvalidInput([FieldError(field, code)])
