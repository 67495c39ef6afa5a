"""Figures of shares and of lengths as rows of bars, the same for page and paper."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from incident.charts import Figure, Words
from incident.drawing import FAINT, INK, PALE, SOFT, joined, line, picture, rect, table, text

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 720.0, 250.0, 96.0, 34.0, 12.0
ROW, BAR = 30.0, 14.0
NAME = 19.0
"""So many Chinese characters of a name find room, and twice as many letters; a table has it all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A bar of 0 to 1 with a note at its end; None is not known, and is no bar."""

    name: str
    share: float | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """A time allowed and the time taken; None: it was not done."""

    name: str
    allowed: float
    taken: float | None
    note: str
    is_late: bool


def shares(rows: Sequence[Share], words: Words) -> Figure:
    """Draw each share over the whole."""
    body = joined(_share(row, _y(place)) for place, row in enumerate(rows))
    cells = [(row.name, _percent(row.share), row.note) for row in rows]
    return _figure(body, words, cells)


def lengths(rows: Sequence[Length], words: Words) -> Figure:
    """Draw each time taken over the time allowed, in pale; what is late is drawn in full ink."""
    longest = max((max(row.allowed, row.taken or 0.0) for row in rows), default=0.0) or 1.0
    body = joined(_length(row, _y(place), longest) for place, row in enumerate(rows))
    cells = [(row.name, _whole(row.allowed), row.note) for row in rows]
    return _figure(body, words, cells)


def _share(row: Share, y: float) -> Markup:
    width = WIDTH - LEFT - RIGHT
    bar = (
        line(LEFT, y + BAR / 2, LEFT + width, y + BAR / 2, "chart-axis", FAINT, dash="4 3")
        if row.share is None
        else rect(LEFT, y, width, BAR, "chart-bar-open", PALE)
        + rect(LEFT, y, width * row.share, BAR, "chart-bar", SOFT)
    )
    return _named(row.name, y) + bar + _noted(row.note, y)


def _length(row: Length, y: float, longest: float) -> Markup:
    scale = (WIDTH - LEFT - RIGHT) / longest
    due = LEFT + row.allowed * scale
    style, ink = ("chart-bar chart-bar-late", INK) if row.is_late else ("chart-bar", SOFT)
    taken = (
        Markup("")
        if row.taken is None
        else rect(LEFT, y + 3, max(row.taken * scale, 2.0), BAR - 6, style, ink)
    )
    allowed = rect(LEFT, y, row.allowed * scale, BAR, "chart-bar-open", PALE)
    mark = line(due, y - 2, due, y + BAR + 2, "chart-axis", INK)
    return _named(row.name, y) + allowed + taken + mark + _noted(row.note, y)


def _figure(body: Markup, words: Words, cells: Sequence[tuple[str, str, str]]) -> Figure:
    """A figure with no rows shows its title and description only."""
    if not cells:
        body = text(0, 44, words.description)
    height = TOP + ROW * max(len(cells), 1) + BOTTOM
    return Figure(
        svg=picture(words.title, words.description, body, width=WIDTH, height=height),
        table=table(words.title, words.heads, cells) if cells else Markup(""),
    )


def _named(name: str, y: float) -> Markup:
    return text(LEFT - 10, y + BAR - 2, _cut(name), anchor="end")


def _cut(name: str) -> str:
    """Return as much of a name as finds room."""
    room = NAME
    for place, letter in enumerate(name):
        room -= 0.55 if letter.isascii() else 1.0
        if room < 0:
            return f"{name[: place - 1]}…"
    return name


def _noted(note: str, y: float) -> Markup:
    return text(WIDTH - RIGHT + 8, y + BAR - 2, note)


def _y(place: int) -> float:
    return TOP + ROW * place


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.0%}"


def _whole(minutes: float) -> str:
    return f"{minutes:.0f}"
