"""The time of a drill as a picture in lanes: plain numbers and words in, markup out."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal

from markupsafe import Markup

from incident.charts import Figure, Words
from incident.drawing import FAINT, INK, PALE, SOFT, joined, line, picture, table, text

WIDTH, LEFT, RIGHT = 960.0, 120.0, 16.0
TOP, BOTTOM = 62.0, 30.0
ROW, MARK = 34.0, 7.0
WAITING = 150.0
STEPS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 240, 480, 1440, 2880)
MOST_TICKS = 12
NEAR = 2 * MARK + 3

Look = Literal["planned", "done", "late", "open"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One thing in a lane, at a minute of drill time; None: it waits for something.

    `label` stands in the mark, `title` says what it is. `until`: a line leads to that minute.
    """

    at: float | None
    label: str
    title: str
    until: float | None = None
    look: Look = "planned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A row of the picture."""

    name: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A segment: a share of the time with a name."""

    name: str
    start: float
    end: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    length: float
    right: float

    def x(self, minute: float) -> float:
        share = min(max(minute / max(self.length, 1.0), 0.0), 1.0)
        return LEFT + share * (self.right - LEFT)


def swimlanes(
    lanes: Sequence[Lane],
    bands: Sequence[Band],
    *,
    words: Words,
    waiting: str,
    now: float | None = None,
) -> Figure:
    """Draw lanes over the drill's minutes; what waits for something stands apart, at the right.

    `words.heads` are those of the table: lane, time, what. `now` draws the present minute.
    """
    waits = any(mark.at is None for lane in lanes for mark in lane.marks)
    length = max((band.end for band in bands), default=1.0)
    scale = _Scale(length=length, right=WIDTH - RIGHT - (WAITING if waits else 0.0))
    height = TOP + ROW * len(lanes) + BOTTOM
    body = joined(
        (
            *(_band(band, scale, height, index) for index, band in enumerate(bands)),
            *_ticks(scale, height),
            *((text(scale.right + 12, TOP - 8, waiting),) if waits else ()),
            *(_lane(lane, TOP + ROW * index, scale) for index, lane in enumerate(lanes)),
            *(() if now is None else (_now(scale.x(now), height),)),
        )
    )
    rows = [
        (lane.name, waiting if mark.at is None else _clock(mark.at), mark.title)
        for lane in lanes
        for mark in lane.marks
    ]
    svg = picture(words.title, words.description, body, width=WIDTH, height=height)
    return Figure(svg=svg, table=table(words.title, words.heads, rows))


def _band(band: Band, scale: _Scale, height: float, index: int) -> Markup:
    left, right = scale.x(band.start), scale.x(band.end)
    shade = Markup(
        '<rect class="lane-band" x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}"'
        ' fill="{ink}" fill-opacity="{share}"/>'
    ).format(
        x=left,
        y=TOP,
        w=max(right - left, 1.0),
        h=height - TOP - BOTTOM,
        ink=PALE,
        share="0.25" if index % 2 else "0.5",
    )
    return shade + text(left + 3, TOP - 8, band.name)


def _ticks(scale: _Scale, height: float) -> list[Markup]:
    step = next((one for one in STEPS if scale.length / one <= MOST_TICKS), STEPS[-1])
    found = []
    for number in range(ceil(scale.length / step) + 1):
        if (minute := number * step) <= scale.length:
            x = scale.x(minute)
            found.append(line(x, TOP, x, height - BOTTOM, "lane-tick", PALE))
            found.append(text(x, height - 10, _clock(minute), anchor="middle"))
    return found


def _lane(lane: Lane, top: float, scale: _Scale) -> Markup:
    middle = top + ROW / 2
    rule = line(LEFT, top + ROW, WIDTH - RIGHT, top + ROW, "lane-rule", PALE)
    strokes = [text(LEFT - 10, middle + 4, lane.name, anchor="end"), rule]
    last, row, apart = float("-inf"), 0, 0
    for mark in sorted(lane.marks, key=lambda one: (one.at is None, one.at or 0.0)):
        if mark.at is None:
            x = scale.right + 20 + apart * NEAR
            apart += 1
        else:
            x = scale.x(mark.at)
            row = (row + 1) % 2 if x - last < NEAR else 0
            last = x
        strokes.append(_mark(mark, x, middle + (row * NEAR - NEAR / 2 if row else 0), scale))
    return joined(strokes)


def _mark(mark: Mark, x: float, y: float, scale: _Scale) -> Markup:
    lead = Markup("")
    if mark.until is not None and mark.at is not None:
        end = scale.x(mark.until)
        lead = line(x, y, end, y, "lane-lead", FAINT) + line(
            end, y - 5, end, y + 5, "lane-due", INK
        )
    fill = {"planned": "#ffffff", "open": "#ffffff", "done": SOFT, "late": INK}[mark.look]
    ink = INK if fill == "#ffffff" else "#ffffff"
    return lead + Markup(
        '<g class="lane-mark lane-{look}"><title>{title}</title>'
        '<circle cx="{x:.1f}" cy="{y:.1f}" r="{r}" fill="{fill}" stroke="{stroke}"'
        ' stroke-dasharray="{dash}"/>'
        '<text x="{x:.1f}" y="{base:.1f}" font-size="9" text-anchor="middle" fill="{ink}">'
        "{label}</text></g>"
    ).format(
        look=mark.look,
        title=mark.title,
        x=x,
        y=y,
        r=MARK,
        fill=fill,
        stroke=INK,
        dash="2 2" if mark.look == "open" else "none",
        base=y + 3,
        ink=ink,
        label=mark.label,
    )


def _now(x: float, height: float) -> Markup:
    return line(x, TOP - 4, x, height - BOTTOM + 4, "lane-now", INK, dash="5 3")


def _clock(minute: float) -> str:
    hours, left = divmod(round(minute), 60)
    return f"{hours}:{left:02d}"
