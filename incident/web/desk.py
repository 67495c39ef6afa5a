"""The services of the desk that the present request belongs to."""

from datetime import timedelta
from typing import cast

from flask import current_app, request

from incident.services import Services

EXTENSION = "tocsin"
CALENDAR_READ = "tocsin-calendar-read"
CALENDAR_AGE = timedelta(seconds=30)


def services() -> Services:
    """Return the services that `create_app` was given."""
    return cast(Services, current_app.extensions[EXTENSION])


def renew_calendar() -> None:
    """Read the table of holidays again before a change: another process may have edited it."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    desk = services()
    now, read_at = desk.now(), current_app.extensions.get(CALENDAR_READ)
    if read_at is None or now - read_at >= CALENDAR_AGE:
        current_app.extensions[CALENDAR_READ] = now
        desk.renew_calendar()
