"""Remind the duty leader when nobody has relieved the officer of a post."""

from datetime import timedelta

from incident.operations import relief_watch
from incident.services import Services


def watch_relief(services: Services) -> int:
    """Look at each post once for each handover hour; return how many had to be told of."""
    grace = timedelta(minutes=services.settings.handover_grace)
    now, rules = services.now(), services.rules
    with services.reading() as session:
        found = list(relief_watch.to_check(session, now, grace=grace, rules=rules))
    return sum(_check(services, code) for code in found)


def _check(services: Services, code: str) -> bool:
    with services.transaction() as session:
        return relief_watch.check(session, code, services.now(), services.rules)
