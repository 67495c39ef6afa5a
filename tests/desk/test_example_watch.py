"""The example desk's watch is alive: relieved this morning, a call owed, an emergency to report."""

from sqlalchemy import select

from drills.example_people import give_telephones, make_people
from drills.example_roster import make_roster
from drills.example_watch import hand_over, write_log
from incident.models import Handover
from incident.operations import audit, duty_log
from incident.queries import duty_log as logs
from incident.queries.handover import sheet
from incident.services import Services


def test_a_newcomer_sees_a_watch_that_was_handed_over(sqlite_services: Services) -> None:
    services = sqlite_services
    people = make_people(services)
    give_telephones(services)
    make_roster(services, people)

    hand_over(services, people)
    write_log(services, people["zhiban"])

    with services.reading() as session:
        row = session.scalars(select(Handover)).one()
        found = sheet(session, row.id)
        day = logs.day(session, services.rules.day(services.now()), services.rules)
        owed = duty_log.owed(session)
        assert audit.verify(session).problem is None
    assert row.state == "accepted"
    assert (row.to_id, row.rostered_to) == (people["zhiban"].id, people["zhiban"].id)
    assert found.is_whole
    assert [one.kind for one in found.items] == ["callback", "equipment"]
    assert [one.current.channel for one in owed] == ["media"]
    assert "urgent" in [line.thread.current.category for line in day.lines if line.thread]
