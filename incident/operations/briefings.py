"""Briefings: draft, revise, look at, issue; an issued one is never changed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident import words
from incident.documents import OfficialDocument, Status, from_json, to_json
from incident.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound
from incident.gaps import missing
from incident.inputs.briefings import FIELDS, BriefingText
from incident.models import Briefing, Incident, Rendering
from incident.operations import (
    briefing_contents,
    briefing_names,
    briefing_prints,
    briefing_turns,
    clocks,
    timeline,
)
from incident.operations.briefing_sources import Stored, frozen, read
from incident.operations.briefing_turns import ORDER
from incident.operations.context import Context
from incident.rulebook import Rulebook
from incident.who import Who
from workflows.lifecycle import Role

KINDS = tuple(FIELDS)
COMPLETE = frozenset({"final", "special", ORDER})  # issued with every fact or not at all
MAY_DRAFT = (Role.DUTY_OFFICER, Role.DUTY_LEADER, Role.COMMANDER)
# 签发 is the leader's own act, and a two-hour clock must not wait for a second leader: whoever may
# issue may also have drafted. Starting a response is the commander's decision, and so is its order.
MAY_ISSUE = (Role.DUTY_LEADER, Role.COMMANDER)
MAY_ORDER = (Role.COMMANDER,)
TITLE_LIMIT = 200


def draft(
    session: Session,
    incident: Incident,
    kind: str,
    context: Context,
    *,
    text: BriefingText | None = None,
) -> Briefing:
    """Begin a briefing of a kind and have it printed; one draft of a kind at a time.

    `incident` is held. Raise Conflict where the kind has no place yet, or has been had.
    """
    allow(context.who, MAY_DRAFT)
    if kind not in FIELDS:
        raise InvalidInput([FieldError("kind", "not-one-of")])
    there = of(session, incident.id)
    briefing_turns.check(incident, kind, there)
    briefing = Briefing(
        incident_id=incident.id,
        kind=kind,
        sequence=briefing_turns.next_sequence(kind, there),
        status=Status.DRAFT,
        title="",
        content={"text": {}},
        facts={},
        facts_version=0,
        head="",
        created_by=context.who.id,
        created_at=context.now,
    )
    _write(briefing, text)
    session.add(briefing)
    session.flush()
    preview(session, briefing, context)
    _tell(session, incident, "briefing_drafted", briefing, context)
    return briefing


def revise(
    session: Session, incident: Incident, briefing: Briefing, text: BriefingText, context: Context
) -> None:
    """Change the parts that people write; raise Conflict once it is issued. `incident` is held."""
    allow(context.who, MAY_DRAFT)
    _refuse_issued(session, briefing)
    _write(briefing, text)
    preview(session, briefing, context)


def preview(session: Session, briefing: Briefing, context: Context) -> Rendering:
    """Have a draft printed as it now stands; the same draft is printed once."""
    _refuse_issued(session, briefing)
    made = _noted(session, briefing, context.rules)
    newest = briefing_prints.rendering(session, briefing)
    if newest is not None and shows(newest, made):
        return newest
    briefing.digest = None
    return briefing_prints.order(session, briefing, _plain(made), context)


def issue(
    session: Session,
    incident: Incident,
    briefing: Briefing,
    context: Context,
    *,
    seen: str | None = None,
) -> Rendering:
    """签发: number it, freeze it, have it printed, stop the clocks that waited for it.

    `incident` is held. `seen` is the fingerprint of what the issuer looked at; when facts or
    words have changed since, Conflict "briefing-changed". What must be complete and is not
    raises InvalidInput "briefing-incomplete" that names what is missing.
    """
    allow(context.who, issuers(briefing.kind))
    _refuse_issued(session, briefing)
    made = _noted(session, briefing, context.rules)
    if seen is not None and seen != fingerprint(made):
        raise Conflict("briefing-changed")
    if briefing.kind in COMPLETE:
        _refuse_gaps(made)
    issued = _signed(session, incident, briefing, made, context)
    _freeze(briefing, issued, context)
    clocks.satisfy(session, incident, f"briefing:{briefing.kind}", at=context.now)
    incident.changed_at = context.now
    _tell(session, incident, "briefing_issued", briefing, context)
    return briefing_prints.order(session, briefing, _plain(issued), context)


def withdraw(
    session: Session,
    incident: Incident,
    briefing: Briefing,
    context: Context,
    *,
    reason: str | None = None,
) -> None:
    """撤回 a draft: nobody finds it any more, and its place goes to the next. `incident` is held.

    Raise Conflict for what was issued, which stays for ever.
    """
    allow(context.who, MAY_DRAFT)
    _refuse_issued(session, briefing)
    briefing.withdrawn_at, briefing.sequence = context.now, -briefing.id
    _tell(session, incident, "briefing_withdrawn", briefing, context, reason=reason)


def of(session: Session, incident_id: int) -> list[Briefing]:
    """Return the briefings of an incident, the newest first, without those withdrawn."""
    query = select(Briefing).where(
        Briefing.incident_id == incident_id, Briefing.withdrawn_at.is_(None)
    )
    return list(session.scalars(query.order_by(Briefing.id.desc())))


def find(session: Session, incident: Incident, briefing_id: int) -> Briefing:
    """Return a briefing of this incident; raise NotFound, also for one withdrawn."""
    found = session.get(Briefing, briefing_id)
    if found is None or found.incident_id != incident.id or found.withdrawn_at is not None:
        raise NotFound
    return found


def stored(session: Session, briefing: Briefing, rules: Rulebook) -> Stored:
    """Return all that a draft of this briefing may say today."""
    incident = session.get_one(Incident, briefing.incident_id)
    return read(session, incident, rules, before=briefing)


def document(session: Session, briefing: Briefing, rules: Rulebook) -> OfficialDocument:
    """Return what was issued, or what a draft says today."""
    if is_issued(briefing):
        return _read(briefing.content["document"])
    return briefing_contents.compose(stored(session, briefing, rules), briefing)


def printed(session: Session, briefing: Briefing) -> str | None:
    """Return the digest of the PDF in the store: of the issued one, or of a draft's last print."""
    return briefing.digest


def is_issued(briefing: Briefing) -> bool:
    """Tell whether it was issued, after which it never changes."""
    return briefing.status == Status.ISSUED


def issuers(kind: str) -> tuple[Role, ...]:
    """Return who may issue a document of a kind."""
    return MAY_ORDER if kind == ORDER else MAY_ISSUE


def shows(row: Rendering, made: OfficialDocument) -> bool:
    """Tell whether what was ordered to be printed still is what the document says."""
    return not briefing_prints.has_failed(row) and fingerprint(_read(row.document)) == fingerprint(
        made
    )


def fingerprint(made: OfficialDocument) -> str:
    """Return the SHA-256 of all that a reader sees, but for the place in the chain."""
    return hashlib.sha256(to_json(replace(made, facts_version=0, chain_head=None))).hexdigest()


def allow(who: Who, roles: tuple[Role, ...]) -> None:
    """Raise Forbidden for people who have none of the roles."""
    if not who.may_be(*roles):
        raise Forbidden("wrong-role", role=roles[0])


def _refuse_issued(session: Session, briefing: Briefing) -> None:
    session.refresh(briefing, ["status"])
    if is_issued(briefing):
        raise Conflict("briefing-issued")


def _refuse_gaps(made: OfficialDocument) -> None:
    lacking = missing(made)
    if lacking:
        errors = [FieldError(name, "required") for name in lacking]
        raise InvalidInput(errors, "briefing-incomplete")


def _write(briefing: Briefing, text: BriefingText | None) -> None:
    """Take in what was written; refuse what has no place in a briefing of this kind."""
    if text is None:
        return
    stated = text.model_dump(mode="json", exclude_unset=True)
    strange = [name for name in stated if name not in FIELDS[briefing.kind]]
    if strange:
        raise InvalidInput([FieldError(name, "unknown-field") for name in strange])
    kept = {**briefing.content["text"], **stated}
    briefing.content = {"text": {name: value for name, value in kept.items() if value}}


def _noted(session: Session, briefing: Briefing, rules: Rulebook) -> OfficialDocument:
    """Compose the draft on the facts as they are, and let its row say which those were."""
    found = stored(session, briefing, rules)
    briefing.title = briefing_contents.title(found, briefing)[:TITLE_LIMIT]
    briefing.facts = frozen(found)
    briefing.facts_version, briefing.head = found.seq, found.head
    return briefing_contents.compose(found, briefing)


def _signed(
    session: Session,
    incident: Incident,
    briefing: Briefing,
    made: OfficialDocument,
    context: Context,
) -> OfficialDocument:
    is_order = briefing.kind == ORDER
    return replace(
        made,
        status=Status.ISSUED,
        number=briefing_names.take_number(session, incident, context, is_order=is_order),
        issued_at=context.now,
        signer=context.who.display,
        signer_post=words.label("briefings", "commander") if is_order else None,
    )


def _freeze(briefing: Briefing, issued: OfficialDocument, context: Context) -> None:
    briefing.status, briefing.number = Status.ISSUED, issued.number
    briefing.issued_by, briefing.issued_at = context.who.id, context.now
    briefing.content = {**briefing.content, "document": _plain(issued)}
    briefing.digest = None


def _tell(
    session: Session,
    incident: Incident,
    type: str,
    briefing: Briefing,
    context: Context,
    *,
    reason: str | None = None,
) -> None:
    why = words.phrase("briefings", "why", {"reason": reason}) if reason else ""
    timeline.write(
        session,
        incident,
        type,
        who=context.who,
        now=context.now,
        words_for={"title": briefing.title, "number": briefing.number or "", "why": why},
        data={"briefing": briefing.id, "kind": briefing.kind, "number": briefing.number},
    )


def _plain(made: OfficialDocument) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(to_json(made))
    return plain


def _read(plain: Mapping[str, Any]) -> OfficialDocument:
    return from_json(json.dumps(plain).encode())
