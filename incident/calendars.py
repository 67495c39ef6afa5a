"""Duties as a calendar that a telephone can follow (RFC 5545); nobody else is named in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Calendar, Event

REFRESH = timedelta(hours=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """One length of time; `key` stays the same when it is fetched again."""

    key: str
    title: str
    starts_at: datetime
    ends_at: datetime


def feed(name: str, appointments: Iterable[Appointment], *, now: datetime) -> bytes:
    """Return the calendar."""
    calendar = Calendar()
    calendar.add("prodid", "-//Tocsin//Duty//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for one in appointments:
        event = Event()
        event.add("uid", f"{one.key}@tocsin")
        event.add("dtstamp", now)
        event.add("dtstart", one.starts_at)
        event.add("dtend", one.ends_at)
        event.add("summary", one.title)
        calendar.add_component(event)
    return bytes(calendar.to_ical())
