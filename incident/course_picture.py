"""The course of an incident in one small picture, with a cursor: states, counts, calls, papers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from markupsafe import Markup

from incident.charts import Figure, Series, Words
from incident.drawing import FAINT, INK, PALE, SOFT, joined, line, path, picture, rect, table, text

WIDTH, LEFT, RIGHT = 720.0, 60.0, 16.0
STATES, GRADES, COUNTS, MARKS = 34.0, 62.0, 92.0, 176.0  # where each lane begins
BAND, THIN, CURVES, HEIGHT = 24.0, 18.0, 70.0, 226.0
LETTER = 12.5  # the width of a Chinese letter
DASHES = ("none", "6 3", "2 3")
DOT = 4.5

Moment = Callable[[datetime], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A time in which something was so; `style` tells bands apart by tone."""

    name: str
    start: datetime
    style: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something that happened at a moment; `shape` is call, answer, siren or paper."""

    name: str
    at: datetime
    shape: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What is drawn. Bands follow each other; all counts are what the desk knew at the time."""

    states: tuple[Band, ...]
    grades: tuple[Band, ...]
    series: tuple[Series, ...]
    marks: tuple[Mark, ...]
    end: datetime


@dataclass(frozen=True, slots=True)
class _Axis:
    first: datetime
    last: datetime

    def x(self, at: datetime) -> float:
        share = (at - self.first) / max(self.last - self.first, timedelta(minutes=1))
        return LEFT + max(0.0, min(1.0, share)) * (WIDTH - LEFT - RIGHT)


def draw(
    course: Course, cursor: datetime, *, words: Words, lanes: Sequence[str], moment: Moment
) -> Figure:
    """Draw a course with a cursor; `lanes` names the lanes: states, grades, counts, events."""
    axis = _Axis(course.states[0].start, max(course.end, course.states[0].start))
    body = (
        _names(lanes)
        + joined(_bands(course.states, axis, STATES, BAND, course.end))
        + joined(_bands(course.grades, axis, GRADES, THIN, course.end))
        + _curves(course.series, axis)
        + joined(_mark(mark, axis) for mark in course.marks)
        + _ticks(axis, moment)
        + _cursor(axis.x(cursor))
    )
    svg = picture(words.title, words.description, body, width=WIDTH, height=HEIGHT)
    return Figure(svg=svg, table=table(words.title, words.heads, _rows(course, moment)))


def _names(lanes: Sequence[str]) -> Markup:
    places = (STATES + 16, GRADES + 13, COUNTS + 40, MARKS + 12)
    return joined(text(0, y, name) for y, name in zip(places, lanes, strict=True))


def _bands(
    bands: Sequence[Band], axis: _Axis, y: float, height: float, end: datetime
) -> list[Markup]:
    starts = [band.start for band in bands]
    found = []
    for band, until in zip(bands, [*starts, end][1:], strict=True):
        x = axis.x(band.start)
        width = axis.x(until) - x
        dark = band.style % 2 == 0
        found.append(rect(x, y, width, height, f"course-band-{band.style % 2}", _tone(dark)))
        if width > LETTER * len(band.name) + 6:
            found.append(text(x + 4, y + height / 2 + 4, band.name))
    return found


def _tone(dark: bool) -> str:  # noqa: FBT001 - one of two tones
    return PALE if dark else "#eeeeee"


def _curves(series: Sequence[Series], axis: _Axis) -> Markup:
    bottom = COUNTS + CURVES
    floor = line(LEFT, bottom, WIDTH - RIGHT, bottom, "chart-axis", FAINT)
    highest = max((count for one in series for _, count in one.points), default=0)
    drawn = [
        _curve(one, index, axis, max(highest, 1)) for index, one in enumerate(series) if one.points
    ]
    return floor + joined(drawn)


def _curve(series: Series, index: int, axis: _Axis, top: int) -> Markup:
    first = series.points[0]
    strokes = f"M{axis.x(first[0]):.1f} {_y(first[1], top):.1f}"
    for _, (at, count) in pairwise(series.points):
        strokes += f"H{axis.x(at):.1f}V{_y(count, top):.1f}"
    strokes += f"H{WIDTH - RIGHT:.1f}"
    last = series.points[-1][1]
    name = text(WIDTH - RIGHT, _y(last, top) - 4, f"{series.name} {last}", anchor="end")
    return path(strokes, f"chart-line chart-line-{index + 1}", dash=DASHES[index % 3]) + name


def _y(count: int, top: int) -> float:
    return COUNTS + CURVES - count / top * (CURVES - 16)


def _mark(mark: Mark, axis: _Axis) -> Markup:
    """Draw a mark that differs by shape, not by colour alone, and says what it is when asked."""
    x, y = axis.x(mark.at), MARKS + 8
    shapes = {
        "call": f"M{x:.1f} {y - DOT:.1f}l{DOT} {2 * DOT}h{-2 * DOT}z",
        "siren": f"M{x - DOT:.1f} {y - DOT:.1f}h{2 * DOT}l{-DOT} {2 * DOT}z",
        "paper": f"M{x - DOT:.1f} {y - DOT:.1f}h{2 * DOT}v{2 * DOT}h{-2 * DOT}z",
        "answer": f"M{x - DOT:.1f} {y:.1f}a{DOT} {DOT} 0 1 0 {2 * DOT} 0a{DOT} {DOT} 0 1 0"
        f" {-2 * DOT} 0z",
    }
    return Markup(
        '<path class="course-{shape}" d="{d}" fill="{fill}" stroke="{ink}"><title>{name}</title>'
        "</path>"
    ).format(
        shape=mark.shape,
        d=shapes[mark.shape],
        fill="#ffffff" if mark.shape == "answer" else SOFT,
        ink=INK,
        name=mark.name,
    )


def _cursor(x: float) -> Markup:
    knob = f"M{x - 6:.1f} 24h12l-6 7z"
    return line(x, 28, x, HEIGHT - 24, "course-cursor", INK) + path(knob, "course-knob")


def _ticks(axis: _Axis, moment: Moment) -> Markup:
    middle = axis.first + (axis.last - axis.first) / 2
    places = ((axis.first, "start"), (middle, "middle"), (axis.last, "end"))
    return joined(text(axis.x(at), HEIGHT - 8, moment(at), anchor=anchor) for at, anchor in places)


def _rows(course: Course, moment: Moment) -> list[tuple[str, str]]:
    told = [(band.start, band.name) for band in (*course.states, *course.grades)]
    told += [(at, f"{one.name} {count}") for one in course.series for at, count in one.points]
    told += [(mark.at, mark.name) for mark in course.marks]
    return [(moment(at), name) for at, name in sorted(told, key=lambda row: row[0])]
