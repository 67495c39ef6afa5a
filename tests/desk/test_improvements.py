"""The improvement ledger: entered once, proven by its owner, closed by somebody else."""

from datetime import date, timedelta
from typing import Any, cast

import pytest
from sqlalchemy import select

from drills import runs
from drills.learning import ledger
from drills.models import Improvement
from drills.scenario.files import shipped
from incident.clock import FrozenClock
from incident.errors import Conflict, Forbidden, InvalidInput
from incident.models import Entry
from incident.services import Services
from incident.web.access import BUSINESS
from incident.who import Who
from tests.support.desk import make_incident, make_people
from workflows.lifecycle import Role

CANTEEN = shipped()["school-canteen-salmonella"]
EDITION = "food-CN@2011"


@pytest.fixture
def people(services: Services) -> dict[str, Who]:
    return make_people(services)


@pytest.fixture
def key(services: Services, people: dict[str, Who]) -> str:
    run = runs.start(services, CANTEEN, who=people[Role.DIRECTOR])
    with services.transaction() as session:
        runs.end(session, run.key, who=people[Role.DIRECTOR], now=services.now())
    return run.key


def enter(services: Services, who: Who, **given: Any) -> Improvement:
    item = {
        "weakness": "续报要素不全",
        "remedy": "修订模板",
        "owner": Role.GROUP_MEMBER,
        "due_on": today(services) + timedelta(days=7),
        **given,
    }
    with services.transaction() as session:
        return ledger.enter(
            session, ledger.Item.model_validate(item), BUSINESS, services.context(who)
        )


def today(services: Services) -> date:
    return services.rules.day(services.now())


def prove(services: Services, number: str, who: Who) -> None:
    with services.transaction() as session:
        ledger.prove(session, number, ledger.Proof(text="已修订"), None, services.context(who))


def close(services: Services, number: str, who: Who) -> None:
    with services.transaction() as session:
        ledger.close(session, number, services.context(who))


def test_items_are_numbered_through_the_year(services: Services, people: dict[str, Who]) -> None:
    numbers = [enter(services, people[Role.DIRECTOR]).number for _ in range(2)]

    assert numbers == ["GJ-2026-001", "GJ-2026-002"]


def test_what_one_source_showed_is_entered_once(
    services: Services, people: dict[str, Who], key: str
) -> None:
    first, again = (
        enter(services, people[Role.DIRECTOR], drill=key, source="expectation:graded")
        for _ in range(2)
    )

    assert first.number == again.number
    assert first.scenario == CANTEEN.id


def test_nothing_is_entered_of_a_drill_that_goes_on(
    services: Services, people: dict[str, Who]
) -> None:
    run = runs.start(services, CANTEEN, who=people[Role.DIRECTOR])

    with pytest.raises(Conflict, match="drill-not-ended"):
        enter(services, people[Role.DIRECTOR], drill=run.key)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("owner", {"owner": "nobody"}),
        ("owner", {"owner": Role.AUDITOR}),
        ("due_on", {"due_on": date(2026, 11, 1)}),
        ("edition", {"edition": "food-CN@1900"}),
        ("drill", {"drill": "YL-none"}),
        ("incident", {"incident": "SP20260101-001"}),
    ],
)
def test_what_is_not_there_is_refused_by_its_field(
    services: Services, people: dict[str, Who], name: str, given: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput) as caught:
        enter(services, people[Role.DUTY_LEADER], **given)

    assert [error.field for error in caught.value.errors] == [name]


def test_a_weakness_of_a_real_incident_names_it(services: Services, people: dict[str, Who]) -> None:
    incident = make_incident(services)

    row = enter(services, people[Role.DUTY_LEADER], incident=incident.number, edition=EDITION)

    assert (row.incident_id, row.drill, row.edition) == (incident.id, None, EDITION)


def test_nobody_closes_his_own_item(services: Services, people: dict[str, Who]) -> None:
    number = enter(services, people[Role.DIRECTOR], owner=Role.DUTY_LEADER).number
    prove(services, number, people[Role.DUTY_LEADER])

    with pytest.raises(Forbidden, match="own-improvement"):
        close(services, number, people[Role.DUTY_LEADER])
    close(services, number, people[Role.COMMANDER])

    with services.reading() as session:
        row = ledger.find(session, number)
        told = session.scalars(select(Entry.type).order_by(Entry.seq)).all()
    assert ledger.state(row, today(services)) == "closed"
    assert row.closed_by == people[Role.COMMANDER].id
    assert [one for one in told if one.startswith("improvement")] == [
        "improvement_entered",
        "improvement_proven",
        "improvement_closed",
    ]


def test_nothing_is_closed_without_proof(services: Services, people: dict[str, Who]) -> None:
    number = enter(services, people[Role.DIRECTOR]).number

    with pytest.raises(Conflict, match="improvement-unproven"):
        close(services, number, people[Role.COMMANDER])


def test_a_proof_that_is_sent_back_opens_the_item_again(
    services: Services, people: dict[str, Who]
) -> None:
    number = enter(services, people[Role.DIRECTOR]).number
    prove(services, number, people[Role.GROUP_MEMBER])
    with services.transaction() as session:
        refusal = ledger.Refusal(reason="没有签到表")
        ledger.refuse(session, number, refusal, services.context(people[Role.COMMANDER]))

    with services.reading() as session:
        assert ledger.state(ledger.find(session, number), today(services)) == "open"
        entry = session.scalars(select(Entry).where(Entry.type == "improvement_refused")).one()
    assert "没有签到表" in entry.text


def test_what_is_closed_stays_as_it_is(services: Services, people: dict[str, Who]) -> None:
    number = enter(services, people[Role.DIRECTOR]).number
    prove(services, number, people[Role.GROUP_MEMBER])
    close(services, number, people[Role.COMMANDER])

    with pytest.raises(Conflict, match="improvement-closed"):
        prove(services, number, people[Role.GROUP_MEMBER])
    with pytest.raises(Conflict, match="improvement-closed"):
        close(services, number, people[Role.COMMANDER])


def test_an_item_is_overdue_from_the_day_after_until_it_is_proven(
    services: Services, people: dict[str, Who]
) -> None:
    row = enter(services, people[Role.DIRECTOR], due_on=today(services))
    assert ledger.state(row, today(services)) == "open"

    cast(FrozenClock, services.clock).advance(timedelta(days=1))
    assert ledger.state(row, today(services)) == "overdue"
    prove(services, row.number, people[Role.GROUP_MEMBER])

    with services.reading() as session:
        assert ledger.state(ledger.find(session, row.number), today(services)) == "proven"


def test_the_next_drill_opens_with_what_is_not_closed(
    services: Services, people: dict[str, Who], key: str
) -> None:
    late, soon, done = (
        enter(
            services,
            people[Role.DIRECTOR],
            drill=key,
            source=f"expectation:{days}",
            due_on=today(services) + timedelta(days=days),
        ).number
        for days in (9, 3, 5)
    )
    enter(services, people[Role.DIRECTOR])  # of no drill
    prove(services, done, people[Role.GROUP_MEMBER])
    close(services, done, people[Role.COMMANDER])

    with services.reading() as session:
        assert [one.number for one in ledger.unclosed(session, CANTEEN.id)] == [soon, late]
        assert ledger.unclosed(session, "wild-mushrooms") == []


def test_an_edition_knows_which_items_it_answers(
    services: Services, people: dict[str, Who]
) -> None:
    number = enter(services, people[Role.DIRECTOR]).number
    with services.transaction() as session:
        change = ledger.Change(
            remedy="改预案", owner=Role.EXPERT, due_on=today(services), edition=EDITION
        )
        ledger.change(session, number, change, BUSINESS, services.context(people[Role.DIRECTOR]))

    with services.reading() as session:
        assert [one.number for one in ledger.listed(session, edition=EDITION)] == [number]
        assert ledger.find(session, number).owner_id == people[Role.EXPERT].id
