"""Before a response: verify, dismiss, merge, transfer."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident import words
from incident.errors import Conflict, FieldError, Forbidden, InvalidInput
from incident.inputs.actions import Dismiss, Merge, Transfer, Verify
from incident.models import Entry, Incident
from incident.operations import callouts, facts, steps, timeline
from incident.operations.clocks import OVER
from incident.operations.context import Context
from incident.who import Who
from notifications.text import Purpose
from workflows.lifecycle import Action, Role, Transition

PROPOSED, RETURNED = "dismiss_proposed", "dismiss_returned"


def verify(session: Session, incident: Incident, bring: Verify, context: Context) -> None:
    """核实: the report is real, or near enough to be graded."""
    steps.take(
        session,
        incident,
        Action.VERIFY,
        context,
        words_for={"conclusion": bring.conclusion, "differences": _differences(bring)},
        data={"differs": bring.differences is not None},
    )


def dismiss(session: Session, incident: Incident, bring: Dismiss, context: Context) -> None:
    """排除: the duty officer proposes, a duty leader who is somebody else confirms.

    The reporter is not to blame (突发公共卫生事件应对法 art. 32).
    """
    row = steps.check(incident, Action.DISMISS, context.who)
    proposer = dismissal_proposer(session, incident)
    if only_proposes(row, context.who, proposer):
        _propose_dismissal(session, incident, bring, context)
        return
    if proposer is None:
        raise Conflict("needs-proposal", role=Role.DUTY_OFFICER)
    if proposer == context.who.id:
        raise Forbidden("own-proposal")
    steps.take(
        session,
        incident,
        Action.DISMISS,
        context,
        words_for={"reason": bring.reason},
        data={"proposer": proposer},
    )
    callouts.send(
        session,
        incident,
        Purpose.DISMISSED,
        callouts.called(session, incident),
        facts=facts.current(session, incident.id),
        rules=context.rules,
        now=context.now,
    )


def only_proposes(row: Transition, who: Who, proposer: int | None) -> bool:
    """Tell whether this person's step is the proposal: he may not confirm, or nobody proposed."""
    return who.may_be(*row.proposers) and (proposer is None or not who.may_be(row.role))


def dismissal_proposer(session: Session, incident: Incident) -> int | None:
    """Return who proposed to dismiss the incident as it stands, None when nobody did.

    A proposal lapses when the incident is verified after it, or when it is sent back.
    """
    row = session.execute(
        select(Entry.type, Entry.actor_id)
        .where(
            Entry.incident_id == incident.id, Entry.type.in_([PROPOSED, RETURNED, Action.VERIFY])
        )
        .order_by(Entry.seq.desc())
        .limit(1)
    ).first()
    return row.actor_id if row and row.type == PROPOSED else None


def merge(session: Session, incident: Incident, bring: Merge, context: Context) -> None:
    """并案: this incident goes into another; both numbers stay readable."""
    steps.check(incident, Action.MERGE, context.who)
    into = _target(session, incident, bring.into)
    incident.merged_into = into.id
    steps.touch(into, context)
    steps.take(
        session,
        incident,
        Action.MERGE,
        context,
        words_for={"into": into.number, "reason": bring.reason},
        data={"into": into.number},
    )
    timeline.write(
        session,
        into,
        "merged_here",
        who=context.who,
        now=context.now,
        words_for={"number": incident.number, "reason": bring.reason},
        data={"from": incident.number},
    )


def transfer(session: Session, incident: Incident, bring: Transfer, context: Context) -> None:
    """移交: another office has accepted it."""
    steps.take(
        session,
        incident,
        Action.TRANSFER,
        context,
        words_for={"office": bring.office, "acceptance": bring.acceptance},
        data={"office": bring.office},
    )


def _differences(bring: Verify) -> str:
    if bring.differences is None:
        return ""
    return words.phrase("common", "differences", {"differences": bring.differences})


def _propose_dismissal(
    session: Session, incident: Incident, bring: Dismiss, context: Context
) -> None:
    steps.touch(incident, context)
    timeline.write(
        session,
        incident,
        PROPOSED,
        who=context.who,
        now=context.now,
        words_for={"reason": bring.reason},
    )


def _target(session: Session, incident: Incident, number: str) -> Incident:
    into = session.scalar(select(Incident).where(Incident.number == number).with_for_update())
    if into is None or into.id == incident.id:
        raise InvalidInput([FieldError("into", "no-such-incident")])
    if into.drill != incident.drill:
        raise InvalidInput([FieldError("into", "drill-and-real")])
    if into.state in OVER:
        raise InvalidInput([FieldError("into", "incident-over")])
    return into
