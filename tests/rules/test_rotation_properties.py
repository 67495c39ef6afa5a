"""What holds for every roster, in any zone and over any years."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from math import lcm
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from tests.rules.watch_example import calendar
from workflows.rotation import Absence, Days, Override, Rotation, Tier, Turn, Watch, manned, roster
from workflows.shifts import shift_at, shifts

ZONES = st.sampled_from(
    ["Asia/Shanghai", "UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"]
).map(ZoneInfo)
MOMENTS = st.integers(0, 7 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
DATES = st.dates(date(2026, 1, 1), date(2032, 1, 1))
CHANGES = st.lists(
    st.times().map(lambda one: one.replace(second=0, microsecond=0)),
    min_size=1,
    max_size=3,
    unique=True,
).map(lambda found: tuple(sorted(found)))
PEOPLE = st.integers(1, 6)
TURNS = st.lists(st.builds(Turn, main=PEOPLE, stand_in=st.none() | PEOPLE), min_size=1, max_size=6)
TIERS = st.sampled_from(Tier)


@st.composite
def spans(draw: st.DrawFn) -> dict[str, datetime]:
    minutes = draw(st.integers(0, 30 * 24 * 60))
    starts = datetime(2026, 6, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    return {
        "starts_at": starts,
        "ends_at": starts + timedelta(minutes=draw(st.integers(1, 5000))),
    }


@st.composite
def watches(draw: st.DrawFn) -> Watch:
    def differing(kind: type, **more: object) -> tuple[object, ...]:
        made = st.builds(lambda person, span: {"person": person, **span}, PEOPLE, spans())
        found = draw(st.lists(made, max_size=4))
        return tuple(kind(**one, **more) for one in found)

    changed = tuple(
        Override(id=number, why="override", tier=draw(TIERS), person=draw(PEOPLE), **draw(spans()))
        for number in range(draw(st.integers(0, 4)))
    )
    rotations = tuple(
        Rotation(
            id=number,
            days=draw(st.sampled_from(Days)),
            turn_days=draw(st.integers(1, 8)),
            order=tuple(draw(TURNS)),
            starts_on=date(2026, 5, 1) + timedelta(days=draw(st.integers(0, 60))),
        )
        for number in range(draw(st.integers(0, 3)))
    )
    return Watch(
        post="desk",
        changes=draw(CHANGES),
        rotations=rotations,
        overrides=changed,
        absences=differing(Absence),  # type: ignore[arg-type]
        fit=draw(st.frozensets(PEOPLE)),
    )


@given(CHANGES, MOMENTS, ZONES)
def test_every_moment_is_in_exactly_one_shift(
    changes: tuple[time, ...], moment: datetime, zone: ZoneInfo
) -> None:
    today = moment.astimezone(zone).date()
    near = list(shifts(changes, today - timedelta(days=2), today + timedelta(days=1), zone))

    assert [one for one in near if one.starts_at <= moment < one.ends_at] == [
        shift_at(changes, moment, zone)
    ]
    assert all(one.ends_at == other.starts_at for one, other in pairwise(near))


@given(watches(), st.just(date(2026, 6, 10)), ZONES)
def test_stretches_cover_every_instant_once(watch: Watch, first: date, zone: ZoneInfo) -> None:
    found = roster(watch, first, first + timedelta(days=10), calendar(zone=zone))

    assert all(one.starts_at < one.ends_at for one in found)
    assert all(one.ends_at == other.starts_at for one, other in pairwise(found))
    middles = Counter(one.shift for one in found if one.is_middle)
    assert set(middles.values()) == {1}


@given(watches(), ZONES)
def test_whoever_is_on_duty_can_be_and_is_not_his_own_stand_in(
    watch: Watch, zone: ZoneInfo
) -> None:
    for one in roster(watch, date(2026, 6, 1), date(2026, 7, 1), calendar(zone=zone)):
        assert {one.main, one.stand_in} - {None} <= watch.fit
        assert one.main is None or one.main != one.stand_in
        assert one.main is not None or one.stand_in is None
        for away in watch.absences:
            if away.starts_at < one.ends_at and away.ends_at > one.starts_at:
                assert away.person not in (one.main, one.stand_in)


@given(TURNS, st.integers(1, 5), DATES, CHANGES, ZONES)
def test_a_rotation_without_gaps_has_somebody_at_every_instant(
    order: list[Turn], turn_days: int, first: date, changes: tuple[time, ...], zone: ZoneInfo
) -> None:
    made = Rotation(
        id=1, days=Days.EVERY, turn_days=turn_days, order=tuple(order), starts_on=date(2026, 1, 1)
    )
    everybody = frozenset(range(1, 7))
    watch = Watch(post="desk", changes=changes, rotations=(made,), fit=everybody)
    for shift in shifts(changes, first, first + timedelta(days=3), zone):
        (one,) = manned(watch, shift, calendar(zone=zone))
        assert one.main in {turn.main for turn in order}


@given(st.integers(1, 7), st.integers(1, 3), st.integers(1, 4))
def test_over_whole_rounds_everybody_has_as_many_of_each_shift(
    people: int, shifts_a_day: int, turn_days: int
) -> None:
    order = tuple(Turn(main=number) for number in range(people))
    made = Rotation(
        id=1, days=Days.EVERY, turn_days=turn_days, order=order, starts_on=date(2026, 1, 1)
    )
    days = lcm(people, shifts_a_day) * people * turn_days
    for number in range(shifts_a_day):
        counts = Counter(
            made.turn(date(2026, 1, 1) + timedelta(days=day), number, shifts_a_day, calendar()).main
            for day in range(days)
        )
        assert set(counts) == set(range(people))
        assert len(set(counts.values())) == 1
