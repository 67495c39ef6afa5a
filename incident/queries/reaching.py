"""Who knows of an incident, who does not, what was tried, and what happens next at what minute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.models import Alert, AlertPerson, ManualCall, OutgoingMessage, Post, User
from incident.operations.alert_states import ANSWERED, CALLED, CANNOT, OPEN, WAITING
from incident.operations.delivery_states import FAILED, WITHDRAWN
from incident.operations.recipients import ANY_POST

BY_HAND = "phone"
STEP, REMIND, SIREN = "step", "remind", "siren"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to reach a person: a message, or a call made by hand by `caller`.

    `state` is what is known of it: a key of the words "deliveries", or of "call_results" when it
    was made by hand. `problem` is the provider's reason, None when there is none.
    """

    at: datetime
    changed_at: datetime
    channel: str
    state: str
    failed: bool
    problem: str | None
    provider: str | None
    resent: bool
    caller: str | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """What comes next: a step of a ladder, a reminder, or the desk's siren and call sheet.

    `people` and `channels` are empty for the siren. `stands_in` is the post for whose people this
    one waits, as in Called.
    """

    at: datetime
    kind: str
    people: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    tier: str | None = None
    post: str | None = None
    waits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """One person of an alert. `post` is a post's name, or role:<role> where no post has it.

    Delivered, read and answered are three facts of their own, None when not known. `waits_for`
    is the post whose answer spares him, "" for every post, None when he is wanted in person.
    """

    id: int
    user_id: int
    person: str
    post: str
    tier: str
    why: str
    waits_for: str | None
    state: str
    phone: str | None
    called_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    answered_at: datetime | None
    answer: str | None
    answered_by: str | None
    attempts: tuple[Attempt, ...]
    next: Next | None

    @property
    def is_open(self) -> bool:
        """Tell whether he is still called, or will be."""
        return self.state in OPEN

    @property
    def failed(self) -> bool:
        """Tell whether everything that was tried failed."""
        return bool(self.attempts) and all(one.failed for one in self.attempts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One alert, with its policy and its people as they were when it began.

    `text` is what the first of them was told, None when nothing was sent.
    """

    id: int
    event: str
    clock: str | None
    grade: str | None
    policy: Mapping[str, Any]
    started_at: datetime
    siren_at: datetime | None
    sirened_at: datetime | None
    ended_at: datetime | None
    ended: str | None
    is_drill: bool
    text: str | None
    people: tuple[Called, ...]
    upcoming: tuple[Next, ...]

    @property
    def knows(self) -> tuple[Called, ...]:
        """Return who answered, also those who cannot come."""
        return tuple(one for one in self.people if one.state in (ANSWERED, CANNOT))

    @property
    def silent(self) -> tuple[Called, ...]:
        """Return who was called and has not answered, those whom nothing reached first."""
        found = [one for one in self.people if one.state == CALLED]
        return tuple(sorted(found, key=lambda one: not one.failed))


def calls(session: Session, incident_id: int) -> tuple[Call, ...]:
    """Return the alerts of an incident: the open ones, then the others, the newest first."""
    alerts = list(
        session.scalars(
            select(Alert).where(Alert.incident_id == incident_id).order_by(Alert.id.desc())
        )
    )
    ids = [alert.id for alert in alerts]
    people, texts = people_of(session, ids), _texts(session, ids)
    found = [_call(alert, people.get(alert.id, []), texts.get(alert.id)) for alert in alerts]
    return tuple(sorted(found, key=lambda call: call.ended_at is not None))


def people_of(session: Session, alert_ids: Sequence[int]) -> dict[int, list[Called]]:
    """Return the people of alerts with all that was tried, in the order of their calling."""
    rows = list(
        session.scalars(
            select(AlertPerson).where(AlertPerson.alert_id.in_(alert_ids)).order_by(AlertPerson.id)
        )
    )
    ids = [row.id for row in rows]
    tried = _messages(session, ids)
    for person, by_hand in _manual(session, ids).items():
        tried.setdefault(person, []).extend(by_hand)
    posts = {post.code: post.name for post in session.scalars(select(Post))}
    found: dict[int, list[Called]] = {}
    for row in rows:
        attempts = sorted(tried.get(row.id, []), key=lambda one: one.at)
        found.setdefault(row.alert_id, []).append(_called(row, attempts, posts))
    return found


def _texts(session: Session, alert_ids: Sequence[int]) -> dict[int, str]:
    rows = session.execute(
        select(AlertPerson.alert_id, OutgoingMessage.body)
        .join(OutgoingMessage, OutgoingMessage.alert_person_id == AlertPerson.id)
        .where(AlertPerson.alert_id.in_(alert_ids))
        .order_by(OutgoingMessage.id.desc())
    )
    return dict(rows.all())


def _messages(session: Session, ids: Sequence[int]) -> dict[int, list[Attempt]]:
    """Return the messages of people, those that nobody needed any more left out."""
    rows = session.scalars(
        select(OutgoingMessage)
        .where(OutgoingMessage.alert_person_id.in_(ids), OutgoingMessage.state != WITHDRAWN)
        .order_by(OutgoingMessage.id)
    )
    found: dict[int, list[Attempt]] = {}
    for row in rows:
        attempt = Attempt(
            at=row.created_at,
            changed_at=row.changed_at,
            channel=row.channel,
            state=row.state,
            failed=row.state in FAILED,
            problem=row.problem,
            provider=row.provider,
            resent=row.resent,
            caller=None,
            note=None,
        )
        found.setdefault(row.alert_person_id or 0, []).append(attempt)
    return found


def _manual(session: Session, ids: Sequence[int]) -> dict[int, list[Attempt]]:
    rows = session.execute(
        select(ManualCall, User.display)
        .join(User, User.id == ManualCall.caller_id)
        .where(ManualCall.alert_person_id.in_(ids))
        .order_by(ManualCall.id)
    )
    found: dict[int, list[Attempt]] = {}
    for row, caller in rows:
        attempt = Attempt(
            at=row.at,
            changed_at=row.at,
            channel=BY_HAND,
            state=row.result,
            failed=row.result != ANSWERED,
            problem=None,
            provider=None,
            resent=False,
            caller=caller,
            note=row.note,
        )
        found.setdefault(row.alert_person_id, []).append(attempt)
    return found


def _called(row: AlertPerson, attempts: Sequence[Attempt], posts: Mapping[str, str]) -> Called:
    return Called(
        id=row.id,
        user_id=row.user_id,
        person=row.person,
        post=posts.get(row.post, row.post),
        tier=row.tier,
        why=row.why,
        waits_for=_post(row.waits_for, posts),
        state=row.state,
        phone=row.addresses.get("voice") or row.addresses.get("sms"),
        called_at=row.called_at,
        delivered_at=row.delivered_at,
        read_at=row.read_at,
        answered_at=row.answered_at,
        answer=row.answer,
        answered_by=row.answered_by,
        attempts=tuple(attempts),
        next=_next(row, posts),
    )


def _post(code: str | None, posts: Mapping[str, str]) -> str | None:
    if code is None:
        return None
    return "" if code == ANY_POST else posts.get(code, code)


def _next(row: AlertPerson, posts: Mapping[str, str]) -> Next | None:
    """Return the next step of a ladder, or the reminder of an answer that decays."""
    if row.state in OPEN and row.next_at is not None:
        steps = row.ladder[row.step : row.step + 1]
        return Next(
            at=row.next_at,
            kind=STEP,
            people=(row.person,),
            channels=tuple(steps[0]["channels"]) if steps else tuple(row.addresses),
            tier=row.tier,
            post=posts.get(row.post, row.post),
            waits=row.state == WAITING,
        )
    if row.state == ANSWERED and row.remind_at is not None:
        return Next(at=row.remind_at, kind=REMIND, people=(row.person,), channels=("sms",))
    return None


def _call(alert: Alert, people: Sequence[Called], text: str | None) -> Call:
    upcoming = [one.next for one in people if one.next is not None]
    if alert.ended_at is None and alert.siren_at is not None and alert.sirened_at is None:
        upcoming.append(Next(at=alert.siren_at, kind=SIREN))
    return Call(
        id=alert.id,
        event=alert.event,
        clock=alert.clock,
        grade=alert.grade,
        policy=alert.policy,
        started_at=alert.started_at,
        siren_at=alert.siren_at,
        sirened_at=alert.sirened_at,
        ended_at=alert.ended_at,
        ended=alert.ended,
        is_drill=alert.drill is not None,
        text=text,
        people=tuple(people),
        upcoming=tuple(sorted(upcoming, key=lambda one: one.at)),
    )
