"""The outbox: who may send what, and what is made of each thing that can come of it."""

from datetime import timedelta
from pathlib import Path

import pytest

from incident.clock import FrozenClock
from incident.models import Incident
from incident.operations import outbox
from incident.operations.outbox import LEASE, Asked, Claimed, Result
from incident.services import Services
from notifications.message import Accepted, NotProcessed, Refused, Sent, Uncertain
from tests.support.databases import PostgresDatabases
from tests.support.desk import desk_database, make_incident, open_services
from tests.support.outbox import message, messages, queue_messages, told

ACCEPTED = Accepted(provider_id="SM1", status="queued")


@pytest.fixture
def incident(services: Services) -> Incident:
    made = make_incident(services)
    settle_all(services)
    return made


def settle_all(services: Services) -> None:
    """Have the messages of the incident's own call-outs out of the way."""
    for number, claimed in enumerate(claim(services, limit=100)):
        record(services, claimed, Accepted(provider_id=f"SMX{number}", status="delivered"))


def claim(services: Services, *, limit: int = 10) -> list[Claimed]:
    with services.transaction() as session:
        return outbox.claim(session, services.now(), limit=limit)


def record(services: Services, claimed: Claimed, result: Result) -> None:
    with services.transaction() as session:
        outbox.record(session, [(claimed, result)], services.now())


def pass_time(services: Services, **step: float) -> None:
    assert isinstance(services.clock, FrozenClock)
    services.clock.advance(timedelta(**step))


def sent(provider_id: str, status: str = "sent") -> Sent:
    return Sent(provider_id=provider_id, status=status, created_at=None, error_code=None)


def uncertain(services: Services, incident: Incident) -> Claimed:
    """Return a message whose sender died, claimed again."""
    queue_messages(services, incident, 1)
    claim(services)
    pass_time(services, seconds=LEASE.total_seconds())
    (claimed,) = claim(services)
    return claimed


def test_the_most_urgent_goes_first(services: Services, incident: Incident) -> None:
    drill = queue_messages(services, incident, 2, priority=5)
    grave = queue_messages(services, incident, 2, first=3, priority=0)

    assert [each.id for each in claim(services)] == grave + drill


def test_what_is_not_due_waits(services: Services, incident: Incident) -> None:
    queue_messages(services, incident, 1, due_at=services.now() + timedelta(seconds=1))
    assert claim(services) == []

    pass_time(services, seconds=1)

    assert len(claim(services)) == 1


def test_no_message_is_claimed_twice(services: Services, incident: Incident) -> None:
    ids = queue_messages(services, incident, 5)

    first, second = claim(services, limit=3), claim(services, limit=3)

    assert [each.id for each in first + second] == ids
    assert claim(services) == []


def test_two_may_claim_at_the_same_moment(
    postgresql_databases: PostgresDatabases, tmp_path: Path
) -> None:
    with open_services(desk_database(postgresql_databases), tmp_path) as services:
        incident = make_incident(services)
        settle_all(services)
        ids = queue_messages(services, incident, 4)

        with services.transaction() as one, services.transaction() as other:
            first = outbox.claim(one, services.now(), limit=2)
            second = outbox.claim(other, services.now(), limit=2)

    assert [each.id for each in first + second] == ids


def test_a_message_whose_sender_died_is_uncertain(services: Services, incident: Incident) -> None:
    queue_messages(services, incident, 1)
    (claimed,) = claim(services)
    assert not claimed.is_uncertain
    pass_time(services, seconds=LEASE.total_seconds() - 1)
    assert claim(services) == []

    pass_time(services, seconds=1)

    (again,) = claim(services)
    assert again.is_uncertain
    assert again.attempts == 2


@pytest.mark.parametrize(
    ("result", "state", "problem", "seconds", "attempts"),
    [
        (NotProcessed(reason="refused"), "queued", "no-connection", 2, 1),
        (NotProcessed(reason="429", retry_after=7), "queued", "busy", 7, 0),
        (NotProcessed(reason="429", retry_after=9000), "queued", "busy", 60, 0),
        (NotProcessed(reason="401", configuration=True), "queued", "configuration", 60, 1),
        (Uncertain(reason="timeout"), "uncertain", "not-known", 2, 1),
    ],
)
def test_what_was_not_taken_comes_again(
    services: Services,
    incident: Incident,
    result: Result,
    state: str,
    problem: str,
    seconds: int,
    attempts: int,
) -> None:
    (id,) = queue_messages(services, incident, 1)
    (claimed,) = claim(services)

    record(services, claimed, result)

    row = message(services, id)
    assert (row.state, row.problem, row.attempts) == (state, problem, attempts)
    assert row.due_at == services.now() + timedelta(seconds=seconds)
    assert told(services, id) == []


def test_delays_grow_and_then_stay(services: Services, incident: Incident) -> None:
    (id,) = queue_messages(services, incident, 1)
    waited = []
    for _ in range(6):
        (claimed,) = claim(services)
        record(services, claimed, NotProcessed(reason="no connection"))
        delay = message(services, id).due_at - services.now()
        waited.append(delay.total_seconds())
        pass_time(services, seconds=waited[-1])

    assert waited == [2, 5, 15, 60, 60, 60]


def test_a_message_that_nobody_took_for_a_day_ends(services: Services, incident: Incident) -> None:
    (id,) = queue_messages(services, incident, 1)
    pass_time(services, hours=24, seconds=1)
    (claimed,) = claim(services)

    record(services, claimed, NotProcessed(reason="no connection"))

    assert message(services, id).state == "dead"
    assert told(services, id) == ["message_failed"]


def test_what_was_taken_is_told_once(services: Services, incident: Incident) -> None:
    (id,) = queue_messages(services, incident, 1)
    (claimed,) = claim(services)

    record(services, claimed, ACCEPTED)
    record(services, claimed, ACCEPTED)

    row = message(services, id)
    assert (row.state, row.provider_id, row.problem) == ("accepted", "SM1", None)
    assert told(services, id) == ["message_sent"]


def test_a_number_that_is_refused_is_given_up_at_once(
    services: Services, incident: Incident
) -> None:
    (id,) = queue_messages(services, incident, 1)
    (claimed,) = claim(services)

    record(services, claimed, Refused(code="21211", reason="no such number"))

    row = message(services, id)
    assert (row.state, row.problem) == ("refused", "21211")
    assert told(services, id) == ["message_failed"]
    pass_time(services, hours=1)
    assert claim(services) == []


def test_a_claim_that_ran_out_writes_nothing(services: Services, incident: Incident) -> None:
    (id,) = queue_messages(services, incident, 1)
    (late,) = claim(services)
    pass_time(services, seconds=LEASE.total_seconds())
    (mine,) = claim(services)

    record(services, late, Refused(code="21211", reason="late"))
    assert message(services, id).state == "sending"

    record(services, mine, Asked(found=[sent("SM7")]))
    assert message(services, id).provider_id == "SM7"


def test_what_the_provider_has_is_not_sent_again(services: Services, incident: Incident) -> None:
    claimed = uncertain(services, incident)

    record(services, claimed, Asked(found=[sent("SM7", "delivered")]))

    row = message(services, claimed.id)
    assert (row.state, row.provider_id, row.resent) == ("delivered", "SM7", False)
    assert told(services, claimed.id) == ["message_sent", "message_delivered"]


def test_what_the_provider_has_not_is_sent_again_and_says_so(
    services: Services, incident: Incident
) -> None:
    claimed = uncertain(services, incident)

    record(services, claimed, Asked(found=[]))

    (again,) = claim(services)
    assert again.resent
    assert not again.is_uncertain


def test_two_messages_of_one_text_are_not_taken_for_each_other(
    services: Services, incident: Incident
) -> None:
    ids = queue_messages(services, incident, 2, to="+86100000000001")
    claim(services)
    pass_time(services, seconds=LEASE.total_seconds())
    first, second = claim(services)

    record(services, first, Asked(found=[sent("SM7")]))
    record(services, second, Asked(found=[sent("SM7")]))

    assert [(row.provider_id, row.resent) for row in messages(services, ids)] == [
        ("SM7", False),
        (None, True),
    ]


def test_a_provider_that_does_not_answer_is_asked_a_few_times_and_then_sent_to_once(
    services: Services, incident: Incident
) -> None:
    queue_messages(services, incident, 1)
    (claimed,) = claim(services)
    record(services, claimed, Uncertain(reason="timeout"))
    done = []
    for _ in range(8):
        pass_time(services, seconds=60)
        (claimed,) = claim(services)
        done.append("ask" if claimed.is_uncertain else "send")
        result = Asked(found=None) if claimed.is_uncertain else Uncertain(reason="timeout")
        record(services, claimed, result)

    assert done == ["ask", "ask", "ask", "send", "ask", "ask", "ask", "ask"]
