"""Alerts for tests: who is called, what has become of it, and time that goes on.

alert = newest_alert(services)
later(services, minutes=2)                # and everything that is due then has happened
assert steps(services) == {"duty_officer": "called", "duty_leader": "called"}
"""

from datetime import timedelta

from sqlalchemy import select

from incident.clock import FrozenClock
from incident.jobs.escalate import escalate
from incident.jobs.replies import read_replies
from incident.models import Alert, AlertPerson, Entry, Incident, OutgoingMessage, User
from incident.operations import alerts, replies
from incident.services import Services


def newest_alert(services: Services) -> Alert:
    """Return the alert that began last."""
    with services.reading() as session:
        return session.scalars(select(Alert).order_by(Alert.id.desc()).limit(1)).one()


def all_alerts(services: Services) -> list[Alert]:
    with services.reading() as session:
        return list(session.scalars(select(Alert).order_by(Alert.id)))


def people(services: Services, alert: Alert | None = None) -> dict[str, AlertPerson]:
    """Return the people of an alert, the newest unless told, by their account's name."""
    alert = alert or newest_alert(services)
    with services.reading() as session:
        rows = session.execute(
            select(User.name, AlertPerson)
            .join(User, User.id == AlertPerson.user_id)
            .where(AlertPerson.alert_id == alert.id)
        )
        return {row.name: row.AlertPerson for row in rows}


def states(services: Services, alert: Alert | None = None) -> dict[str, str]:
    return {name: person.state for name, person in people(services, alert).items()}


def later(services: Services, **passed: float) -> None:
    """Let time pass, in one go, and let the engine take what is due."""
    clock = services.clock
    assert isinstance(clock, FrozenClock)
    clock.advance(timedelta(**passed))
    read_replies(services)
    escalate(services)


def calls(services: Services, name: str | None = None) -> list[tuple[str, str, int | None]]:
    """Return what was queued for an alert's people: account, channel, step."""
    with services.reading() as session:
        rows = session.execute(
            select(User.name, OutgoingMessage.channel, OutgoingMessage.step)
            .join(User, User.id == OutgoingMessage.user_id)
            .where(OutgoingMessage.alert_person_id.is_not(None))
            .order_by(OutgoingMessage.id)
        )
        return [(who, channel, step) for who, channel, step in rows if name in (None, who)]


def say(services: Services, name: str, answer: str, *, by: str = "page") -> bool:
    """Let somebody answer the newest alert."""
    person = people(services)[name]
    with services.transaction() as session:
        held = session.get_one(AlertPerson, person.id)
        return alerts.answer(session, held, answer, by=by, now=services.now())


def write_back(services: Services, phone: str, body: str, *, id: str = "SM1") -> list[str]:
    """Let a telephone answer by SMS; return the texts that went back to it since."""
    with services.transaction() as session:
        replies.keep(
            session,
            provider="stand-in",
            provider_id=id,
            channel="sms",
            sender=phone,
            body=body,
            drill=False,
            now=services.now(),
        )
    before = {row.id for row in to_phone(services, phone)}
    read_replies(services)
    return [row.body for row in to_phone(services, phone) if row.id not in before]


def to_phone(services: Services, phone: str) -> list[OutgoingMessage]:
    with services.reading() as session:
        query = select(OutgoingMessage).where(OutgoingMessage.to == phone)
        return list(session.scalars(query.order_by(OutgoingMessage.id)))


def entries(services: Services, incident: Incident | None = None) -> list[str]:
    """Return the types of the entries, of an incident or of the desk, in order."""
    with services.reading() as session:
        found = session.scalars(select(Entry).order_by(Entry.seq)).all()
        return [one.type for one in found if incident is None or one.incident_id == incident.id]


def press(services: Services, call: OutgoingMessage, digits: str) -> None:
    """Press keys in a call."""
    with services.transaction() as session:
        replies.keep(
            session,
            provider="stand-in",
            provider_id=f"{call.code}-{digits}",
            channel="voice",
            sender=call.to,
            body=digits,
            drill=False,
            now=services.now(),
            message_code=call.code,
        )
    read_replies(services)
