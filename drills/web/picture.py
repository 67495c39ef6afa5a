"""The course of a drill as a picture: what was brought, waits or was answered, a lane a channel."""

from collections.abc import Mapping
from datetime import timedelta

from drills.course import ANSWERED, EXPIRED, Brought, Course
from drills.drawing import Band, Lane, Look, Mark, swimlanes
from drills.learning.judging import Measured
from drills.scenario.schema import Scenario
from drills.schedule import FAILED, FIRED, OPEN
from drills.web.showing import gist, minutes
from incident.charts import Figure, Words
from incident.web.looks import label, phrase

MOST = 400
HOPES: dict[str, Look] = {"met": "done", "late": "late", "missed": "late"}
SIGNS = {"met": "\u2713", "late": "!", "missed": "!"}
LOOKS: dict[str, Look] = {
    FIRED: "done",
    ANSWERED: "done",
    EXPIRED: "late",
    FAILED: "late",
    "planned": "planned",
    "next": "planned",
}


def picture(course: Course) -> Figure:
    """Draw the course of a drill with its finding as the title."""
    scenario = course.scenario
    if scenario is None:
        return swimlanes((), (), words=_words(course), waiting="")
    return swimlanes(
        _lanes(course),
        _bands(course, scenario),
        words=_words(course),
        waiting=label("drill_control", "waiting"),
        now=course.drill_time.total_seconds() / 60 if course.run.started_at else None,
    )


def seen_picture(course: Course) -> Figure:
    """Draw what came for players, and beside it what was expected of them and when."""
    scenario = course.scenario
    if scenario is None:
        return swimlanes((), (), words=_words(course), waiting="")
    named = numbers(course)
    lanes: dict[str, list[Mark]] = {}
    for one in course.injects[:MOST]:
        if one.row.fired_at is not None and one.inject.to == "players":
            lane = lanes.setdefault(label("drills", one.inject.via), [])
            lane.append(_mark(one, named[one.row.id]))
    expected = label("drill_control", "expected")
    lanes[expected] = [_hope(one) for one in course.measured if one.since is not None]
    return swimlanes(
        [Lane(name=name, marks=tuple(marks)) for name, marks in lanes.items()],
        _bands(course, scenario),
        words=_words(course),
        waiting=label("drill_control", "waiting"),
        now=course.drill_time.total_seconds() / 60 if course.run.started_at else None,
    )


def numbers(course: Course) -> Mapping[int, int]:
    """Return the number of each inject by its row: it stays the same whatever comes first."""
    ids = sorted(one.row.id for one in course.injects)
    return {id: number for number, id in enumerate(ids, start=1)}


def _lanes(course: Course) -> list[Lane]:
    named = numbers(course)
    lanes: dict[str, list[Mark]] = {}
    for one in course.injects[:MOST]:
        lanes.setdefault(one.inject.via, []).append(_mark(one, named[one.row.id]))
    return [Lane(name=label("drills", via), marks=tuple(marks)) for via, marks in lanes.items()]


def _mark(one: Brought, number: int) -> Mark:
    row = one.row
    seconds = row.fired_seconds if row.fired_seconds is not None else row.due_seconds
    until = None if one.state == ANSWERED else row.expires_seconds
    return Mark(
        at=None if seconds is None else seconds / 60,
        label=str(number),
        title=f"{number} {label('drills', one.state)} {one.inject.sender}: {gist(one.inject)}",
        until=None if until is None else until / 60,
        look="late" if row.is_late else LOOKS.get(one.state, "open"),
    )


def _hope(one: Measured) -> Mark:
    """Draw an expectation at the moment when it came true, else at the one by which it is due."""
    due = (one.since or timedelta()) + (one.within if one.taken is None else one.taken)
    return Mark(
        at=due.total_seconds() / 60,
        label=SIGNS.get(one.state, ""),
        title=f"{label('drills', one.state)} {one.expectation.text}",
        look=HOPES.get(one.state, "open"),
    )


def _bands(course: Course, scenario: Scenario) -> list[Band]:
    played = [one for one in scenario.segments if one.id in course.run.segments]
    return [Band(name=one.title, start=minutes(one.start), end=minutes(one.end)) for one in played]


def _words(course: Course) -> Words:
    count = sum(one.row.fired_at is not None for one in course.injects)
    left = sum(one.row.state in OPEN for one in course.injects)
    answered = sum(one.state == ANSWERED for one in course.injects)
    values = {"n": minutes(course.drill_time), "came": count, "left": left, "answered": answered}
    heads = tuple(label("drill_control", name) for name in ("lane", "time", "what"))
    return Words(
        title=phrase("drill_control", "finding", **values),
        description=label("drill_control", "description"),
        heads=heads,
    )
