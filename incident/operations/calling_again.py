"""一键重呼: call a person once more at once, by every way there is to him."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from incident import words
from incident.errors import Conflict
from incident.models import Alert, AlertPerson, OutgoingMessage
from incident.operations import calling, climbing, folding, timeline
from incident.operations.alert_states import CALLED, OPEN
from incident.rulebook import Rulebook
from incident.who import Who

PAUSE = timedelta(minutes=1)


def call_again(
    session: Session, person: AlertPerson, *, who: Who, now: datetime, rules: Rulebook
) -> None:
    """Queue a text and a call, and mail, to somebody who has not answered; his ladder goes on.

    Raise Conflict for one who is not called any more, or was called within the last minute.
    """
    alert = session.scalars(
        select(Alert).where(Alert.id == person.alert_id).with_for_update()
    ).one()
    session.refresh(person)
    if person.state not in OPEN or alert.ended_at is not None:
        raise Conflict("not-called-any-more")
    last, count = session.execute(
        select(func.max(OutgoingMessage.created_at), func.count()).where(
            OutgoingMessage.alert_person_id == person.id
        )
    ).one()
    if last is not None and now - last < PAUSE:
        raise Conflict("just-called")
    on = climbing.occasion(session, alert, rules=rules)
    step = (person, len(person.ladder) + count, list(person.addresses))
    rows = calling.rows(on, [step], now=now)
    folding.queue(session, rows, now=now, is_first=True)
    person.state, person.called_at = CALLED, person.called_at or now
    channels = [words.label("channels", row["channel"]) for row in rows]
    timeline.write(
        session,
        on.incident,
        "called_again",
        who=who,
        now=now,
        words_for={
            "person": person.person,
            "channels": words.label("common", "between").join(channels),
        },
        data={"alert": alert.id, "person": person.id},
    )
