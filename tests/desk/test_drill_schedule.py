"""Injects come once, by time, condition, branch or hand; one that fails stops no other."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from drills import player, runs, schedule, waking
from drills.models import DrillInject
from drills.scenario.schema import Inject
from incident.errors import Conflict, NotFound
from incident.models import Entry, Incident
from incident.services import Services
from incident.who import Who
from tests.support.desk import act, make_people, read
from tests.support.rehearsal import (
    answer,
    begin,
    direct,
    fired,
    first,
    go,
    incident_of,
    later,
    row,
    rows,
    words,
)

BRANCHING = words(
    "asks", at="5m", expires="20m", branch={"answered": ["thanks"], "expired": ["angry"]}
)
AFTER = (words("thanks"), words("angry"))


@pytest.fixture
def people(services: Services) -> dict[str, Who]:
    return make_people(services)


def verify(services: Services, key: str, people: dict[str, Who]) -> None:
    incident = read(services, incident_of(services, key))
    act(services, incident, "verify", people["duty_officer"], conclusion="属实")


def told(services: Services, type: str) -> list[Entry]:
    with services.reading() as session:
        query = select(Entry).where(Entry.type == type, Entry.drill.is_not(None))
        return list(session.scalars(query.order_by(Entry.seq)))


def by_hand(services: Services, key: str, name: str, inject: str, **given: object) -> None:
    id = row(services, key, inject).id
    with services.transaction() as session:
        getattr(schedule, name)(session, runs.find(session, key), id, **given)


def test_a_conditional_inject_comes_once_when_its_condition_came_true(
    services: Services, people: dict[str, Who]
) -> None:
    key = begin(services, first(), words("then", when={"action": "verify"}))
    assert go(services, minutes=9) == 0
    verify(services, key, people)

    assert go(services) == 1
    assert go(services, minutes=20) == 0

    assert fired(services, key)["then"] == 9
    assert row(services, key, "then").due_seconds == 9 * 60


def test_a_condition_that_came_true_in_a_pause_counts_where_the_clock_stood(
    services: Services, people: dict[str, Who]
) -> None:
    key = begin(services, first(), words("then", when={"action": "verify"}))
    go(services, minutes=4)
    direct(services, "pause", key)
    later(services, minutes=50)
    verify(services, key, people)
    assert go(services, hours=1) == 0

    direct(services, "resume", key)

    assert go(services) == 1
    assert fired(services, key)["then"] == 4


def test_a_conditional_inject_of_a_later_segment_waits_for_it(
    services: Services, people: dict[str, Who]
) -> None:
    key = begin(services, first(), words("then", segment="second", when={"action": "verify"}))
    verify(services, key, people)
    assert go(services, minutes=59) == 0

    assert go(services, minutes=1) == 1
    assert fired(services, key)["then"] == 60


def test_one_condition_brings_the_next(services: Services, people: dict[str, Who]) -> None:
    key = begin(
        services,
        first(),
        {
            "id": "dies",
            "when": {"action": "verify"},
            "via": "lab_result",
            "sender": "某",
            "facts": {"deaths": 1},
        },
        words("rumour", when={"fact": "deaths", "at_least": 1}),
    )
    verify(services, key, people)

    assert go(services) == 2
    assert fired(services, key)["rumour"] == 0


@pytest.mark.parametrize(("minutes", "came"), [(10, "thanks"), (24.9, "thanks"), (60, "angry")])
def test_an_answer_and_an_expiry_take_their_own_branch(
    services: Services, people: dict[str, Who], minutes: float, came: str
) -> None:
    key = begin(services, first(), BRANCHING, *AFTER)
    go(services, minutes=5)
    go(services, minutes=minutes - 5)
    if came == "thanks":
        answer(services, key, "asks", people["duty_leader"])
    go(services, minutes=40)

    assert set(fired(services, key)) == {"first", "asks", came}
    assert row(services, key, came).due_seconds == min(minutes, 25) * 60


def test_what_expired_or_was_answered_is_not_answered_again(
    services: Services, people: dict[str, Who]
) -> None:
    key = begin(services, first(), BRANCHING, words("open", at="5m"), *AFTER)
    go(services, minutes=5)
    answer(services, key, "open", people["duty_leader"])
    later(services, minutes=20)

    with pytest.raises(Conflict, match="inject-expired"):
        answer(services, key, "asks", people["duty_leader"])
    with pytest.raises(Conflict, match="inject-answered"):
        answer(services, key, "open", people["duty_leader"])
    with pytest.raises(NotFound):
        answer(services, key, "thanks", people["duty_leader"])
    assert [entry.data["inject"] for entry in told(services, "inject_reply")] == ["open"]


def test_a_pause_stops_the_time_to_answer(services: Services, people: dict[str, Who]) -> None:
    key = begin(services, first(), BRANCHING, *AFTER, speed=10)
    go(services, minutes=0.5)
    direct(services, "pause", key)
    later(services, hours=9)
    direct(services, "resume", key)
    go(services, minutes=1.9)

    answer(services, key, "asks", people["duty_leader"])

    assert row(services, key, "asks").expired_at is None


def test_a_repeated_inject_comes_each_time(services: Services, people: dict[str, Who]) -> None:
    key = begin(services, first(), words("wave", at="5m", repeat={"every": "10m", "times": 3}))
    for _ in range(60):
        go(services, minutes=1)

    came = [one.fired_seconds for one in rows(services, key) if one.inject == "wave"]
    assert came == [300, 900, 1500, 2100]


def test_the_director_holds_skips_fires_and_inserts(
    services: Services, people: dict[str, Who]
) -> None:
    key = begin(
        services,
        first(),
        words("held", at="5m"),
        words("skipped", at="6m"),
        words("hand", ready=True),
        words("early", at="50m"),
    )
    by_hand(services, key, "hold_back", "held", held=True)
    by_hand(services, key, "skip", "skipped", who=people["director"])
    by_hand(services, key, "bring", "hand", reached=timedelta(minutes=3))
    with services.transaction() as session:
        made = Inject.model_validate(words("made", at="1m"))
        schedule.insert(session, runs.find(session, key), made, timedelta(minutes=8))
    assert player.fire(services, key, row(services, key, "early").id, who=people["director"])

    for _ in range(10):
        go(services, minutes=1)
    assert fired(services, key) == {"first": 0, "early": 0, "hand": 3, "made": 8}
    by_hand(services, key, "hold_back", "held", held=False)
    go(services)

    assert fired(services, key)["held"] == 10
    assert row(services, key, "held").is_late
    assert row(services, key, "early").fired_by == people["director"].id
    with pytest.raises(Conflict):
        by_hand(services, key, "skip", "made", who=people["director"])


def test_a_frozen_drill_fires_nothing_by_hand_and_a_paused_one_does(
    services: Services, people: dict[str, Who]
) -> None:
    key = begin(services, first(), words("one", ready=True), words("other", ready=True))
    direct(services, "pause", key)
    assert player.fire(services, key, row(services, key, "one").id, who=people["director"])
    with services.transaction() as session:
        runs.freeze(session, who=people["director"], now=services.now())

    with pytest.raises(Conflict):
        player.fire(services, key, row(services, key, "other").id, who=people["director"])
    assert row(services, key, "other").state == schedule.WAITING


def test_late_work_is_played_and_marked(services: Services, people: dict[str, Who]) -> None:
    key = begin(services, first(), words("late", at="5m"), words("punctual", at="30m"))
    go(services, minutes=20)
    go(services, minutes=10)

    assert row(services, key, "late").is_late
    assert not row(services, key, "punctual").is_late


def test_what_is_told_of_a_merged_incident_goes_where_it_went(
    services: Services, people: dict[str, Who]
) -> None:
    key = begin(services, first(), first(id="second", at="5m"), words("news", at="20m"))
    go(services, minutes=5)
    number = incident_of(services, key)
    other = row(services, key, "second").incident or ""
    act(
        services,
        read(services, number),
        "merge",
        people["duty_leader"],
        into=other,
        reason="同一事件",
    )

    go(services, minutes=15)

    assert row(services, key, "news").incident == other


def test_what_the_desk_does_not_take_fails_with_its_reason(
    services: Services, people: dict[str, Who]
) -> None:
    wrong = first(id="wrong", at="5m")
    wrong["report"] = {**wrong["report"], "counts": {"ill": "many", "basis": "visited"}}
    key = begin(services, first(), wrong, words("next", at="5m"))

    assert go(services, minutes=5) == 2

    assert row(services, key, "wrong").state == schedule.FAILED
    assert row(services, key, "wrong").problem == "invalid-input"
    assert [entry.data["inject"] for entry in told(services, "inject_failed")] == ["wrong"]
    assert "next" in fired(services, key)


def test_an_unforeseen_failure_is_tried_again_then_given_up_and_stops_nothing(
    services: Services, people: dict[str, Who], caplog: pytest.LogCaptureFixture
) -> None:
    key = begin(services, first(), words("broken", at="5m"), words("next", at="5m"))
    other = begin(services, first(), words("theirs", at="5m"))
    with services.transaction() as session:
        broken = update(DrillInject).where(DrillInject.inject == "broken")
        session.execute(broken.values(content={"id": "broken"}))

    assert go(services, minutes=5) == 2
    assert row(services, key, "broken").state == schedule.PLANNED
    assert go(services, seconds=20) == 0
    assert go(services, seconds=11) == 1
    assert go(services, minutes=1) == 0

    assert row(services, key, "broken").state == schedule.FAILED
    assert row(services, key, "broken").problem == "unforeseen"
    assert {"next"} < set(fired(services, key))
    assert "theirs" in fired(services, other)
    assert "inject" in caplog.text


def test_a_drill_that_cannot_be_played_stops_no_other(
    services: Services, people: dict[str, Who]
) -> None:
    sick = begin(services, first(), words("then", when={"action": "verify"}))
    well = begin(services, first(), words("next", at="5m"))
    with services.transaction() as session:
        session.execute(
            update(DrillInject)
            .where(DrillInject.inject == "then")
            .values(content={"when": {"unknown": "x"}})
        )

    with pytest.raises(ValueError, match="condition"):
        go(services, minutes=5)

    assert "next" in fired(services, well)
    assert fired(services, sick) == {"first": 0}


def test_two_engines_at_once_play_each_inject_once(
    services: Services, people: dict[str, Who]
) -> None:
    key = begin(
        services,
        first(),
        *(words(f"one-{number}", at="5m") for number in range(12)),
        first(id="again", at="5m"),
        words("then", when={"state": "reported"}),
    )
    later(services, minutes=5)
    start = threading.Barrier(2)

    def engine() -> None:
        start.wait()
        player.play_due(services)

    both = [threading.Thread(target=engine) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()

    assert len(fired(services, key)) == 15
    assert len(told(services, "inject")) == 13
    with services.reading() as session:
        assert len(session.scalars(select(Incident.id)).all()) == 2


def test_an_answer_and_an_expiry_at_once_leave_one_of_them(
    services: Services, people: dict[str, Who]
) -> None:
    key = begin(services, first(), BRANCHING, *AFTER)
    go(services, minutes=5)
    later(services, minutes=19, seconds=59)
    start = threading.Barrier(2)

    def expire() -> None:
        start.wait()
        waking.wake(services, key)

    other = threading.Thread(target=expire)
    other.start()
    start.wait()
    answer(services, key, "asks", people["duty_leader"])
    other.join()
    go(services, minutes=5)

    asked = row(services, key, "asks")
    assert (asked.answered_at is None) != (asked.expired_at is None)
    assert set(fired(services, key)) == {"first", "asks", "thanks"}
