"""Sessions, tokens and failures as the operations keep them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from incident.errors import Forbidden, TocsinError, TooMany, Unauthenticated
from incident.models import SignInFailure, Token, WebSession
from incident.operations import access, account, people
from incident.services import Services
from incident.who import DESK
from tests.support.desk import PASSWORD, make_people, make_token

HERE, ELSEWHERE = "127.0.0.1", "203.0.113.9"


def enter(services: Services, password: str = PASSWORD, network: str = HERE) -> str | None:
    with services.transaction() as session:
        found = access.sign_in(
            session,
            "commander",
            password,
            network=network,
            browser="test",
            now=services.now(),
        )
    return found[1] if found else None


def test_a_reference_has_256_bits_and_is_kept_as_a_digest(services: Services) -> None:
    make_people(services)

    reference = enter(services)

    assert reference is not None
    assert len(reference) >= 43
    with services.reading() as session:
        row = session.scalars(select(WebSession)).one()
    assert row.digest == people.digest(reference)
    assert reference not in str(vars(row))


def test_references_differ(services: Services) -> None:
    make_people(services)

    assert enter(services) != enter(services)


def test_a_session_is_good_until_twelve_hours_are_over(services: Services) -> None:
    make_people(services)
    reference = enter(services) or ""
    start = services.now()

    with services.reading() as session:
        last = start + timedelta(hours=12) - timedelta(seconds=1)
        assert access.session_of(session, reference, last) is not None
        assert access.session_of(session, reference, start + timedelta(hours=12)) is None
        assert access.session_of(session, "another", start) is None


def test_the_fifth_failure_locks_one_network_only(services: Services) -> None:
    make_people(services)
    for _ in range(5):
        assert enter(services, "wrong", ELSEWHERE) is None

    with pytest.raises(TooMany) as caught:
        enter(services, network=ELSEWHERE)

    assert caught.value.retry_after == 15 * 60 + 1
    assert enter(services, network=HERE) is not None


def test_a_success_forgets_the_failures_of_that_network(services: Services) -> None:
    make_people(services)
    for _ in range(4):
        enter(services, "wrong")
    enter(services)

    with services.reading() as session:
        assert session.scalars(select(SignInFailure)).all() == []


def test_failures_are_counted_under_a_digest_for_names_that_are_not_there_too(
    services: Services,
) -> None:
    with services.transaction() as session:
        access.sign_in(session, "Hunter2!", "x", network=HERE, browser="", now=services.now())

    with services.reading() as session:
        row = session.scalars(select(SignInFailure)).one()
    assert row.account == people.digest("hunter2!")


def test_ending_all_spares_the_one_that_asks(services: Services) -> None:
    who = make_people(services)["commander"]
    enter(services)
    enter(services)
    with services.transaction() as session:
        keep = session.scalars(select(WebSession.id).order_by(WebSession.id)).first()
        account.end_all(session, who.person, keep=keep, who=who, now=services.now())

    with services.reading() as session:
        ended = session.scalars(select(WebSession.ended_at).order_by(WebSession.id)).all()
    assert ended == [None, services.now()]


@pytest.mark.parametrize(
    ("days", "after", "code"),
    [(1, timedelta(days=1), "token-expired"), (1, timedelta(hours=23), None)],
)
def test_a_token_expires(services: Services, days: int, after: timedelta, code: str | None) -> None:
    make_people(services)
    token = make_token(services, "reporter", days=days)

    with services.reading() as session:
        try:
            access.bearer(session.connection(), token, services.now() + after)
            found = None
        except TocsinError as error:
            found = error.code
    assert found == code


def test_a_revoked_token_and_one_of_a_closed_account_are_worthless(services: Services) -> None:
    make_people(services)
    revoked, closed = make_token(services, "reporter"), make_token(services, "expert")
    with services.transaction() as session:
        number = session.scalars(select(Token.id).order_by(Token.id)).first()
        access.revoke_token(session, number or 0, who=DESK, now=services.now())
        people.disable(session, people.find(session, "expert"), who=DESK, now=services.now())

    for token in (revoked, closed, "tcs_unknown"):
        with services.reading() as session, pytest.raises(Unauthenticated):
            access.bearer(session.connection(), token, services.now())
    assert not issubclass(Unauthenticated, Forbidden)
