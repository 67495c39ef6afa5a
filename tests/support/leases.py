"""The lease of an engine that is dead or stopped, and what it left in the outbox."""

from sqlalchemy import func, select, update

from incident.models import EngineLease, OutgoingMessage
from incident.services import Services

OPEN = ("queued", "sending", "uncertain")


def url_of(services: Services) -> str:
    """Return the URL of a desk's database, for a process of its own."""
    return services.engine.url.render_as_string(hide_password=False)


def let_the_lease_end(services: Services) -> None:
    """Spare the wait for its end; what the engine was sending is taken over by the next."""
    with services.transaction() as session:
        session.execute(update(EngineLease).values(until=services.now()))


def open_messages(services: Services) -> int:
    """Count the messages that nobody has taken yet, as far as the desk knows."""
    with services.reading() as session:
        found = select(func.count()).where(OutgoingMessage.state.in_(OPEN))
        return session.scalar(found) or 0


def hurry(services: Services) -> None:
    """Spare the pauses before the provider is asked again."""
    waits = (OutgoingMessage.state == "uncertain", OutgoingMessage.due_at > services.now())
    with services.reading() as session:
        if session.scalar(select(OutgoingMessage.id).where(*waits).limit(1)) is None:
            return
    with services.transaction() as session:
        session.execute(update(OutgoingMessage).where(*waits).values(due_at=services.now()))
