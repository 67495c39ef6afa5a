"""A roster as a table: a line a shift, with who is on duty and who stands in."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time

from incident import words
from incident.errors import FieldError, InvalidInput

COLUMNS = ("day", "post", "begins", "main", "stand_in")
LONGEST = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line as it is written; people by name, "" where the table leaves them as they are."""

    row: int
    day: date
    post: str
    begins: str
    main: str
    stand_in: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """What is wrong with a line."""

    row: int
    error: FieldError


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What a table brings, and what is wrong with it, line by line."""

    lines: tuple[Line, ...]
    wrong: tuple[Wrong, ...]


def heads(language: str) -> tuple[str, ...]:
    """Return the words over the columns."""
    return tuple(words.label("roster_columns", column, language) for column in COLUMNS)


def pick(sheets: Iterable[tuple[str, list[list[str]]]]) -> list[list[str]]:
    """Return the rows of the sheet that has our columns; raise InvalidInput when none has."""
    for _, rows in sheets:
        if any(_is_head(row) for row in rows):
            return rows
    raise InvalidInput([FieldError("file", "no-roster-columns")])


def read(rows: Sequence[Sequence[str]]) -> Table:
    """Read the lines below the heads; lines without anybody are passed over."""
    lines: list[Line] = []
    wrong: list[Wrong] = []
    for row, cells in _below(rows):
        try:
            line = _line(row, cells)
        except InvalidInput as error:
            wrong.append(Wrong(row=row, error=error.errors[0]))
        else:
            lines.append(line)
    return Table(lines=tuple(lines), wrong=tuple(wrong))


def _is_head(row: Sequence[str]) -> bool:
    told = tuple(row[: len(COLUMNS)])
    return told in (heads("zh"), heads("en"))


def _below(rows: Sequence[Sequence[str]]) -> Iterator[tuple[int, list[str]]]:
    """Return the lines after the heads with their numbers, as a spreadsheet counts them."""
    begun = False
    for number, row in enumerate(rows, start=1):
        cells = [*row[: len(COLUMNS)], *[""] * (len(COLUMNS) - len(row))]
        if begun and (cells[3] or cells[4]):
            yield number, cells
        begun = begun or _is_head(row)


def _line(row: int, cells: Sequence[str]) -> Line:
    day, post, begins, main, stand_in = cells
    if any(len(cell) > LONGEST for cell in cells):
        raise _wrong("post", "too-long", max_length=LONGEST)
    return Line(
        row=row,
        day=_day(day),
        post=post,
        begins=_time(begins),
        main=main,
        stand_in=stand_in,
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise _wrong("day", "bad-day") from None


def _time(text: str) -> str:
    try:
        return f"{time.fromisoformat(text.zfill(5)):%H:%M}"
    except ValueError:
        raise _wrong("begins", "bad-time-of-day") from None


def _wrong(field: str, code: str, **values: object) -> InvalidInput:
    return InvalidInput([FieldError(field, code, values)])
