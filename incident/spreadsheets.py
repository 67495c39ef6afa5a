"""Spreadsheets in and out: nothing in them is ever a formula, a link or an entity."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zipfile import BadZipFile

import openpyxl
import xlsxwriter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.xml import DEFUSEDXML

from incident.errors import FieldError, InvalidInput
from incident.uploads import OFFICE, inspect

if not DEFUSEDXML:
    raise ImportError("without defusedxml, openpyxl expands the entities of a spreadsheet")

XLSX = OFFICE[".xlsx"]
MOST_ROWS, MOST_COLUMNS = 2000, 60
OUT = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
A4 = 9
DAMAGE = (KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError)
"""What openpyxl raises for what is not a workbook inside; a bad entity is a ValueError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet to be written: a title over heads and rows. `shaded` are rows to be set apart."""

    name: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    shaded: frozenset[int] = field(default_factory=frozenset)


def write(sheets: Sequence[Sheet], *, author: str, now: datetime) -> bytes:
    """Return a workbook; each sheet prints on paper of A4, as wide as that."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, OUT) as book:
        book.set_properties({"author": author, "created": now.replace(tzinfo=None)})
        for sheet in sheets:
            _write(book, sheet)
    return content.getvalue()


def read(name: str, content: bytes) -> Iterator[tuple[str, list[list[str]]]]:
    """Return the sheets of a workbook as (name, rows of text); raise InvalidInput."""
    if inspect(name, content).media_type != XLSX:
        raise _refused("not-xlsx")
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        found = [(sheet.title, _rows(sheet)) for sheet in book.worksheets]
        book.close()
    except InvalidInput:
        raise
    except (InvalidFileException, BadZipFile, OSError, *DAMAGE) as error:
        raise _refused("file-damaged") from error
    return iter(found)


def _write(book: xlsxwriter.Workbook, sheet: Sheet) -> None:
    page = book.add_worksheet(sheet.name)
    page.set_paper(A4)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0, 1)
    page.freeze_panes(2, 1)
    page.write_string(0, 0, sheet.title, book.add_format({"bold": True, "font_size": 14}))
    lines = {"border": 1, "valign": "vcenter", "text_wrap": True}
    head = book.add_format({**lines, "bold": True, "bg_color": "#E6E6E6"})
    plain = book.add_format(lines)
    shaded = book.add_format({**lines, "bg_color": "#F2F2F2"})
    for column, width in enumerate(sheet.widths):
        page.set_column(column, column, width)
    for column, text in enumerate(sheet.heads):
        page.write_string(1, column, text, head)
    for number, row in enumerate(sheet.rows):
        for column, text in enumerate(row):
            form = shaded if number in sheet.shaded else plain
            page.write_string(number + 2, column, text, form)


def _rows(sheet: "openpyxl.worksheet.worksheet.Worksheet") -> list[list[str]]:
    """Return the cells as text; more rows than any roster has are refused."""
    sheet.reset_dimensions()  # what a file says of its own size is not believed
    rows: list[list[str]] = []
    for row in sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True):
        if len(rows) == MOST_ROWS:
            raise _refused("too-many-rows", limit=MOST_ROWS)
        rows.append([_text(cell) for cell in row])
    return rows


def _text(cell: object) -> str:
    """Return a cell as it would be typed; a day without a time is a day."""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return f"{cell:%H:%M}"
    return "" if cell is None else str(cell).strip()


def _refused(code: str, **values: object) -> InvalidInput:
    return InvalidInput([FieldError("file", code, values)])
