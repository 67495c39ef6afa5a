"""The desk's list: next clock first, filters, scope, and pages that neither skip nor repeat."""

import pytest

from incident.errors import InvalidInput
from incident.queries import incidents
from incident.services import Services
from tests.support.desk import make_incident, make_people, make_person


def numbers(services: Services, who: str = "duty_officer", **filters: object) -> list[str]:
    person = make_people(services)[who]
    with services.reading() as session:
        page = incidents.desk_list(session, person, **filters)  # type: ignore[arg-type]
    return [row.number for row in page.rows]


def test_the_next_clock_comes_first_and_those_without_one_last(services: Services) -> None:
    over = make_incident(services, state="dismissed")
    late = make_incident(services, occurred_at="2026-11-23T10:00:00+08:00")
    early = make_incident(services, occurred_at="2026-11-23T09:00:00+08:00")
    found = numbers(services)
    assert found == [early.number, late.number, over.number]


def test_small_pages_together_are_the_whole_list(services: Services) -> None:
    for state in ("reported", "dismissed", "grading", "reported", "dismissed", "closed"):
        make_incident(services, state=state)
    whole, found, cursor = numbers(services), [], None
    leader = make_people(services)["leader"]
    for _ in range(7):
        with services.reading() as session:
            page = incidents.desk_list(session, leader, limit=1, cursor=cursor)
        found += [row.number for row in page.rows]
        cursor = page.next
        if cursor is None:
            break
    assert found == whole
    assert len(whole) == len(set(whole)) >= 6


def test_filters_narrow_the_list(services: Services) -> None:
    food = make_incident(services, state="grading", grade="II")
    drill = make_incident(services, drill="example")
    drug = make_incident(services, kind="drug", unit={"name": "示例市中心医院100%_"})
    assert numbers(services, states=["grading"]) == [food.number]
    assert numbers(services, grade="II") == [food.number]
    assert numbers(services, kind="drug") == [drug.number]
    assert numbers(services, drill=True) == [drill.number]
    assert set(numbers(services, drill=False)) == {food.number, drug.number}
    assert numbers(services, q="中心医院") == [drug.number]
    assert numbers(services, q="100%_") == [drug.number]
    assert numbers(services, q=drill.number.lower()) == [drill.number]


def test_a_row_shows_the_newest_counts_and_the_nearest_clock(services: Services) -> None:
    made = make_incident(services)
    with services.reading() as session:
        person = make_people(services)["leader"]
        row = incidents.desk_list(session, person).rows[0]
    assert row.number == made.number
    assert row.counts == {"ill": 40, "severe": 2}
    assert row.next_due_at is not None
    assert row.clock


def test_people_see_only_what_is_theirs(services: Services) -> None:
    make_incident(services)
    drill = make_incident(services, drill="example")
    make_person(services, "outsider", "reporter")
    assert numbers(services, "reporter") == []
    assert numbers(services, "auditor") == []
    assert numbers(services, "observer") == [drill.number]
    assert len(numbers(services, "leader")) == 2


@pytest.mark.parametrize("cursor", ["x", "%%%", "MjAyNi0xMS0yM34x", "fi0x", "é"])
def test_a_cursor_from_elsewhere_is_refused(services: Services, cursor: str) -> None:
    leader = make_people(services)["leader"]
    with services.reading() as session, pytest.raises(InvalidInput):
        incidents.desk_list(session, leader, cursor=cursor)
