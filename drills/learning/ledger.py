"""The improvement ledger (改进台账): each weakness with owner, date, remedy and proof of its end.

Nobody closes an item that he owns.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, select, true
from sqlalchemy.orm import Session

from drills.models import DrillFile, DrillRun, Improvement
from incident.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound
from incident.inputs.base import Day, Input, Paragraph, Reason, Short
from incident.models import Incident, Role, User
from incident.operations import numbers, timeline
from incident.operations.context import Context
from incident.queries import scope
from workflows.library import PlanNotFound

SERIES = "GJ-"
OPEN, PROVEN, OVERDUE, CLOSED = "open", "proven", "overdue", "closed"
STATES = (OPEN, OVERDUE, PROVEN, CLOSED)


class Item(Input):
    """A weakness as it is entered; `owner` is an account's name, `incident` a number."""

    weakness: Reason
    remedy: Reason
    owner: Short
    due_on: Day
    drill: Short | None = None
    source: Short | None = None
    incident: Short | None = None
    edition: Short | None = None


class Change(Input):
    """What may be changed of an item while it is open."""

    remedy: Reason
    owner: Short
    due_on: Day
    edition: Short | None = None


class Proof(Input):
    """What shows that the weakness is mended."""

    text: Paragraph


class Refusal(Input):
    """Why a proof is not one."""

    reason: Reason


def enter(session: Session, item: Item, owners: Collection[str], context: Context) -> Improvement:
    """Enter a weakness; one that the same source of a drill showed before is returned as it is.

    Of a drill only after its end: until then its players may not know what was missed.
    """
    run = _run(session, item.drill)
    if (known := shown_by(session, item.drill, item.source)) is not None:
        return known
    _check(item.due_on, item.edition, context)
    incident = _incident(session, item.incident, context)
    year = f"{SERIES}{context.rules.day(context.now).year}"
    row = Improvement(
        number=f"{year}-{numbers.take(session, year):03d}",
        drill=run.key if run else None,
        scenario=run.scenario if run else None,
        source=item.source,
        incident_id=incident.id if incident else None,
        weakness=item.weakness,
        remedy=item.remedy,
        owner_id=_owner(session, item.owner, owners).id,
        due_on=item.due_on,
        entered_by=context.who.person,
        entered_at=context.now,
        edition=item.edition,
    )
    session.add(row)
    session.flush()
    _note(session, row, "improvement_entered", context)
    return row


def change(
    session: Session, number: str, brought: Change, owners: Collection[str], context: Context
) -> Improvement:
    """Give an open item another owner, date, remedy or answering edition."""
    row = _hold_open(session, number)
    if brought.due_on != row.due_on:
        _check_day(brought.due_on, context)
    _check_edition(brought.edition, context)
    row.owner_id = _owner(session, brought.owner, owners).id
    row.remedy, row.due_on, row.edition = brought.remedy, brought.due_on, brought.edition
    _note(session, row, "improvement_changed", context)
    return row


def prove(
    session: Session, number: str, proof: Proof, file: DrillFile | None, context: Context
) -> Improvement:
    """Say what shows that an item is done; somebody else then closes it."""
    row = _hold_open(session, number)
    row.evidence, row.evidenced_at = proof.text, context.now
    row.file_id = file.id if file else row.file_id
    _note(session, row, "improvement_proven", context)
    return row


def refuse(session: Session, number: str, refusal: Refusal, context: Context) -> Improvement:
    """Send a proof back; the item is as open as before, and the reason is kept in the log."""
    row = _hold_proven(session, number, context)
    row.evidenced_at = None
    _note(session, row, "improvement_refused", context, reason=refusal.reason)
    return row


def close(session: Session, number: str, context: Context) -> Improvement:
    """Close an item whose proof holds; raise Forbidden for its owner, Conflict without a proof."""
    row = _hold_proven(session, number, context)
    row.closed_at, row.closed_by = context.now, context.who.person
    _note(session, row, "improvement_closed", context)
    return row


def find(session: Session, number: str) -> Improvement:
    """Return an item; raise NotFound."""
    row = session.scalar(select(Improvement).where(Improvement.number == number))
    if row is None:
        raise NotFound
    return row


def listed(session: Session, *, edition: str | None = None) -> Sequence[Improvement]:
    """Return the items, those not closed first, the next due before."""
    wanted = true() if edition is None else Improvement.edition == edition
    return session.scalars(_ordered(wanted)).all()


def unclosed(session: Session, scenario: str) -> Sequence[Improvement]:
    """Return the items of a scenario's drills that are not closed, the next due first."""
    wanted = (Improvement.scenario == scenario) & Improvement.closed_at.is_(None)
    return session.scalars(_ordered(wanted)).all()


def of_run(session: Session, run: DrillRun) -> Sequence[Improvement]:
    """Return the items that a run showed, in the order of their numbers."""
    query = select(Improvement).where(Improvement.drill == run.key).order_by(Improvement.id)
    return session.scalars(query).all()


def shown_by(session: Session, drill: str | None, source: str | None) -> Improvement | None:
    """Return the item that a source of a drill showed, None where it showed none yet."""
    if drill is None or source is None:
        return None
    query = select(Improvement).where(Improvement.drill == drill, Improvement.source == source)
    return session.scalar(query)


def state(row: Improvement, day: date) -> str:
    """Return open, overdue, proven or closed; a proof that waits for its check is not overdue."""
    if row.closed_at is not None:
        return CLOSED
    if row.evidenced_at is not None:
        return PROVEN
    return OVERDUE if row.due_on < day else OPEN


def owners(session: Session, roles: Collection[str]) -> Sequence[User]:
    """Return who may own an item: accounts in use with one of these roles."""
    query = select(User).where(User.disabled_at.is_(None), _in_roles(roles))
    return session.scalars(query.order_by(User.display, User.id)).all()


def _ordered(wanted: ColumnElement[bool]) -> Select[Improvement]:
    return (
        select(Improvement)
        .where(wanted)
        .order_by(Improvement.closed_at.is_not(None), Improvement.due_on, Improvement.id)
    )


def _in_roles(roles: Collection[str]) -> ColumnElement[bool]:
    has = select(Role.user_id).where(
        Role.user_id == User.id, Role.role.in_([str(role) for role in roles])
    )
    return has.exists()


def _owner(session: Session, name: str, roles: Collection[str]) -> User:
    query = select(User).where(User.name == name, User.disabled_at.is_(None), _in_roles(roles))
    user = session.scalar(query)
    if user is None:
        raise InvalidInput([FieldError("owner", "no-such-person")])
    return user


def _run(session: Session, key: str | None) -> DrillRun | None:
    if key is None:
        return None
    run = session.scalar(select(DrillRun).where(DrillRun.key == key).with_for_update())
    if run is None:
        raise InvalidInput([FieldError("drill", "no-such-drill")])
    if run.ended_at is None:
        raise Conflict("drill-not-ended")
    return run


def _incident(session: Session, number: str | None, context: Context) -> Incident | None:
    if number is None:
        return None
    query = scope.incidents(context.who).where(Incident.number == number, Incident.drill.is_(None))
    found: Incident | None = session.scalar(query)
    if found is None:
        raise InvalidInput([FieldError("incident", "no-such-incident")])
    return found


def _check(day: date, edition: str | None, context: Context) -> None:
    _check_day(day, context)
    _check_edition(edition, context)


def _check_day(day: date, context: Context) -> None:
    if day < context.rules.day(context.now):
        raise InvalidInput([FieldError("due_on", "day-past")])


def _check_edition(edition: str | None, context: Context) -> None:
    try:
        if edition is not None:
            context.rules.library.plan(edition)
    except PlanNotFound as error:
        raise InvalidInput([FieldError("edition", "no-such-edition")]) from error


def _hold_open(session: Session, number: str) -> Improvement:
    query = select(Improvement).where(Improvement.number == number).with_for_update()
    row = session.scalar(query)
    if row is None:
        raise NotFound
    if row.closed_at is not None:
        raise Conflict("improvement-closed")
    return row


def _hold_proven(session: Session, number: str, context: Context) -> Improvement:
    row = _hold_open(session, number)
    if row.evidenced_at is None:
        raise Conflict("improvement-unproven")
    if row.owner_id == context.who.id:
        raise Forbidden("own-improvement")
    return row


def _note(
    session: Session,
    row: Improvement,
    type: str,
    context: Context,
    **words_for: object,
) -> None:
    told: Mapping[str, object] = {"number": row.number, "weakness": row.weakness, **words_for}
    timeline.write(
        session,
        None,
        type,
        who=context.who,
        now=context.now,
        words_for=told,
        data={"improvement": row.number, "owner": row.owner_id, "due_on": row.due_on.isoformat()},
    )
