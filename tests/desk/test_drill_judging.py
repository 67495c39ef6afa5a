"""Expectations are met, late, missed, open or unasked, with the seconds, by drill time alone."""

from datetime import timedelta
from typing import Any

import pytest

from drills import runs, schedule
from incident.operations import pace
from incident.services import Services
from incident.who import Who
from tests.support.desk import act, make_people, make_person, read
from tests.support.rehearsal import (
    answer,
    begin,
    direct,
    expected,
    first,
    go,
    incident_of,
    join,
    later,
    measured,
    row,
    words,
)

People = dict[str, Who]
VERIFY = {"action": "verify"}


@pytest.fixture
def people(services: Services) -> People:
    return make_people(services)


def verify(services: Services, key: str, who: Who) -> None:
    act(services, read(services, incident_of(services, key)), "verify", who, conclusion="属实")


def started(services: Services, *expectations: dict[str, Any], **given: Any) -> str:
    asks = words("asks", at="10m")
    hand = words("hand", ready=True)
    second = words("opens", segment="second", at="5m")
    return begin(services, first(), asks, hand, second, expectations=expectations, **given)


@pytest.mark.parametrize(
    ("minutes", "state", "taken"),
    [(0, "met", 0), (29, "met", 29), (30, "met", 30), (30.5, "late", 30.5), (55, "late", 55)],
)
def test_what_came_true_is_met_or_late(
    services: Services, people: People, minutes: float, state: str, taken: float
) -> None:
    key = started(services, expected("verified", VERIFY))
    later(services, minutes=minutes)
    verify(services, key, people["duty_officer"])

    assert measured(services, key) == {"verified": (state, taken)}


@pytest.mark.parametrize(("minutes", "state"), [(30, "open"), (30.1, "missed")])
def test_what_did_not_is_open_until_its_time_is_over(
    services: Services, people: People, minutes: float, state: str
) -> None:
    key = started(services, expected("verified", VERIFY))
    later(services, minutes=minutes)

    assert measured(services, key) == {"verified": (state, None)}


@pytest.mark.parametrize("speed", [0.5, 1, 7, 60])
def test_pauses_and_speeds_change_no_judgement(
    services: Services, people: People, speed: float
) -> None:
    key = started(services, expected("verified", VERIFY), speed=speed)
    later(services, minutes=10 / speed)
    direct(services, "pause", key)
    later(services, hours=7)
    direct(services, "set_speed", key, 20.0)
    direct(services, "resume", key)
    later(services, minutes=0.5)
    direct(services, "set_speed", key, 2.0)
    later(services, minutes=2)
    verify(services, key, people["duty_officer"])

    assert measured(services, key) == {"verified": ("met", 24)}


def test_what_is_done_in_a_pause_counts_at_the_time_of_the_pause(
    services: Services, people: People
) -> None:
    key = started(services, expected("verified", VERIFY))
    later(services, minutes=12)
    direct(services, "pause", key)
    later(services, hours=2)
    verify(services, key, people["duty_officer"])

    assert measured(services, key) == {"verified": ("met", 12)}


def test_a_jump_lets_the_time_between_pass(services: Services, people: People) -> None:
    key = started(services, expected("verified", VERIFY), expected("opened", VERIFY, within="80m"))
    later(services, minutes=5)
    direct(services, "jump", key, "second")
    verify(services, key, people["duty_officer"])

    assert measured(services, key) == {"verified": ("late", 60), "opened": ("met", 60)}


def test_it_counts_from_the_inject_that_really_came(services: Services, people: People) -> None:
    since = {"since": "inject:asks", "within": "5m"}
    key = started(services, expected("answers", {"answered": "asks"}, **since))
    assert measured(services, key) == {"answers": ("open", None)}
    id = row(services, key, "asks").id
    with services.transaction() as session:
        schedule.hold_back(session, runs.find(session, key), id, held=True)
    go(services, minutes=40)
    with services.transaction() as session:
        schedule.hold_back(session, runs.find(session, key), id, held=False)
    go(services)
    later(services, minutes=4)
    answer(services, key, "asks", people["duty_leader"])

    assert measured(services, key) == {"answers": ("met", 4)}


def test_what_was_done_before_it_was_asked_took_no_time(services: Services, people: People) -> None:
    key = started(services, expected("verified", VERIFY, since="inject:asks", within="5m"))
    verify(services, key, people["duty_officer"])
    go(services, minutes=11)

    assert measured(services, key) == {"verified": ("met", 0)}


def test_what_was_never_brought_is_unasked(services: Services, people: People) -> None:
    key = started(
        services,
        expected("by-hand", VERIFY, since="inject:hand"),
        expected("skipped", VERIFY, since="inject:asks"),
        expected("started", VERIFY),
    )
    id = row(services, key, "asks").id
    with services.transaction() as session:
        run = runs.find(session, key)
        schedule.skip(session, run, id, who=people["director"])
    assert measured(services, key)["by-hand"] == ("open", None)
    assert measured(services, key)["skipped"] == ("unasked", None)
    direct(services, "end", key)

    assert measured(services, key) == {
        "by-hand": ("unasked", None),
        "skipped": ("unasked", None),
        "started": ("missed", None),
    }


def test_a_segment_that_was_not_played_or_not_reached_asks_nothing(
    services: Services, people: People
) -> None:
    later_on = expected("later", VERIFY, since="segment", segment="second")
    apart = started(services, expected("now", VERIFY), later_on, segments=["main"])
    whole = started(services, later_on)
    assert measured(services, apart)["later"] == ("unasked", None)
    assert measured(services, whole)["later"] == ("open", None)
    later(services, minutes=10)
    direct(services, "end", whole)

    assert measured(services, whole)["later"] == ("unasked", None)


def test_a_segment_that_runs_apart_counts_from_its_own_start(
    services: Services, people: People
) -> None:
    key = begin(
        services,
        first(),
        first(id="again", segment="second", at="0m"),
        expectations=[expected("start", VERIFY, segment="second")],
        segments=["second"],
    )
    later(services, minutes=9)
    verify(services, key, people["duty_officer"])

    assert measured(services, key) == {"start": ("met", 9)}


def test_what_comes_after_the_end_does_not_count(services: Services, people: People) -> None:
    key = started(services, expected("verified", VERIFY))
    later(services, minutes=5)
    direct(services, "end", key)
    later(services, minutes=5)
    verify(services, key, people["duty_officer"])

    assert measured(services, key) == {"verified": ("missed", None)}
    with services.reading() as session:
        assert pace.of(session, key).reached(services.now()) == timedelta(minutes=5)


def test_a_part_is_asked_of_those_who_play_it(services: Services, people: People) -> None:
    other = make_person(services, "other", "duty_officer", number=61)
    key = started(services, expected("verified", VERIFY, parts=["duty"]))
    join(services, key, "duty", other)
    verify(services, key, people["duty_officer"])
    assert measured(services, key) == {"verified": ("open", None)}

    join(services, key, "duty", people["duty_officer"])

    assert measured(services, key) == {"verified": ("met", 0)}


@pytest.mark.parametrize(("of", "early"), [("any", ("met", 10)), ("all", ("open", None))])
def test_any_part_or_all_parts_are_asked(
    services: Services, people: People, of: str, early: tuple[str, float | None]
) -> None:
    wanted = {"any": [{"answered": "asks"}, VERIFY]}
    key = started(services, expected("one", wanted, parts=["duty", "leader"], of=of, within="60m"))
    join(services, key, "duty", people["duty_officer"])
    join(services, key, "leader", people["duty_leader"])
    go(services, minutes=10)
    verify(services, key, people["duty_officer"])
    assert measured(services, key) == {"one": early}

    later(services, minutes=5)
    answer(services, key, "asks", people["duty_leader"])

    assert measured(services, key) == {"one": ("met", 10 if of == "any" else 15)}


def test_a_colleague_counts_for_the_part_that_nobody_plays(
    services: Services, people: People
) -> None:
    answered = expected(
        "answered",
        {"answered": "asks"},
        parts=["duty", "leader"],
        since="inject:asks",
    )
    key = started(services, answered, colleagues=True)
    guest = make_person(services, "guest", "duty_leader", number=61)
    join(services, key, "leader", guest)
    go(services, minutes=10)
    go(services, minutes=10)
    assert measured(services, key) == {"answered": ("open", None)}  # the guest may answer it
    answer(services, key, "asks", people["duty_officer"])

    assert measured(services, key) == {"answered": ("met", 10)}
