"""What a briefing is called: the number of its issue, and the file in which it is kept."""

from sqlalchemy.orm import Session

from incident import words
from incident.documents import Status
from incident.models import Briefing, Incident
from incident.operations import numbers
from incident.operations.context import Context

NUMBERED = frozenset({"progress", "special"})


def take_number(session: Session, incident: Incident, context: Context, *, is_order: bool) -> str:
    """Take the next number of the year in the transaction of the issue, so that none is skipped."""
    named = {
        "code": words.label("briefings", "order_code" if is_order else "code"),
        "drill": words.label("briefings", "drill_code") if incident.drill else "",
        "year": context.rules.day(context.now).year,
    }
    series = words.phrase("briefings", "series", named)
    taken = {"series": series, "number": numbers.take(session, series)}
    return words.phrase("briefings", "number", taken)


def file_name(incident: Incident, briefing: Briefing) -> str:
    """Return the name of a PDF, a drill's with its mark: 【演练】初报_SP20261123-001.pdf."""
    is_numbered = briefing.kind in NUMBERED or briefing.sequence > 1
    is_issued = briefing.status == Status.ISSUED
    return words.phrase(
        "briefings",
        "file",
        {
            "drill": words.label("briefings", "file_drill") if incident.drill else "",
            "kind": words.label("briefing_kinds", briefing.kind),
            "sequence": briefing.sequence if is_numbered else "",
            "draft": "" if is_issued else words.label("briefings", "file_draft"),
            "incident": incident.number,
        },
    )
