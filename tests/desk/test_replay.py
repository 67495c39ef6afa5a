"""A replay shows what the desk knew at a moment, and nothing that came to it later."""

from datetime import datetime, timedelta
from typing import Any

from incident.clock import FrozenClock
from incident.inputs.tasks import TaskChange
from incident.models import Incident
from incident.operations import briefings, clocks, pace, steps, tasks
from incident.queries import dial as dials
from incident.queries import replay, replay_people, timeline
from incident.services import Services
from tests.support.alerts import later, say
from tests.support.briefings import draft
from tests.support.desk import NOW, act, make_incident, make_people, read
from tests.support.steps import brings, propose

MINUTE = timedelta(minutes=1)


def wait(services: Services, **passed: float) -> datetime:
    assert isinstance(services.clock, FrozenClock)
    return services.clock.advance(timedelta(**passed))


def told(services: Services, incident: Incident, moment: datetime) -> dict[str, Any]:
    with services.reading() as session:
        found = replay.facts(session, incident, moment, services.rules)
    return {fact.name: fact.value for fact in found}


def clocks_at(
    services: Services, incident: Incident, moment: datetime
) -> dict[str, replay.ClockThen]:
    with services.reading() as session:
        dial = dials.of(session, incident)
        found = replay.clocks(session, incident, moment, dial, services.rules)
    return {clock.title: clock for clock in found}


def standing(services: Services, incident: Incident, moment: datetime) -> replay.Standing:
    with services.reading() as session:
        return replay.standing(session, incident, moment)


def test_a_fact_is_known_from_its_entry_whatever_it_speaks_of(services: Services) -> None:
    incident = make_incident(services)
    officer = make_people(services)["duty_officer"]
    entered = wait(services, minutes=30)
    change = {"facts": {"ill": 52}, "source": "hospital", "as_of": (NOW + 5 * MINUTE).isoformat()}
    act(services, incident, "update_facts", officer, **change)

    assert told(services, incident, entered - MINUTE)["ill"] == 40
    assert told(services, incident, entered)["ill"] == 52
    assert told(services, incident, entered)["deaths"] is None, "unknown stays unknown"


def test_state_and_grade_stand_as_they_stood(services: Services) -> None:
    incident = make_incident(services)
    people = make_people(services)
    verified = wait(services, minutes=10)
    act(services, incident, "verify", people["duty_officer"], conclusion="属实")
    proposed = wait(services, minutes=10)
    propose(services, incident, "III", people["duty_officer"])
    approved = wait(services, minutes=10)
    approval = brings(services, incident, "approve_grade")
    act(services, incident, "approve_grade", people["commander"], **approval)

    at = [standing(services, incident, moment) for moment in (NOW, verified, proposed, approved)]
    assert [one.state for one in at] == ["reported", "grading", "grading", "grading"]
    assert [one.grade for one in at] == [None, None, None, "III"]
    assert [one.proposed for one in at] == [None, None, "III", None]


def test_a_clock_shows_what_was_left_and_when_it_was_kept(services: Services) -> None:
    incident = make_incident(services)
    verified = wait(services, minutes=20)
    act(services, incident, "verify", make_people(services)["duty_officer"], conclusion="属实")
    title = _title(services, "FC-DUTY30")

    before = clocks_at(services, incident, verified - MINUTE)[title]
    after = clocks_at(services, incident, verified)[title]
    assert (before.how, before.left, before.done_at) == ("running", 11 * MINUTE, None)
    assert (after.how, after.left, after.done_at) == ("done", None, verified)


def test_a_clock_that_a_grade_brought_was_not_there_before(services: Services) -> None:
    incident = make_incident(services)
    people = make_people(services)
    act(services, incident, "verify", people["duty_officer"], conclusion="属实")
    propose(services, incident, "II", people["duty_officer"])
    approved = wait(services, hours=1)
    approval = brings(services, incident, "approve_grade", grade="II")
    act(services, incident, "approve_grade", people["commander"], **approval)
    title = _title(services, "FC-C03-5")

    assert title not in clocks_at(services, incident, approved - MINUTE)
    assert clocks_at(services, incident, approved)[title].starts_at == NOW


def test_a_clock_marked_afterwards_was_open_until_somebody_wrote_it_down(
    services: Services,
) -> None:
    incident = make_incident(services)
    written = wait(services, minutes=25)
    title, officer = _title(services, "FC-DUTY10"), make_people(services)["duty_officer"]
    with services.transaction() as session:
        held = steps.hold(session, incident.number)
        rows = clocks.running_or_done(session, held)
        clock = next(row for row in rows if row.rule == "FC-DUTY10")
        clocks.mark(
            session,
            held,
            clock.id,
            at=NOW + 5 * MINUTE,
            note="已电话报告",
            who=officer,
            now=written,
        )

    before = clocks_at(services, incident, NOW + 20 * MINUTE)[title]
    assert (before.how, before.left) == ("overdue", -10 * MINUTE)
    assert clocks_at(services, incident, written)[title].how == "done"


def test_tasks_have_the_status_that_they_had(services: Services) -> None:
    incident = make_incident(services, state="responding")
    member = make_people(services)["group_member"]
    done = wait(services, minutes=40)
    with services.transaction() as session:
        held = steps.hold(session, incident.number)
        first = tasks.of(session, held.id)[0]
        tasks.change(session, held, first, TaskChange(status="done"), services.context(member))

    with services.reading() as session:
        before = replay.tasks(session, incident, done - MINUTE)
        after = replay.tasks(session, incident, done)
        none = replay.tasks(session, incident, NOW - MINUTE)
    assert {task.status for task in before} == {"open"}
    assert (after[0].status, after[0].since) == ("done", done)
    assert none == ()


def test_who_answered_later_had_not_answered_yet(services: Services) -> None:
    make_people(services)
    incident = make_incident(services)
    later(services, minutes=2)
    answered = wait(services, minutes=1)
    say(services, "duty_officer", "received")
    changed = wait(services, minutes=5)
    say(services, "duty_officer", "under_way")

    found = {}
    with services.reading() as session:
        for moment in (NOW, answered, changed):
            [call] = replay_people.calls(session, incident.id, moment)
            found[moment] = next(one for one in call.people if one.tier == "main")
    assert [one.state for one in found.values()] == ["called", "answered", "answered"]
    assert [one.answer for one in found.values()] == [None, "received", "under_way"]


def test_an_entry_struck_later_stands_as_it_stood(services: Services) -> None:
    incident = make_incident(services)
    officer = make_people(services)["duty_officer"]
    noted = wait(services, minutes=3)
    act(services, incident, "note", officer, text="收治83人")
    with services.reading() as session:
        seq = timeline.last_seq(session, incident.id)
    struck = wait(services, minutes=9)
    act(services, incident, "note", officer, text="应为38人", corrects=seq)

    with services.reading() as session:
        before = timeline.until(session, incident.id, officer, struck - MINUTE)
        after = timeline.until(session, incident.id, officer, struck)
        moments = timeline.moments(session, incident.id, officer)
    assert before[-1].corrected_by is None
    assert after[-1].corrects == seq
    assert next(line for line in after if line.seq == seq).corrected_by == after[-1].seq
    assert moments == (NOW, noted, struck)
    assert replay.position(moments, struck - MINUTE) == 2


def test_a_document_is_a_draft_until_it_is_issued(services: Services) -> None:
    incident = make_incident(services)
    wait(services, minutes=5)
    drafted, officer = services.now(), make_people(services)["duty_officer"]
    draft(services, incident)
    withdrawn = wait(services, minutes=5)
    with services.transaction() as session:
        [row] = briefings.of(session, incident.id)
        held = steps.hold(session, incident.number)
        briefings.withdraw(session, held, row, services.context(officer))

    with services.reading() as session:
        before = replay.papers(session, incident, drafted - MINUTE)
        [paper] = replay.papers(session, incident, drafted)
        after = replay.papers(session, incident, withdrawn)
    assert (before, paper.status, paper.at, after) == ((), "draft", drafted, ())


def test_in_a_drill_the_time_that_is_left_is_drill_time(services: Services) -> None:
    with services.transaction() as session:
        pace.run(session, "YL-1", speed=6.0, now=services.now())
    incident = read(services, make_incident(services, drill="YL-1").number)
    moment = wait(services, minutes=2)

    with services.reading() as session:
        dial = dials.of(session, incident)
        assert dial.reading(dial.counted(moment)) == 12 * MINUTE
        assert dial.wall(dial.counted(moment)) == moment
    assert dial.zero == NOW


def _title(services: Services, rule: str) -> str:
    plan = services.rules.library.plan("food-CN@2011")
    return next(clock.title for clock in plan.clocks if clock.id == rule)
