"""The example desk's roster is alive: somebody everywhere, one gap to mend, a swap to answer."""

from drills.example_people import give_telephones, make_people
from drills.example_roster import make_roster
from incident.queries.duty_outlook import outlook
from incident.queries.duty_people import contacts, swaps
from incident.queries.on_duty import present
from incident.services import Services


def test_a_newcomer_sees_a_roster_that_lives(sqlite_services: Services) -> None:
    services = sqlite_services
    people = make_people(services)
    give_telephones(services)

    make_roster(services, people)

    with services.reading() as session:
        now = services.now()
        found = present(session, services.rules, now)
        ahead = outlook(session, services.rules, now)
        asked = swaps(session, open_only=True)
        tried = contacts(session, now)
    assert [one.main.account if one.main else None for one in found] == [
        "zhiban",
        "daiban",
        "zhihui",
        "zhuanjia",
    ]
    assert [gap.missing.account for gap in ahead.gaps if gap.missing] == ["zuzhang"]
    assert ahead.doubles == ()
    assert [row.other for row in asked] == ["示例值班员"]
    assert {row.stale for row in tried} == {True, False}
