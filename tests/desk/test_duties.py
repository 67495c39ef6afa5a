"""The duty of frequency: what is due by law and plan, and what is not known."""

from datetime import date, timedelta

import pytest

from drills import duties, programme, runs
from drills.programme import Done, Planned
from drills.scenario.files import shipped
from incident.clock import FrozenClock
from incident.errors import Conflict, InvalidInput
from incident.models import Entry
from incident.services import Services
from incident.who import Who
from tests.support.desk import make_people
from workflows.lifecycle import Role

DUTY = "national-plans"


@pytest.fixture
def director(services: Services) -> Who:
    return make_people(services)[Role.DIRECTOR]


def planned(services: Services, director: Who, day: date, **changes: object) -> int:
    bring = Planned.model_validate(
        {"title": "学校食堂桌面推演", "office": "示例局", "planned_on": day, **changes}
    )
    with services.transaction() as session:
        row = programme.plan(session, bring, who=director, now=services.now(), rules=services.rules)
        return row.id


def held(services: Services, director: Who, id: int, day: date, drill: str | None = None) -> None:
    with services.transaction() as session:
        programme.done(
            session,
            id,
            Done(done_on=day, drill=drill),
            who=director,
            now=services.now(),
            rules=services.rules,
        )


def standing(services: Services, today: date, duty: str = DUTY) -> duties.Due:
    with services.reading() as session:
        found = duties.standing(session, services.rules, today)
    return next(one for one in found if one.duty.id == duty)


def test_every_duty_has_its_ground_and_its_mark() -> None:
    found = {one.id: one for one in duties.table()}

    assert all(one.basis and one.confidence for one in found.values())
    assert len(found) == len(duties.table())
    assert not found["national-plans-2013"].acts
    assert found["qingdao-special"].months == 24
    assert found["public-health-units"].months is None


def test_a_desk_has_the_duties_of_its_own_place(services: Services) -> None:
    known = {one.id for one in duties.of_desk(services.rules)}

    assert "national-plans" in known
    assert "qingdao-special" not in known


def test_what_was_never_entered_is_unknown_and_not_overdue(services: Services) -> None:
    found = standing(services, date(2026, 11, 23))

    assert (found.last, found.due, found.standing) == (None, None, "unknown")


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2028, 6, 1), "kept"),
        (date(2029, 10, 1), "soon"),
        (date(2029, 11, 20), "soon"),
        (date(2029, 11, 21), "overdue"),
    ],
)
def test_a_drill_that_was_held_makes_the_next_due(
    services: Services, director: Who, today: date, expected: str
) -> None:
    id = planned(services, director, date(2026, 11, 20), duty=DUTY)
    held(services, director, id, date(2026, 11, 20))

    found = standing(services, today)

    assert found.due == date(2029, 11, 20)
    assert found.standing == expected


def test_what_is_planned_or_dropped_counts_for_nothing(services: Services, director: Who) -> None:
    planned(services, director, date(2026, 12, 20), duty=DUTY)
    dropped = planned(services, director, date(2026, 12, 1), duty=DUTY)
    with services.transaction() as session:
        programme.drop(session, dropped, who=director, now=services.now())

    found = standing(services, date(2026, 11, 23))

    assert (found.standing, found.planned) == ("unknown", date(2026, 12, 20))


@pytest.mark.parametrize("duty", ["public-health-units", "national-plans-2013"])
def test_what_has_no_interval_or_is_repealed_makes_nothing_due(
    services: Services, director: Who, duty: str
) -> None:
    id = planned(services, director, date(2020, 1, 1), duty=duty)
    held(services, director, id, date(2020, 1, 1))

    assert standing(services, date(2026, 11, 23), duty).due is None


def test_a_run_fulfils_what_was_planned_once_it_has_ended(
    services: Services, director: Who
) -> None:
    run = runs.start(services, shipped()["school-canteen-salmonella"], who=director)
    id = planned(services, director, date(2026, 11, 23), duty=DUTY)
    with pytest.raises(InvalidInput):
        held(services, director, id, date(2026, 11, 23), run.key)
    with services.transaction() as session:
        runs.end(session, run.key, who=director, now=services.now())

    held(services, director, id, date(2026, 11, 23), run.key)

    assert standing(services, date(2026, 11, 23)).last == date(2026, 11, 23)
    with services.reading() as session:
        listed = programme.of_year(session, 2026, date(2026, 11, 23))
        types = {one.type for one in session.query(Entry)}
    assert [(one.state, one.row.drill) for one in listed] == [("done-state", run.key)]
    assert {"exercise_planned", "exercise_done"} <= types


def test_one_that_was_held_unplanned_is_entered_at_once(services: Services, director: Who) -> None:
    run = runs.start(services, shipped()["school-canteen-salmonella"], who=director)
    with services.transaction() as session:
        runs.end(session, run.key, who=director, now=services.now())

    planned(services, director, date(2026, 11, 23), duty=DUTY, drill=run.key)

    assert standing(services, date(2026, 11, 23)).last == date(2026, 11, 23)


def test_what_is_settled_is_not_settled_again(services: Services, director: Who) -> None:
    id = planned(services, director, date(2026, 11, 1))
    held(services, director, id, date(2026, 11, 1))

    with pytest.raises(Conflict), services.transaction() as session:
        programme.drop(session, id, who=director, now=services.now())


def test_nothing_was_held_in_the_future(services: Services, director: Who) -> None:
    id = planned(services, director, date(2026, 12, 1))
    assert isinstance(services.clock, FrozenClock)

    with pytest.raises(InvalidInput):
        held(services, director, id, services.rules.day(services.now()) + timedelta(days=1))


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 11, 23), 36, date(2029, 11, 23)),
    ],
)
def test_months_later_is_a_day_that_there_is(day: date, months: int, expected: date) -> None:
    assert duties.later(day, months) == expected
