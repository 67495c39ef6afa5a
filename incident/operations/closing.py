"""Review, archive, reopen."""

from sqlalchemy.orm import Session

from incident import words
from incident.errors import FieldError, Forbidden, InvalidInput
from incident.inputs.actions import Archive, Reopen, ReviewText
from incident.models import FollowUp, Incident, Review
from incident.operations import alerts, facts, steps, timeline
from incident.operations.context import Context
from notifications.text import Purpose
from workflows.lifecycle import Action, Role

MAY_REVIEW = (Role.DUTY_OFFICER, Role.DUTY_LEADER, Role.COMMANDER)


def review(session: Session, incident: Incident, bring: ReviewText, context: Context) -> Review:
    """总结评估: write the review, or write it anew until the archive."""
    if not context.who.may_be(*MAY_REVIEW):
        raise Forbidden("wrong-role", role=Role.DUTY_OFFICER)
    row = session.get(Review, incident.id) or Review(incident_id=incident.id)
    row.course, row.well, row.not_well = bring.course, bring.well, bring.not_well
    row.written_by, row.written_at = context.who.person, context.now
    session.add(row)
    timeline.write(session, incident, "review", who=context.who, now=context.now)
    return row


def archive(session: Session, incident: Incident, bring: Archive, context: Context) -> None:
    """归档: review, follow-ups with owner and date, the decision on personal data.

    突发事件应对法 art. 85 (personal data destroyed after use) and art. 94 (archive).
    """
    steps.check(incident, Action.ARCHIVE, context.who)
    today = context.rules.day(context.now)
    late = [index for index, item in enumerate(bring.follow_ups) if item.due_on < today]
    if late:
        raise InvalidInput([FieldError(f"follow_ups.{i}.due_on", "in-past") for i in late])
    row = session.get(Review, incident.id) or Review(incident_id=incident.id)
    row.course, row.well = bring.review.course, bring.review.well
    row.not_well = bring.review.not_well
    row.personal_data = bring.personal_data.decision
    row.personal_data_reason = bring.personal_data.reason
    row.written_by, row.written_at = context.who.person, context.now
    session.add(row)
    session.add_all(
        FollowUp(incident_id=incident.id, what=item.what, owner=item.owner, due_on=item.due_on)
        for item in bring.follow_ups
    )
    steps.take(
        session,
        incident,
        Action.ARCHIVE,
        context,
        words_for={
            "count": len(bring.follow_ups),
            "decision": words.label("personal_data", bring.personal_data.decision),
        },
        data={
            "follow_ups": [
                {"what": item.what, "owner": item.owner, "due_on": item.due_on.isoformat()}
                for item in bring.follow_ups
            ],
            "personal_data": bring.personal_data.decision,
        },
    )


def reopen(session: Session, incident: Incident, bring: Reopen, context: Context) -> None:
    """重启: back to the response with its clocks; the people of a response are called out."""
    steps.take(
        session,
        incident,
        Action.REOPEN,
        context,
        words_for={"reason": bring.reason},
    )
    alerts.start(
        session,
        incident,
        Purpose.REOPENED,
        facts=facts.current(session, incident.id),
        rules=context.rules,
        now=context.now,
        occasion=context.now.isoformat(),
    )
