"""The siren of the desk: taken on by a named person, and tried at the start of a watch."""

from collections.abc import Iterable
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident import words
from incident.models import Incident, SirenAnswer
from incident.operations import alerts, timeline
from incident.operations.context import Context

ENGINE = "engine"


class Sounding(Protocol):
    """What is taken on."""

    @property
    def key(self) -> str:
        """Return what tells it from every other."""
        ...

    @property
    def kind(self) -> str:
        """Return call, siren or clock."""
        ...


def take_on(
    session: Session, incident: Incident, causes: Iterable[Sounding], context: Context
) -> int:
    """Silence what sounds for an incident, under the name of who takes it on; return how much.

    Whoever is called for the incident himself has answered by it.
    """
    known = set(
        session.scalars(select(SirenAnswer.cause).where(SirenAnswer.incident_id == incident.id))
    )
    fresh = [cause for cause in causes if cause.key not in known]
    if not fresh:
        return 0
    session.add_all(
        SirenAnswer(
            cause=cause.key,
            incident_id=incident.id,
            user_id=context.who.person,
            person=context.who.display,
            at=context.now,
        )
        for cause in fresh
    )
    _tell(session, incident, [cause.kind for cause in fresh], context)
    alerts.acted(session, incident, context.who, context.now)
    return len(fresh)


def take_on_engine(session: Session, context: Context) -> None:
    """Write down who knows that the engine does not turn."""
    _tell(session, None, [ENGINE], context)


def self_tested(session: Session, context: Context) -> None:
    """开班自检: the person heard the siren."""
    timeline.write(session, None, "self_tested", who=context.who, now=context.now)


def _tell(
    session: Session, incident: Incident | None, kinds: Iterable[str], context: Context
) -> None:
    told = [words.label("siren_causes", kind) for kind in dict.fromkeys(kinds)]
    timeline.write(
        session,
        incident,
        "siren_taken",
        who=context.who,
        now=context.now,
        words_for={
            "person": context.who.display,
            "causes": words.label("common", "between").join(told),
        },
    )
