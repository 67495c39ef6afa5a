"""Hand the watch over (交接班): one officer signs what there is, another takes it item by item."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from incident import words
from incident.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound
from incident.inputs.watchkeeping import RefuseInput, SignInput, TakeInput
from incident.models import Handover, HandoverItem
from incident.operations import relief, signing, timeline
from incident.operations.context import Context
from incident.operations.relief import (
    ACCEPTED,
    OPEN,
    PARTLY,
    REFUSED,
    RUNNING,
    SIGNED,
    WITHDRAWN,
    Change,
)
from incident.operations.relief_messages import tell_leader
from notifications.text import Purpose
from workflows.lifecycle import Role

OFFERED = "offered"
MAY_KEEP = (Role.DUTY_OFFICER, Role.DUTY_LEADER)
Packet = Mapping[str, Any]


def begin(session: Session, change: Change, packet: Packet, context: Context) -> Handover:
    """Open a handover with the packet frozen; raise Conflict while one is under way."""
    _allow(context)
    if relief.running(session, change) is not None:
        raise Conflict("handover-open")
    before = select(func.max(Handover.round)).where(
        Handover.post == change.post, Handover.due_at == change.due_at
    )
    row = Handover(
        post=change.post,
        post_name=change.name,
        due_at=change.due_at,
        round=(session.scalar(before) or 0) + 1,
        state=OPEN,
        from_id=context.who.person,
        from_name=context.who.display,
        rostered_from=change.leaves,
        rostered_to=change.comes,
        packet=dict(packet),
        digest=signing.digest(packet),
        checklist=[],
        opened_at=context.now,
    )
    session.add(row)
    session.flush()
    _tell(session, row, "handover_opened", context, items=len(packet["items"]))
    return row


def renew(session: Session, row: Handover, packet: Packet, context: Context) -> None:
    """Freeze the packet anew, before anybody has signed it."""
    _only(row.state == OPEN, "handover-signed")
    _own(row, context)
    row.packet, row.digest, row.opened_at = dict(packet), signing.digest(packet), context.now
    _tell(session, row, "handover_renewed", context, items=len(packet["items"]))


def sign(session: Session, row: Handover, bring: SignInput, context: Context) -> None:
    """Let who leaves sign the packet, with the equipment list and what he wants to be known."""
    _only(row.state == OPEN, "handover-signed")
    _own(row, context)
    signing.confirm(session, context.who, bring.password)
    row.checklist = [one.model_dump() for one in bring.checklist]
    row.note, row.state, row.signed_at = bring.note, SIGNED, context.now
    row.signature = signing.digest(_covered(row, context))
    session.add_all(
        HandoverItem(
            handover_id=row.id,
            place=place,
            kind=item["kind"],
            key=item["key"],
            title=item["title"],
            state=OFFERED,
        )
        for place, item in enumerate(row.packet["items"])
    )
    _tell(session, row, "handover_signed", context, items=len(row.packet["items"]))


def take(session: Session, row: Handover, bring: TakeInput, context: Context) -> None:
    """Let who comes take the items, each or with a reason why not; nobody relieves himself.

    What is not taken stays with who leaves, and the duty leader is told once. Later the same
    officer may take what was left; raise Conflict when there is nothing to take.
    """
    _only(row.state in (SIGNED, PARTLY), "handover-not-signed")
    _relieves(row, context)
    open_items = [item for item in items(session, row) if item.state != ACCEPTED]
    _check_reasons(open_items, bring)
    signing.confirm(session, context.who, bring.password)
    for item in open_items:
        _decide(session, item, bring, context)
    left = [item for item in items(session, row) if item.state != ACCEPTED]
    taken = len(row.packet["items"]) - len(left)
    row.state = (PARTLY if taken else REFUSED) if left else ACCEPTED
    _close(session, row, context, left)


def refuse(session: Session, row: Handover, bring: RefuseInput, context: Context) -> None:
    """Let who comes refuse the whole: who leaves stays on duty, and the duty leader is told."""
    _only(row.state == SIGNED, "handover-not-signed")
    _relieves(row, context)
    signing.confirm(session, context.who, bring.password)
    left = items(session, row)
    for item in left:
        _set(item, REFUSED, bring.reason, context)
    row.state, row.reason = REFUSED, bring.reason
    _close(session, row, context, left)


def withdraw(session: Session, row: Handover, context: Context) -> None:
    """Take a handover back that nobody has answered."""
    _only(row.state in RUNNING, "handover-over")
    _own(row, context)
    row.state, row.closed_at = WITHDRAWN, context.now
    _tell(session, row, "handover_withdrawn", context)


def hold(session: Session, number: int) -> Handover:
    """Return a handover, locked until the commit; raise NotFound."""
    row = session.scalar(select(Handover).where(Handover.id == number).with_for_update())
    if row is None:
        raise NotFound
    return row


def items(session: Session, row: Handover) -> list[HandoverItem]:
    """Return the items of a signed handover in their order."""
    query = select(HandoverItem).where(HandoverItem.handover_id == row.id)
    return list(session.scalars(query.order_by(HandoverItem.place)))


def _allow(context: Context) -> None:
    if not context.who.may_be(*MAY_KEEP):
        raise Forbidden("wrong-role", role=Role.DUTY_OFFICER)


def _only(is_so: bool, code: str) -> None:  # noqa: FBT001 - a plain condition
    if not is_so:
        raise Conflict(code)


def _own(row: Handover, context: Context) -> None:
    if row.from_id != context.who.id:
        raise Forbidden("not-leaving")


def _relieves(row: Handover, context: Context) -> None:
    """Refuse who would relieve himself, and who comes after another has begun to take over."""
    _allow(context)
    if row.from_id == context.who.id:
        raise Forbidden("own-relief")
    if row.to_id not in (None, context.who.id):
        raise Forbidden("not-relieving")


def _check_reasons(open_items: Sequence[HandoverItem], bring: TakeInput) -> None:
    silent = [
        FieldError(f"reasons.{item.id}", "required")
        for item in open_items
        if item.id not in bring.accepted and item.id not in bring.reasons
    ]
    if silent:
        raise InvalidInput(silent)


def _decide(session: Session, item: HandoverItem, bring: TakeInput, context: Context) -> None:
    if item.id not in bring.accepted:
        _set(item, REFUSED, bring.reasons[item.id], context)
        return
    _set(item, ACCEPTED, None, context)
    session.execute(
        update(HandoverItem)
        .where(
            HandoverItem.key == item.key,
            HandoverItem.state == REFUSED,
            HandoverItem.handover_id < item.handover_id,
        )
        .values(state=ACCEPTED, decided_by=context.who.id, decided_at=context.now)
    )


def _set(item: HandoverItem, state: str, reason: str | None, context: Context) -> None:
    item.state, item.reason = state, reason
    item.decided_by, item.decided_at = context.who.id, context.now


def _close(session: Session, row: Handover, context: Context, left: Sequence[HandoverItem]) -> None:
    """Write who took what, signed; tell the leader, once, of what nobody took."""
    row.to_id, row.to_name, row.closed_at = context.who.id, context.who.display, context.now
    decided = {item.key: [item.state, item.reason] for item in items(session, row)}
    row.countersignature = signing.digest(
        {**_covered(row, context), "of": row.signature, "items": decided}
    )
    told = words.label("common", "between").join(
        words.phrase("handovers", "left", {"title": item.title, "reason": item.reason})
        for item in left
    )
    _tell(
        session,
        row,
        f"handover_{row.state}",
        context,
        items=len(decided) - len(left),
        left=told,
        noted=_noted(row),
    )
    if left and row.paged_at is None:
        _page(session, row, context)


def _noted(row: Handover) -> str:
    """Return that somebody came whom the roster does not name, "" where it names nobody else."""
    is_other = row.rostered_to not in (None, row.to_id)
    return words.label("handovers", "not_rostered") if is_other else ""


def _page(session: Session, row: Handover, context: Context) -> None:
    row.paged_at = context.now
    people = tell_leader(
        session,
        Purpose.HANDOVER_LEFT,
        f"handover:{row.id}:left",
        now=context.now,
        rules=context.rules,
    )
    gap = words.label("common", "between")
    names = gap.join(people) or words.label("common", "nobody")
    _tell(session, row, "handover_paged", context, leaders=names)


def _covered(row: Handover, context: Context) -> dict[str, Any]:
    return {
        "handover": row.id,
        "post": row.post,
        "due_at": row.due_at.astimezone(UTC),
        "packet": row.digest,
        "checklist": row.checklist,
        "note": row.note,
        "signed_by": context.who.person,
        "signed_at": context.now.astimezone(UTC),
    }


def _tell(
    session: Session, row: Handover, type: str, context: Context, **words_for: object
) -> None:
    timeline.write(
        session,
        None,
        type,
        who=context.who,
        now=context.now,
        words_for={
            "post": row.post_name,
            "due": f"{row.due_at.astimezone(context.rules.zone):%m-%d %H:%M}",
            "leaves": row.from_name,
            "comes": row.to_name or "",
            **words_for,
        },
        data={
            "handover": row.id,
            "packet": row.digest,
            "signature": row.countersignature or row.signature,
        },
    )
