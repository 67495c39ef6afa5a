"""The picture of an incident's course in the words of the page's language."""

from datetime import datetime

from incident import course_picture
from incident.charts import Figure, Series, Words
from incident.queries.dial import Dial
from incident.queries.replay_course import Course
from incident.web.looks import label, phrase
from incident.web.places import Places

LANES = ("states", "grades", "counts", "events")
GIST = 40


def picture(course: Course, dial: Dial, cursor: datetime, *, end: datetime) -> Figure:
    """Draw the course with its cursor, in the time that the incident's own clock counts."""
    places = Places(dial)
    drawn = course_picture.Course(
        states=_bands(course.states, "states", dial),
        grades=_bands(course.grades, "grades", dial),
        series=tuple(
            Series(
                name=label("facts", name),
                points=tuple((dial.counted(at), count) for at, count in points),
            )
            for name, points in course.counts.items()
        ),
        marks=tuple(
            course_picture.Mark(name=one.text[:GIST], at=dial.counted(one.at), shape=one.shape)
            for one in course.events
        ),
        end=dial.counted(end),
    )
    words = Words(
        title=phrase("replay", "course", time=places.place(dial.counted(cursor))),
        description=phrase("replay", "course_told"),
        heads=(phrase("replay", "moment"), phrase("replay", "happened")),
    )
    return course_picture.draw(
        drawn,
        dial.counted(cursor),
        words=words,
        lanes=[phrase("replay", f"lane_{lane}") for lane in LANES],
        moment=places.place,
    )


def _bands(
    spans: tuple[tuple[datetime, str], ...], group: str, dial: Dial
) -> tuple[course_picture.Band, ...]:
    return tuple(
        course_picture.Band(name=label(group, key), start=dial.counted(at), style=index)
        for index, (at, key) in enumerate(spans)
    )
