"""Somebody answers while a call to him is under way: what was not sent is not sent any more."""

import pytest
from sqlalchemy import select

from incident.models import OutgoingMessage
from incident.operations import outbox
from incident.operations.outbox import Asked, Result
from incident.services import Services
from notifications.message import NotProcessed
from tests.support.alerts import later, say
from tests.support.desk import make_incident
from tests.support.outbox import message


@pytest.mark.parametrize(
    ("result", "uncertain"),
    [(NotProcessed(reason="busy", retry_after=1), False), (Asked(found=()), True)],
    ids=["not processed", "not found"],
)
@pytest.mark.parametrize(("step", "state"), [(1, "withdrawn"), (0, "queued")])
def test_who_answered_meanwhile_is_not_rung_again(
    services: Services, result: Result, uncertain: bool, step: int, state: str
) -> None:
    make_incident(services)
    later(services, minutes=2)
    with services.transaction() as session:
        row = session.scalars(
            select(OutgoingMessage)
            .where(OutgoingMessage.person == "值班员", OutgoingMessage.step == step)
            .limit(1)
        ).one()
        row.state, row.priority = "uncertain" if uncertain else "queued", -1
        session.flush()
        (claimed,) = outbox.claim(session, services.now(), limit=1)
    say(services, "duty_officer", "received")

    with services.transaction() as session:
        outbox.record(session, [(claimed, result)], services.now())

    assert message(services, row.id).state == state
