"""Figures as SVG, the same one for page and paper: plain numbers and words in, markup out."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil

from markupsafe import Markup

from incident.drawing import FAINT, INK, PALE, SOFT, joined, line, path, picture, rect, table, text

WIDTH, HEIGHT = 720.0, 240.0
LEFT, RIGHT, TOP, BOTTOM = 44.0, 24.0, 40.0, 36.0
ROW = 34.0
NAME = 16.0
DASHES = ("none", "6 3", "2 3")

Moment = Callable[[datetime], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a figure says: the finding as its title, what is drawn, and the heads of its table.

    Counts over time take the head of the first column only; the series bear the others.
    """

    title: str
    description: str
    heads: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A picture and the table with the same numbers."""

    svg: Markup
    table: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """One column of an onset curve."""

    start: datetime
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line of counts over time; points in the order of time."""

    name: str
    points: tuple[tuple[datetime, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One statutory clock as a row: `done_at` is None while it is open."""

    name: str
    starts_at: datetime
    due_at: datetime
    done_at: datetime | None

    def is_late(self, now: datetime) -> bool:
        """Tell whether it was, or still is, past its time."""
        return (self.done_at or now) > self.due_at


def onset_curve(
    onsets: Sequence[datetime],
    *,
    bin_hours: int,
    words: Words,
    moment: Moment,
    marks: Sequence[tuple[datetime, str]] = (),
) -> Figure:
    """Draw an epidemic curve: cases by time of onset, without gaps between the columns.

    `marks` are moments with a name, such as the suspected meal; they widen the time shown.
    """
    bins = binned(onsets, bin_hours, [at for at, _ in marks])
    if not bins:
        return _empty(words)
    axis = _TimeAxis(bins[0].start, bins[-1].start + timedelta(hours=bin_hours))
    top = _nice(max(cell.count for cell in bins))
    width = (WIDTH - LEFT - RIGHT) / len(bins)
    columns = joined(_column(cell, axis, width, top) for cell in bins)
    body = _grid(top) + columns + _named_marks(marks, axis) + _ticks(axis, moment)
    rows = [(moment(cell.start), cell.count) for cell in bins]
    return Figure(svg=_svg(words, body), table=table(words.title, words.heads, rows))


def counts_over_time(
    series: Sequence[Series], *, now: datetime, words: Words, moment: Moment
) -> Figure:
    """Draw how counts rose, as steps: a number holds from its moment until the next, or now."""
    moments = sorted({at for one in series for at, _ in one.points})
    if not moments:
        return _empty(words)
    axis = _TimeAxis(moments[0], max(now, moments[-1], moments[0] + timedelta(hours=1)))
    top = _nice(max(count for one in series for _, count in one.points))
    known = [(index, one) for index, one in enumerate(series) if one.points]
    names = _apart([_y(one.points[-1][1], top) - 6 for _, one in known])
    lines = joined(
        _stairs(one, index, axis, top, name_y)
        for (index, one), name_y in zip(known, names, strict=True)
    )
    rows = [(moment(at), *(_known(one, at) for one in series)) for at in moments]
    body = _grid(top) + lines + _ticks(axis, moment)
    return Figure(
        svg=_svg(words, body),
        table=table(words.title, [*words.heads, *(one.name for one in series)], rows),
    )


def clock_spans(
    spans: Sequence[Span], *, now: datetime, words: Words, moment: Moment, open_word: str
) -> Figure:
    """Draw statutory clocks as rows: the time allowed in pale, the time taken over it.

    What is late is drawn in full ink.
    """
    if not spans:
        return _empty(words)
    axis = _TimeAxis(
        min(span.starts_at for span in spans),
        max(max(span.due_at, span.done_at or now) for span in spans),
        left=200.0,
    )
    height = TOP + ROW * len(spans) + BOTTOM
    body = joined(
        _span(span, TOP + ROW * index, axis, now) for index, span in enumerate(spans)
    ) + _ticks(axis, moment, height=height)
    rows = [
        (span.name, moment(span.due_at), moment(span.done_at) if span.done_at else open_word)
        for span in spans
    ]
    return Figure(
        svg=_svg(words, body, height=height),
        table=table(words.title, words.heads, rows),
    )


def binned(
    onsets: Iterable[datetime], bin_hours: int, also: Iterable[datetime] = ()
) -> tuple[Bin, ...]:
    """Count onsets in whole bins; empty ones between stay, as a gap is a finding.

    Bins start at midnight of the first day in the zone that the moments bear.
    """
    moments = sorted(onsets)
    shown = sorted([*moments, *also])
    if not moments:
        return ()
    step = timedelta(hours=bin_hours)
    midnight = shown[0].replace(hour=0, minute=0, second=0, microsecond=0)
    first = midnight + (shown[0] - midnight) // step * step
    bins = (shown[-1] - first) // step + 1
    counts = [0] * bins
    for at in moments:
        counts[(at - first) // step] += 1
    return tuple(Bin(start=first + index * step, count=n) for index, n in enumerate(counts))


@dataclass(frozen=True, slots=True)
class _TimeAxis:
    first: datetime
    last: datetime
    left: float = LEFT

    def x(self, at: datetime) -> float:
        share = (at - self.first) / max(self.last - self.first, timedelta(minutes=1))
        return self.left + share * (WIDTH - self.left - RIGHT)


def _y(count: float, top: int) -> float:
    return HEIGHT - BOTTOM - count / top * (HEIGHT - TOP - BOTTOM)


def _nice(highest: int) -> int:
    """Return the lowest round number, of 4 equal steps, not below the highest count."""
    step = max(ceil(highest / 4), 1)
    return 4 * next(size for size in _round_steps() if size >= step)


def _round_steps() -> Iterable[int]:
    power = 1
    while True:
        yield from (power, 2 * power, 3 * power, 5 * power)
        power *= 10


def _column(cell: Bin, axis: _TimeAxis, width: float, top: int) -> Markup:
    y = _y(cell.count, top)
    return rect(axis.x(cell.start), y, width, HEIGHT - BOTTOM - y, "chart-bar", SOFT)


def _apart(heights: Sequence[float]) -> list[float]:
    """Return where names are written that would else lie over one another."""
    placed: dict[int, float] = {}
    for index in sorted(range(len(heights)), key=lambda index: heights[index]):
        above = max(placed.values(), default=0.0)
        placed[index] = max(heights[index], above + NAME)
    return [placed[index] for index in range(len(heights))]


def _stairs(series: Series, index: int, axis: _TimeAxis, top: int, name_y: float) -> Markup:
    first, *_ = series.points
    strokes = f"M{axis.x(first[0]):.1f} {_y(first[1], top):.1f}"
    for _, (at, count) in pairwise(series.points):
        strokes += f"H{axis.x(at):.1f}V{_y(count, top):.1f}"
    strokes += f"H{WIDTH - RIGHT:.1f}"
    last = series.points[-1][1]
    style = f"chart-line chart-line-{index + 1}"
    name = text(WIDTH - RIGHT, name_y, f"{series.name} {last}", anchor="end")
    return path(strokes, style, dash=DASHES[index % len(DASHES)]) + name


def _known(series: Series, at: datetime) -> str:
    counts = [count for moment, count in series.points if moment <= at]
    return str(counts[-1]) if counts else "—"


def _span(span: Span, y: float, axis: _TimeAxis, now: datetime) -> Markup:
    start, due, end = (axis.x(at) for at in (span.starts_at, span.due_at, span.done_at or now))
    late = span.is_late(now)
    return (
        text(axis.left - 10, y + 15, span.name, anchor="end")
        + rect(start, y + 2, due - start, 18, "chart-bar-open", PALE)
        + rect(
            start,
            y + 7,
            end - start,
            8,
            "chart-bar chart-bar-late" if late else "chart-bar",
            INK if late else SOFT,
        )
        + line(due, y, due, y + 22, "chart-axis", INK)
    )


def _named_marks(marks: Sequence[tuple[datetime, str]], axis: _TimeAxis) -> Markup:
    return joined(
        line(axis.x(at), TOP - 12, axis.x(at), HEIGHT - BOTTOM, "chart-mark", INK, dash="4 3")
        + text(axis.x(at) + 4, TOP - 4, name)
        for at, name in marks
    )


def _grid(top: int) -> Markup:
    lines = []
    for quarter in range(5):
        count = top * quarter // 4
        y = _y(count, top)
        style = ("chart-axis", FAINT) if quarter == 0 else ("chart-grid", PALE)
        lines.append(line(LEFT, y, WIDTH - RIGHT, y, *style))
        lines.append(text(LEFT - 8, y + 4, str(count), anchor="end"))
    return joined(lines)


def _ticks(axis: _TimeAxis, moment: Moment, *, height: float = HEIGHT) -> Markup:
    """Write first, middle and last time below: enough to read, never crowded."""
    middle = axis.first + (axis.last - axis.first) / 2
    places = ((axis.first, "start"), (middle, "middle"), (axis.last, "end"))
    return joined(
        text(axis.x(at), height - BOTTOM + 20, moment(at), anchor=anchor) for at, anchor in places
    )


def _svg(words: Words, body: Markup, *, height: float = HEIGHT) -> Markup:
    return picture(words.title, words.description, body, width=WIDTH, height=height)


def _empty(words: Words) -> Figure:
    """A figure with no data shows its title and description only."""
    body = text(0, 44, words.description)
    return Figure(svg=_svg(words, body, height=60), table=Markup(""))
