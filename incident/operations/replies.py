"""What people answer: kept as it came, then read by the engine, each once."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from incident.models import Alert, AlertPerson, Incident, OutgoingMessage, Reply, User
from incident.operations import alerts, calling, commtests, folding, refusals, timeline
from incident.operations.alert_states import ANSWERED
from incident.operations.clocks import OVER
from incident.rulebook import Rulebook
from incident.who import DESK
from notifications import replies as grammar
from notifications.replies import ANSWERS, Meaning, Parsed

SMS = "sms"
PASSIVE, MOST_PASSIVE = "passive", 5  # answers that help and change nothing, then silence
PASSIVE_WITHIN = timedelta(hours=24)
NAMED = 6  # codes, in the question which one is meant


def keep(
    session: Session,
    *,
    provider: str,
    provider_id: str,
    channel: str,
    sender: str,
    body: str,
    drill: bool,
    now: datetime,
    message_code: str | None = None,
) -> None:
    """Keep a reply; one that came before under the provider's id changes nothing.

    `message_code` is the message that it answers, None where the provider does not say.
    """
    same = select(Reply.id).where(Reply.provider == provider, Reply.provider_id == provider_id)
    if session.scalar(same) is not None:
        return
    session.add(
        Reply(
            provider=provider,
            provider_id=provider_id,
            channel=channel,
            sender=sender,
            message_code=message_code,
            body=body,
            drill=drill,
            came_at=now,
        )
    )


def waiting(session: Session, *, limit: int) -> list[int]:
    """Return the ids of replies that nobody has read, in the order in which they came."""
    query = select(Reply.id).where(Reply.read_at.is_(None)).order_by(Reply.id)
    return list(session.scalars(query.limit(limit)))


def read(session: Session, id: int, *, now: datetime, rules: Rulebook) -> None:
    """Read one reply: what it answers, and what the desk says to it.

    Who is not known to the desk gets no answer, and his number is not kept.
    """
    reply = session.scalar(
        select(Reply).where(Reply.id == id, Reply.read_at.is_(None)).with_for_update()
    )
    if reply is None:
        return
    reply.read_at = now
    if reply.channel != SMS:
        _key(session, reply, now)
        return
    parsed = grammar.parse(reply.body)
    reply.meaning = parsed.meaning
    called = _called(session, reply)
    if parsed.meaning is Meaning.STOP:
        refusals.alarm(session, reply, now=now, rules=rules)
    elif _of_test(session, reply, parsed, called, now):
        return
    elif called:
        _answer(session, reply, parsed, called, now=now, rules=rules)
    else:
        _stranger(session, reply, now)


def _key(session: Session, reply: Reply, now: datetime) -> None:
    """Take a key in a call for the answer of everybody whom the call was for."""
    meaning = grammar.of_key(reply.body)
    reply.meaning = meaning
    message = session.scalar(
        select(OutgoingMessage).where(OutgoingMessage.code == reply.message_code)
    )
    if message is None or meaning not in ANSWERS or commtests.pressed(session, message, now):
        return
    for person in folding.people_of(session, message):
        reply.alert_person_id = person.id
        alerts.answer(session, person, meaning, by="keypad", now=now)


def _called(session: Session, reply: Reply) -> list[tuple[AlertPerson, Alert]]:
    """Return whom the desk has called under the sender's number, the newest call first."""
    rows = session.execute(
        select(AlertPerson, Alert)
        .join(Alert, Alert.id == AlertPerson.alert_id)
        .where(
            AlertPerson.id.in_(
                select(OutgoingMessage.alert_person_id).where(OutgoingMessage.to == reply.sender)
            ),
            Alert.drill.is_not(None) if reply.drill else Alert.drill.is_(None),
        )
        .order_by(AlertPerson.id.desc())
    )
    return [(person, alert) for person, alert in rows]


def _of_test(
    session: Session,
    reply: Reply,
    parsed: Parsed,
    called: Sequence[tuple[AlertPerson, Alert]],
    now: datetime,
) -> bool:
    """Take a reply for the answer to a test of communication, where no open alert can be meant."""
    if parsed.meaning not in ANSWERS or any(
        alert.ended_at is None and parsed.code in (None, person.code) for person, alert in called
    ):
        return False
    found = commtests.answered(session, reply.sender, parsed.code, drill=reply.drill, now=now)
    return found is not None


def _answer(
    session: Session,
    reply: Reply,
    parsed: Parsed,
    called: Sequence[tuple[AlertPerson, Alert]],
    *,
    now: datetime,
    rules: Rulebook,
) -> None:
    """Find the one alert that is meant; where there is none, say what would be right."""
    if parsed.meaning not in ANSWERS:
        _say(session, reply, "help", called[0], now=now, rules=rules, code=called[0][0].code)
        return
    meant = [pair for pair in called if parsed.code == pair[0].code][:1]
    if parsed.code is None:
        meant = [pair for pair in called if pair[1].ended_at is None] or list(called[:1])
    if not meant:
        _say(session, reply, "unknown_code", called[0], now=now, rules=rules)
    elif len(meant) > 1:
        codes = "、".join(person.code for person, _ in meant[:NAMED])
        count = str(len(meant))
        _say(session, reply, "which", meant[0], now=now, rules=rules, count=count, codes=codes)
    else:
        _take(session, reply, parsed.meaning, meant[0], now=now, rules=rules)


def _take(
    session: Session,
    reply: Reply,
    meaning: Meaning,
    meant: tuple[AlertPerson, Alert],
    *,
    now: datetime,
    rules: Rulebook,
) -> None:
    """Take in an answer and confirm it, once; one that changes nothing is confirmed sparingly."""
    person, _ = meant
    reply.alert_person_id = person.id
    is_news = person.answer != meaning
    incident = session.get_one(Incident, person.incident_id)
    if incident.state in OVER or not alerts.answer(session, person, meaning, by="reply", now=now):
        _say(session, reply, "over", meant, now=now, rules=rules)
        return
    _say(
        session,
        reply,
        meaning,
        meant,
        now=now,
        rules=rules,
        is_passive=not is_news,
        code=person.code,
    )


def _say(
    session: Session,
    reply: Reply,
    name: str,
    to: tuple[AlertPerson, Alert],
    *,
    now: datetime,
    rules: Rulebook,
    is_passive: bool = True,
    **values: str,
) -> None:
    """Answer a reply; what only helps is said a few times, then no more."""
    person, alert = to
    if is_passive and _said(session, reply.sender, now) >= MOST_PASSIVE:
        return
    drill = alert.drill is not None
    body = grammar.say(name, organisation=rules.organisation, drill=drill, values=values)
    incident = session.get_one(Incident, person.incident_id)
    row = calling.common(incident, now) | calling.counted(body)
    row["to"] = reply.sender
    session.add(
        OutgoingMessage(
            **row,
            code=secrets.token_hex(12),
            reason=f"{PASSIVE if is_passive else ANSWERED}:{reply.id}",
            user_id=person.user_id,
            person=person.person,
            channel=SMS,
        )
    )
    session.flush()


def _said(session: Session, to: str, now: datetime) -> int:
    query = select(func.count()).where(
        OutgoingMessage.to == to,
        OutgoingMessage.created_at > now - PASSIVE_WITHIN,
        OutgoingMessage.reason.startswith(PASSIVE),
    )
    return session.scalar(query) or 0


def _stranger(session: Session, reply: Reply, now: datetime) -> None:
    """Note that somebody wrote whom the desk has not called; nothing goes back."""
    known = session.scalar(select(User.id).where(User.phone == reply.sender).limit(1))
    reply.meaning = Meaning.UNKNOWN
    if known is None:
        reply.sender = ""
    timeline.write(session, None, "reply_unknown", who=DESK, now=now, data={"reply": reply.id})
