"""Moments that only facts tell: since when a risk is known, or a referral approved."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from incident.errors import FieldError, InvalidInput
from incident.models import Incident
from incident.operations import clocks, facts
from incident.operations.context import Context

TOLD: Mapping[str, str] = {
    "risk_known_at": "risk_known",
    "referral_approved_at": "referral_approved",
}
"""Facts by name, and the moment of workflows.clocks.BASES that each one tells."""


def keep(session: Session, incident: Incident, changed: Iterable[str], context: Context) -> None:
    """Let clocks count from the moments that changed facts tell; nothing else is touched.

    Where a moment was corrected or withdrawn, what still ran from the old one ends without a
    trace of lateness: it was never owed.
    """
    names = [name for name in changed if name in TOLD]
    if not names:
        return
    known = facts.current(session, incident.id)
    for name in names:
        _set(session, incident, TOLD[name], _moment(name, known.get(name), context), context)
    session.flush()
    clocks.start(
        session, incident, facts=facts.for_rules(known), now=context.now, rules=context.rules
    )


def _moment(name: str, value: str | None, context: Context) -> str | None:
    if value is not None and datetime.fromisoformat(value) > context.now:
        raise InvalidInput([FieldError(f"facts.{name}", "in-future")])
    return value


def _set(
    session: Session, incident: Incident, base: str, value: str | None, context: Context
) -> None:
    before = incident.moments.get(base)
    if before == value:
        return
    if before is not None:
        _end(session, incident, base, datetime.fromisoformat(before), context)
    others = {name: moment for name, moment in incident.moments.items() if name != base}
    incident.moments = others | ({base: value} if value else {})


def _end(
    session: Session, incident: Incident, base: str, since: datetime, context: Context
) -> None:
    plan = context.rules.library.plan(incident.plan)
    rules = {clock.id for clock in plan.clocks if base in clock.starts}
    for clock in clocks.running_or_done(session, incident):
        if clock.rule in rules and clock.starts_at == since and clock.satisfied_at is None:
            session.delete(clock)
