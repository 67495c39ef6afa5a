"""What makes the desk sound now, and for how long nobody has taken it on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from incident.models import Alert, AlertPerson, Entry, Incident, IncidentClock, SirenAnswer
from incident.operations import clocks, pace

CALL, SIREN, CLOCK = "call", "siren", "clock"
_IS_SELF_TEST = text("entries.type = 'self_tested'")  # as its index has it, else that is not used


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One reason to sound; `key` is what a person takes on.

    `kind` is call for an alert that nobody has answered, siren for one whose siren has come and
    that is still open, clock for an overdue clock. `about` is the event or the clock's title.
    """

    key: str
    kind: str
    incident_id: int
    number: str
    title: str
    about: str
    since: datetime
    is_drill: bool

    @property
    def sound(self) -> str:
        """Return how it sounds: siren, call, or drill."""
        if self.is_drill:
            return "drill"
        return CALL if self.kind == CALL else SIREN


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTest:
    """The last time that somebody heard the siren being tried."""

    at: datetime
    by: str


def causes(session: Session, now: datetime, *, incident_id: int | None = None) -> tuple[Cause, ...]:
    """Return what sounds: real before drill, sirens before calls, the oldest first."""
    taken = set(session.scalars(select(SirenAnswer.cause)))
    found = [
        cause
        for cause in (*_alerts(session, now), *_clocks(session, now))
        if cause.key not in taken and incident_id in (None, cause.incident_id)
    ]
    return tuple(sorted(found, key=lambda one: (one.is_drill, one.kind == CALL, one.since)))


def sound(found: tuple[Cause, ...]) -> str:
    """Return the one sound of the desk, "" for silence: no drill sounds over a real alarm."""
    heard = {cause.sound for cause in found}
    return next((name for name in (SIREN, CALL, "drill") if name in heard), "")


def self_test(session: Session) -> SelfTest | None:
    """Return the last self-test, None before the first."""
    row = session.execute(
        select(Entry.at, Entry.actor).where(_IS_SELF_TEST).order_by(Entry.seq.desc()).limit(1)
    ).one_or_none()
    return SelfTest(at=row.at, by=row.actor or "") if row else None


def _alerts(session: Session, now: datetime) -> Iterator[Cause]:
    answered = (
        select(AlertPerson.id)
        .where(AlertPerson.alert_id == Alert.id, AlertPerson.answered_at.is_not(None))
        .exists()
    )
    rows = session.execute(
        select(Alert, Incident, answered)
        .join(Incident, Incident.id == Alert.incident_id)
        .where(Alert.ended_at.is_(None), Incident.shelved_at.is_(None), pace.goes(Incident.drill))
    )
    for alert, incident, has_answer in rows:
        late = alert.siren_at is not None and alert.siren_at <= now
        if late or not has_answer:
            kind = SIREN if late else CALL
            yield _cause(
                f"{kind}:{alert.id}",
                kind,
                incident,
                about=alert.event,
                since=alert.siren_at if late and alert.siren_at else alert.started_at,
            )


def _clocks(session: Session, now: datetime) -> Iterator[Cause]:
    """Return the overdue clocks, sought by the incidents that have one: those that are over do not.

    Sought the other way round, all the clocks that nobody kept would be read, archive included.
    """
    late = session.scalars(
        select(Incident).where(
            Incident.next_due_at <= now, Incident.shelved_at.is_(None), pace.goes(Incident.drill)
        )
    )
    incidents = {incident.id: incident for incident in late}
    running = session.scalars(select(IncidentClock).where(IncidentClock.incident_id.in_(incidents)))
    for clock in running:
        if clock.satisfied_at is None and not clock.advisory and clocks.is_late(clock, now):
            incident, since = incidents[clock.incident_id], clock.due_at or now
            yield _cause(f"{CLOCK}:{clock.id}", CLOCK, incident, about=clock.title, since=since)


def _cause(key: str, kind: str, incident: Incident, *, about: str, since: datetime) -> Cause:
    return Cause(
        key=key,
        kind=kind,
        incident_id=incident.id,
        number=incident.number,
        title=incident.title,
        about=about,
        since=since,
        is_drill=incident.drill is not None,
    )
