"""Which briefing has its turn: the order among those of one incident."""

from collections.abc import Sequence

from incident.documents import Status
from incident.errors import Conflict
from incident.models import Briefing, Incident
from incident.operations import clocks

ORDER = "activation_order"
ONCE = frozenset({"initial", ORDER})


def check(incident: Incident, kind: str, there: Sequence[Briefing]) -> None:
    """Raise Conflict where a draft lies open or the document has no place in the order."""
    issued = [row for row in there if row.status == Status.ISSUED]
    for row in there:
        if row.kind == kind and row.status == Status.DRAFT:
            raise Conflict("briefing-open", id=row.id)
    if kind == "progress" and not any(row.kind == "initial" for row in issued):
        raise Conflict("briefing-needs-initial")
    if kind == ORDER and "activated" not in incident.moments:
        raise Conflict("briefing-needs-activation")
    if kind in ONCE and any(row.kind == kind for row in issued):
        raise Conflict("briefing-had")
    if kind == "final" and _is_over(incident, issued):
        raise Conflict("briefing-had")


def refusal(incident: Incident, kind: str, there: Sequence[Briefing]) -> str | None:
    """Return the code of what speaks against beginning a briefing of a kind now."""
    try:
        check(incident, kind, there)
    except Conflict as error:
        return error.code
    return None


def next_sequence(kind: str, there: Sequence[Briefing]) -> int:
    """Return the place of a new briefing among those of its kind, from 1."""
    return max((row.sequence for row in there if row.kind == kind), default=0) + 1


def _is_over(incident: Incident, issued: list[Briefing]) -> bool:
    """Tell whether a final briefing came after the last termination."""
    ended = clocks.moments_of(incident).get("terminated")
    finals = [row.issued_at for row in issued if row.kind == "final" and row.issued_at]
    return bool(finals) and (ended is None or max(finals) >= ended)
