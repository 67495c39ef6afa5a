"""Tests of communication: a frozen audience, answers by code, and figures that flatter nobody."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from incident.clock import FrozenClock
from incident.errors import Conflict, InvalidInput, NotFound
from incident.inputs.commtests import Chosen
from incident.models import CommTest, CommTestPerson, Entry, OutgoingMessage, User
from incident.operations import commtests, replies
from incident.queries import commtests as results
from incident.services import Services
from incident.who import Who
from notifications.text import bears_drill_mark
from tests.support.desk import make_incident, make_people, make_person

ROLES = ("duty_officer", "commander", "expert")


@pytest.fixture
def people(services: Services) -> dict[str, Who]:
    return make_people(services)


def begin(services: Services, who: Who, **changes: Any) -> CommTest:
    chosen = Chosen(**{"roles": ROLES, **changes})
    with services.transaction() as session:
        now = services.now()
        members = commtests.audience(session, chosen, now=now, rules=services.rules)
        commtests.refuse_twice(session, members, now)
        return commtests.start(session, chosen, members, who=who, now=now, rules=services.rules)


def result(services: Services, test: CommTest) -> results.Result:
    with services.reading() as session:
        return results.result(session, test.id, services.now())


def person(services: Services, who: Who) -> CommTestPerson:
    with services.reading() as session:
        query = select(CommTestPerson).where(CommTestPerson.user_id == who.id)
        return session.scalars(query.order_by(CommTestPerson.id.desc())).first()  # type: ignore[return-value]


def phone(services: Services, who: Who) -> str:
    with services.reading() as session:
        return str(session.get_one(User, who.id).phone)


def say(
    services: Services, who: Who, text: str, number: str = "r1", *, drill: bool = False
) -> None:
    """Let somebody answer by SMS, and the engine read it."""
    sender = phone(services, who)
    with services.transaction() as session:
        replies.keep(
            session,
            provider="test",
            provider_id=number,
            channel="sms",
            sender=sender,
            body=text,
            drill=drill,
            now=services.now(),
        )
    with services.transaction() as session:
        for id in replies.waiting(session, limit=10):
            replies.read(session, id, now=services.now(), rules=services.rules)


def later(services: Services, **time: float) -> None:
    assert isinstance(services.clock, FrozenClock)
    services.clock.advance(timedelta(**time))


def test_the_audience_is_frozen_and_each_is_called_once(
    services: Services, people: dict[str, Who]
) -> None:
    officer = people["duty_officer"]
    test = begin(services, people["duty_leader"], people=(officer.person,), on_duty=True)
    with services.transaction() as session:
        session.execute(update(User).where(User.id == officer.id).values(phone="+8610000000098"))

    with services.reading() as session:
        rows = session.scalars(select(OutgoingMessage)).all()
        known = session.scalars(select(CommTestPerson.user_id)).all()
    assert sorted(known) == sorted(people[role].person for role in ROLES)
    assert {row.priority for row in rows} == {9}
    assert {row.incident_id for row in rows} == {None}
    assert len({row.to for row in rows}) == len(rows) == 3
    assert "+8610000000098" not in {row.to for row in rows}
    assert all(one.ways == {"sms": "waiting"} for one in result(services, test).people)


def test_an_answer_by_code_counts_within_the_window_only(
    services: Services, people: dict[str, Who]
) -> None:
    test = begin(services, people["duty_leader"], minutes=15)
    say(services, people["expert"], f"{person(services, people['expert']).code}1")
    later(services, minutes=16)
    say(services, people["commander"], "收到", "r2")

    found = result(services, test)
    told = {one.person: (one.in_time, one.answered_by) for one in found.people}
    assert told == {"专家": (True, "reply"), "指挥长": (False, "reply"), "值班员": (False, None)}
    assert (found.answered, found.rate, found.is_over) == (1, 33, True)


def test_a_key_in_the_call_and_a_click_on_the_page_are_answers(
    services: Services, people: dict[str, Who]
) -> None:
    test = begin(services, people["duty_leader"], channels=("sms", "voice"))
    reason = f"test:{person(services, people['expert']).id}:voice"
    with services.transaction() as session:
        message = session.scalars(
            select(OutgoingMessage).where(OutgoingMessage.reason == reason)
        ).one()
        assert commtests.pressed(session, message, services.now())
        commtests.confirm(session, test.id, people["commander"], services.now())
        with pytest.raises(NotFound):
            commtests.confirm(session, test.id, people["chair"], services.now())
    told = {one.person: one.answered_by for one in result(services, test).people}
    assert told == {"专家": "keypad", "指挥长": "page", "值班员": None}


def test_an_open_alert_comes_before_a_test(services: Services, people: dict[str, Who]) -> None:
    make_incident(services)
    begin(services, people["duty_leader"])
    say(services, people["duty_officer"], "收到")

    assert person(services, people["duty_officer"]).answered_at is None
    code = person(services, people["duty_officer"]).code
    say(services, people["duty_officer"], f"{code}1", "r2")
    assert person(services, people["duty_officer"]).answered_at is not None


def test_who_has_no_address_counts_as_not_reached(
    services: Services, people: dict[str, Who]
) -> None:
    make_person(services, "silent", "observer", number=60)
    with services.transaction() as session:
        session.execute(update(User).where(User.name == "silent").values(phone=None, mail="a@b.cn"))
    with services.reading() as session:
        silent = session.scalars(select(User.id).where(User.name == "silent")).one()
    test = begin(services, people["duty_leader"], roles=(), people=(silent,))

    (one,) = result(services, test).people
    assert (one.ways, one.in_time) == ({}, False)
    assert result(services, test).rate == 0


def test_a_check_before_a_drill_never_leaves_the_stand_in(
    services: Services, people: dict[str, Who]
) -> None:
    test = begin(services, people["director"], drill=True)
    with services.reading() as session:
        rows = session.scalars(select(OutgoingMessage)).all()
    assert all(row.drill == f"test-{test.id}" and bears_drill_mark(row.body) for row in rows)

    code = person(services, people["expert"]).code
    say(services, people["expert"], f"{code}1")
    assert person(services, people["expert"]).answered_at is None, "a real reply is for no drill"
    say(services, people["expert"], f"{code}1", "r2", drill=True)
    assert person(services, people["expert"]).answered_at is not None


def test_nobody_is_tested_twice_at_once_and_an_empty_test_is_none(
    services: Services, people: dict[str, Who]
) -> None:
    begin(services, people["duty_leader"])
    with pytest.raises(Conflict):
        begin(services, people["duty_leader"])
    later(services, minutes=16)
    begin(services, people["duty_leader"])
    with pytest.raises(InvalidInput):
        begin(services, people["duty_leader"], roles=())


def test_a_month_names_the_least_reachable_first(
    services: Services, people: dict[str, Who]
) -> None:
    for round_ in range(2):
        begin(services, people["duty_leader"])
        say(services, people["expert"], "收到", f"e{round_}")
        later(services, minutes=20)
    begin(services, people["director"], drill=True)
    say(services, people["commander"], "收到", "c", drill=True)

    with services.reading() as session:
        start = services.now() - timedelta(days=1)
        found = results.between(session, start, services.now(), services.now())
        nothing = results.between(session, services.now(), services.now(), services.now())
    attended = [(one.person, one.asked, one.answered) for one in results.attendance(found)]
    assert attended == [("值班员", 2, 0), ("指挥长", 2, 0), ("专家", 2, 2)]
    assert nothing == []


def test_what_the_provider_says_is_shown_by_channel(
    services: Services, people: dict[str, Who]
) -> None:
    test = begin(services, people["duty_leader"])
    with services.transaction() as session:
        ids = session.scalars(select(OutgoingMessage.id).order_by(OutgoingMessage.id)).all()
        for id, state in zip(ids, ("delivered", "undelivered", "sent"), strict=True):
            session.execute(
                update(OutgoingMessage).where(OutgoingMessage.id == id).values(state=state)
            )
    found = result(services, test)
    assert [found.ways("sms", way) for way in ("delivered", "failed", "sent")] == [1, 1, 1]
    assert found.rate == 0, "delivered is not answered"


def test_percentages_never_round_up_to_all() -> None:
    assert [results.percent(part, 1000) for part in (0, 5, 999, 1000)] == [0, 0, 99, 100]
    assert results.percent(0, 0) == 0


def test_a_test_is_on_the_desks_timeline(services: Services, people: dict[str, Who]) -> None:
    begin(services, people["duty_leader"])
    with services.reading() as session:
        told = session.scalars(select(Entry).where(Entry.type == "comm_test_started")).one()
    assert told.data == {"test": 1, "people": 3, "drill": False}
