"""Whose telephone does not take messages is known, so that somebody mends it."""

import secrets

from incident.models import OutgoingMessage, User
from incident.operations import calling
from incident.queries.bad_contacts import bad_contacts
from incident.queries.duty_people import contacts
from incident.queries.people import account
from incident.services import Services
from incident.who import Who
from tests.support.alerts import write_back
from tests.support.desk import make_incident, make_people
from tests.support.roster import make_post
from workflows.lifecycle import Role


def sent(services: Services, who: Who, state: str, problem: str | None = None) -> None:
    """Write down a message to somebody that ended so."""
    incident = make_incident(services)
    with services.transaction() as session:
        user = session.get_one(User, who.person)
        row = calling.common(incident, services.now()) | {"state": state, "problem": problem}
        code = secrets.token_hex(8)
        told = {"code": code, "reason": code, "person": user.display, "to": user.phone}
        session.add(OutgoingMessage(**row, **told, channel="sms", body="试", segments=1))


def bad(services: Services, who: Who) -> str | None:
    with services.reading() as session:
        return bad_contacts(session).get(who.person)


def test_a_number_that_nobody_has_is_bad_until_something_arrives(services: Services) -> None:
    officer = make_people(services)[Role.DUTY_OFFICER]
    sent(services, officer, "delivered")
    assert bad(services, officer) is None

    sent(services, officer, "undelivered", "21211")
    sent(services, officer, "queued")
    assert bad(services, officer) == "bad_number"

    sent(services, officer, "delivered")
    assert bad(services, officer) is None


def test_a_line_that_is_busy_is_no_bad_number(services: Services) -> None:
    officer = make_people(services)[Role.DUTY_OFFICER]
    sent(services, officer, "busy", "busy")
    assert bad(services, officer) is None


def test_a_new_number_is_not_blamed_for_the_old_one(services: Services) -> None:
    officer = make_people(services)[Role.DUTY_OFFICER]
    sent(services, officer, "undelivered", "30005")
    with services.transaction() as session:
        session.get_one(User, officer.person).phone = "+8610000000088"
    assert bad(services, officer) is None


def test_who_opted_out_stands_first_on_the_list_of_the_watch(services: Services) -> None:
    officer = make_people(services)[Role.DUTY_OFFICER]
    make_post(services)
    make_incident(services)
    with services.reading() as session:
        phone = session.get_one(User, officer.person).phone
    assert phone
    write_back(services, phone, "STOP")

    with services.reading() as session:
        first = contacts(session, services.now())[0]
        kept = account(session, "duty_officer", services.now())
    assert (first.user.id, first.problem) == (officer.person, "opted_out")
    assert kept
    assert kept.problem == "opted_out"
