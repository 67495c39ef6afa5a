"""Test whether people can be reached (通信畅通率): freeze the audience, call, take in answers."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.errors import Conflict, FieldError, InvalidInput, NotFound
from incident.inputs.commtests import Chosen
from incident.models import CommTest, CommTestPerson, OutgoingMessage, User
from incident.operations import calling, codes, oncall, timeline, watches
from incident.operations.delivery_states import QUEUED
from incident.rulebook import Rulebook
from incident.who import Who
from notifications.text import Purpose, compose
from workflows.lifecycle import Role

REASON = "test"
ON_DUTY, BY_NAME = "on_duty", "name"
REPLY, KEYPAD, PAGE = "reply", "keypad", "page"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One person of the audience: what brought him in, and by which of the channels he is called.

    `addresses` is empty for somebody who cannot be reached by any of them; he counts all the same.
    """

    user_id: int
    person: str
    why: str
    addresses: dict[str, str]


def audience(
    session: Session, chosen: Chosen, *, now: datetime, rules: Rulebook
) -> tuple[Member, ...]:
    """Return who would be called, each once, in the order in which they were chosen."""
    found: dict[int, Member] = {}
    for why, user_id in (
        *_on_duty(session, chosen, now, rules),
        *_with_roles(session, chosen),
        *((BY_NAME, user_id) for user_id in chosen.people),
    ):
        user = session.get(User, user_id)
        if user is None or user.disabled_at is not None or user_id in found:
            continue
        every = oncall.addresses(user)
        ways = {channel: every[channel] for channel in chosen.channels if channel in every}
        found[user_id] = Member(user_id=user_id, person=user.display, why=why, addresses=ways)
    return tuple(found.values())


def start(
    session: Session,
    chosen: Chosen,
    members: Sequence[Member],
    *,
    who: Who,
    now: datetime,
    rules: Rulebook,
) -> CommTest:
    """Begin a test with the audience that was seen; raise InvalidInput where there is none."""
    if not members:
        raise InvalidInput([FieldError("roles", "no-audience")])
    test = CommTest(
        started_by=who.person,
        started_at=now,
        ends_at=now + timedelta(minutes=chosen.minutes),
        drill=chosen.drill,
        chosen=_frozen(chosen),
        note=chosen.note,
    )
    session.add(test)
    session.flush()
    people = _people(session, test, members)
    session.flush()
    session.add_all(_messages(test, people, now=now, rules=rules))
    timeline.write(
        session,
        None,
        "comm_test_started",
        who=who,
        now=now,
        words_for={"test": test.id, "people": len(people), "minutes": chosen.minutes},
        data={"test": test.id, "people": len(people), "drill": chosen.drill},
    )
    return test


def answered(
    session: Session, sender: str, code: str | None, *, drill: bool, now: datetime
) -> CommTestPerson | None:
    """Take a reply for the answer to a test; None where the sender has none that it could mean.

    Without a code the newest test is meant. An answer after the window is kept and does not count.
    """
    query = (
        select(CommTestPerson)
        .join(CommTest, CommTest.id == CommTestPerson.test_id)
        .join(OutgoingMessage, OutgoingMessage.user_id == CommTestPerson.user_id)
        .where(
            OutgoingMessage.to == sender,
            OutgoingMessage.reason.startswith(f"{REASON}:"),
            CommTest.drill.is_(drill),
            CommTest.started_at > now - timedelta(days=1),
        )
        .order_by(CommTestPerson.id.desc())
    )
    if code is not None:
        query = query.where(CommTestPerson.code == code)
    person = session.scalars(query.limit(1)).first()
    if person is not None:
        _note(person, REPLY, now)
    return person


def pressed(session: Session, message: OutgoingMessage, now: datetime) -> bool:
    """Take a key in a call for the answer to a test; False for a call about something else."""
    reason, _, rest = message.reason.partition(":")
    if reason != REASON:
        return False
    _note(session.get_one(CommTestPerson, int(rest.partition(":")[0])), KEYPAD, now)
    return True


def confirm(session: Session, test_id: int, who: Who, now: datetime) -> None:
    """Take a click on the page for the answer; raise NotFound for who was not asked."""
    person = session.scalars(
        select(CommTestPerson).where(
            CommTestPerson.test_id == test_id, CommTestPerson.user_id == who.person
        )
    ).one_or_none()
    if person is None:
        raise NotFound
    _note(person, PAGE, now)


def refuse_twice(session: Session, members: Iterable[Member], now: datetime) -> None:
    """Raise Conflict while somebody of the audience is being tested already."""
    running = (
        select(CommTestPerson.person)
        .join(CommTest, CommTest.id == CommTestPerson.test_id)
        .where(
            CommTest.ends_at > now,
            CommTestPerson.answered_at.is_(None),
            CommTestPerson.user_id.in_([member.user_id for member in members]),
        )
    )
    person = session.scalar(running.limit(1))
    if person is not None:
        raise Conflict("test-running", person=person)


def _note(person: CommTestPerson, by: str, now: datetime) -> None:
    if person.answered_at is None:
        person.answered_at, person.answered_by = now, by


def _on_duty(
    session: Session, chosen: Chosen, now: datetime, rules: Rulebook
) -> Iterable[tuple[str, int]]:
    if not chosen.on_duty:
        return
    roles = dict.fromkeys(Role(post.role) for post in watches.posts(session))
    for people in oncall.by_role(session, roles, now, rules=rules).values():
        for one in people:
            yield ON_DUTY, one.user_id


def _with_roles(session: Session, chosen: Chosen) -> Iterable[tuple[str, int]]:
    if not chosen.roles:
        return
    found = watches.reachable(session, chosen.roles)
    for role in chosen.roles:
        for user in found[role]:
            yield role, user.id


def _frozen(chosen: Chosen) -> dict[str, Any]:
    return {
        "roles": list(chosen.roles),
        "on_duty": chosen.on_duty,
        "people": list(chosen.people),
        "channels": list(chosen.channels),
    }


def _people(
    session: Session, test: CommTest, members: Sequence[Member]
) -> Sequence[tuple[CommTestPerson, Mapping[str, str]]]:
    telephones = [(member.user_id, member.addresses.get("sms")) for member in members]
    chosen = codes.choose(session, f"{REASON}:{test.id}", telephones)
    made = []
    for member, code in zip(members, chosen, strict=True):
        row = CommTestPerson(
            test_id=test.id,
            user_id=member.user_id,
            person=member.person,
            why=member.why,
            addresses=member.addresses,
            code=code,
        )
        session.add(row)
        made.append((row, member.addresses))
    return made


def _messages(
    test: CommTest,
    people: Sequence[tuple[CommTestPerson, Mapping[str, str]]],
    *,
    now: datetime,
    rules: Rulebook,
) -> Iterable[OutgoingMessage]:
    for person, addresses in people:
        for channel, to in addresses.items():
            can_answer = channel == "sms" and rules.can_reply(to, test.drill)
            body = compose(
                Purpose.TEST,
                organisation=rules.organisation,
                drill=test.drill,
                code=person.code if can_answer else None,
            )
            yield OutgoingMessage(
                **calling.counted(body),
                code=secrets.token_hex(12),
                reason=f"{REASON}:{person.id}:{channel}",
                user_id=person.user_id,
                person=person.person,
                to=to,
                channel=channel,
                drill=f"{REASON}-{test.id}" if test.drill else None,
                priority=calling.PRIORITY_TEST,
                state=QUEUED,
                rank=0,
                attempts=0,
                due_at=now,
                resent=False,
                created_at=now,
                changed_at=now,
            )
