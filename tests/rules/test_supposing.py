"""Steps supposed at another time: what follows from the plan, whatever the course was."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from workflows import ringing, supposing
from workflows.calendar import Calendar
from workflows.library import Library
from workflows.retracing import Change, retrace, situations
from workflows.supposing import Course

LIBRARY, CALENDAR = Library.load(), Calendar.load()
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
STEPS = (
    ("action:verify", "verified", "grading"),
    ("action:approve_grade", "graded", "grading"),
    ("action:activate", "activated", "responding"),
    ("action:terminate", "terminated", "reviewing"),
    ("action:archive", "archived", "closed"),
)
ACTS = ("briefing:initial", "briefing:progress", "task:A03", "task:A08", "task:A11")

gaps = st.integers(min_value=0, max_value=2000)
minutes = st.integers(min_value=-3000, max_value=3000)
grades = st.sampled_from(("I", "II", "III", "IV", "ungraded"))
counts = st.one_of(st.none(), st.integers(min_value=0, max_value=200))


@st.composite
def courses(draw: st.DrawFn) -> Course:
    """Return a course of some steps, acts and facts at any distances."""
    at, changes = NOW, [Change(at=NOW, facts={"ill": draw(counts), "setting": "school"})]
    for how, sets, state in STEPS[: draw(st.integers(min_value=1, max_value=len(STEPS)))]:
        at += draw(gaps) * MINUTE
        grade = draw(grades) if sets == "graded" else None
        changes.append(Change(at=at, how=how, sets=sets, state=state, grade=grade))
    for how in draw(st.lists(st.sampled_from(ACTS))):
        moment = NOW + draw(gaps) * MINUTE
        changes.append(Change(at=moment, how=how, sets=how if how[:4] == "task" else None))
    plan = LIBRARY.plan(draw(st.sampled_from(("food-CN@2011", "food-51@2017"))))
    return Course(
        plan=plan,
        kind="food",
        filed={"received": NOW, "occurred": NOW - 90 * MINUTE},
        changes=tuple(sorted(changes, key=lambda change: change.at)),
        marked={},
    )


@given(courses(), st.booleans(), gaps)
def test_no_shift_changes_nothing(course: Course, along: bool, later: int) -> None:
    now = course.changes[-1].at + later * MINUTE
    for step in supposing.taken(course.changes):
        shift, changes = supposing.shift(course, step, timedelta(), along=along)
        clocks = supposing.compare(course, changes, calendar=CALENDAR, now=now)
        rings = ringing.compare(course, changes, clocks, {}, now=now)

        assert shift.after == shift.before
        assert changes == course.changes
        assert not [one for one in (*clocks, *rings) if one.differs]


@given(courses(), minutes, st.booleans())
def test_the_steps_keep_their_order(course: Course, asked: int, along: bool) -> None:
    for step in supposing.taken(course.changes):
        shift, changes = supposing.shift(course, step, asked * MINUTE, along=along)
        steps = [change.sets for change in changes if (change.how or "").startswith("action:")]
        moved = [change.at for change in changes if change.sets == step]

        assert steps == [sets for _, sets, _ in STEPS[: len(steps)]]
        assert moved == [shift.after]
        assert abs(shift.by) <= abs(shift.asked)
        assert (shift.bound is None) == (shift.by == shift.asked)


@given(courses(), minutes)
def test_what_counts_from_the_report_is_due_when_it_was(course: Course, asked: int) -> None:
    now = course.changes[-1].at
    for step in supposing.taken(course.changes):
        _, changes = supposing.shift(course, step, asked * MINUTE)
        for one in supposing.compare(course, changes, calendar=CALENDAR, now=now):
            if one.before and one.after and one.ran.clock.starts in course.filed:
                assert one.before.due_at == one.after.due_at


def test_a_repeating_duty_that_is_owed_late_counts_from_then() -> None:
    plan = LIBRARY.plan("food-CN@2011")
    late = NOW + timedelta(hours=30)
    changes = (
        Change(at=NOW, facts={}),
        Change(at=NOW, how="action:activate", sets="activated", state="responding"),
        Change(at=late, how="action:regrade", sets="regraded", grade="II"),
    )
    ran = retrace(plan, "food", situations({"received": NOW}, changes), CALENDAR)
    [progress] = [one for one in ran if one.clock.rule == "FC-PROG-12"]

    assert progress.since == progress.clock.starts_at == late
    assert progress.clock.due_at == late + timedelta(hours=24)
