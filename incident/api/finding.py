"""Find the incident that an address names, when the caller may know of it."""

import re

from sqlalchemy.orm import Session

from incident.errors import NotFound
from incident.models import Incident
from incident.queries import scope
from incident.web.access import who

NUMBER = re.compile(r"[A-Z0-9-]{1,24}")


def incident(session: Session, number: str) -> Incident:
    """Return the incident; raise NotFound, also for one that is not for the caller."""
    return scope.incident(session, possible(number), who())


def possible(number: str) -> str:
    """Return a number that may be one; raise NotFound for what never can be."""
    if not NUMBER.fullmatch(number):
        raise NotFound
    return number
