"""Remind the duty leader once a day of what is wrong with the days ahead."""

from datetime import time

from incident.models import DutyReminder
from incident.operations import timeline
from incident.operations.relief_messages import WRITTEN, tell_leader
from incident.queries.duty_outlook import AHEAD, outlook
from incident.services import Services
from incident.who import DESK
from notifications.text import Purpose

REMINDED_AT = time(9)  # local, half an hour after most shifts change


def remind(services: Services) -> bool:
    """Look ahead if today's look is due, and tell what is wrong; say whether it was told."""
    now = services.now()
    local = now.astimezone(services.rules.zone)
    if local.time() < REMINDED_AT:
        return False
    with services.reading() as session:
        if session.get(DutyReminder, local.date()) is not None:
            return False
        found = outlook(session, services.rules, now)
    if not found.posts:
        return False
    gaps, doubles = len(found.gaps), len(found.doubles)
    with services.transaction() as session:
        session.add(DutyReminder(day=local.date(), gaps=gaps, doubles=doubles, told_at=now))
        if not found.is_whole:
            timeline.write(
                session,
                None,
                "roster_reminder",
                who=DESK,
                now=now,
                words_for={"days": AHEAD, "gaps": gaps, "doubles": doubles},
                data={"gaps": gaps, "doubles": doubles},
            )
            tell_leader(
                session,
                Purpose.ROSTER,
                f"roster:{local.date()}",
                now=now,
                rules=services.rules,
                channels=WRITTEN,
            )
    return not found.is_whole
