"""When something came true in a drill: each kind of condition, for anybody and for somebody."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from drills import runs, truth
from drills.scenario.condition_reading import parse
from incident.inputs.base import parse as read_input
from incident.inputs.briefings import BriefingText
from incident.inputs.opinions import Declaration, OpinionInput
from incident.inputs.tasks import TaskChange
from incident.models import IncidentClock
from incident.operations import attachments, briefings, clocks, consulting, steps, tasks
from incident.services import Services
from incident.uploads import inspect
from incident.who import Who
from tests.support.desk import PASSWORD, act, make_incident, make_people, make_person, read
from tests.support.rehearsal import answer, begin, first, go, incident_of, later, words

People = dict[str, Who]


@pytest.fixture
def people(services: Services) -> People:
    return make_people(services)


@pytest.fixture
def key(services: Services, people: People) -> str:
    """A drill whose first report has come; nothing was done about it."""
    return begin(services, first(), words("asks", at="1m"))


def minute(services: Services, key: str, condition: Any, by: Any = None) -> float | None:
    """Return the drill minute at which a condition came true."""
    with services.reading() as session:
        run = runs.find(session, key)
        moment = truth.Desk(session, run).first_true(parse(condition), by)
    began = run.started_at
    return None if moment is None or began is None else (moment - began) / timedelta(minutes=1)


def do(services: Services, key: str, name: str, who: Who, **raw: Any) -> None:
    act(services, read(services, incident_of(services, key)), name, who, **raw)


def carry_to_response(services: Services, key: str, people: People) -> None:
    officer, commander = people["duty_officer"], people["commander"]
    do(services, key, "verify", officer, conclusion="属实")
    do(services, key, "propose_grade", officer, grade="III", reason="标准")
    approval = {"grade": "III", "criterion": "标准", "expert_advice": "同意"}
    do(services, key, "approve_grade", commander, **approval)
    until = (services.now() + timedelta(days=2)).isoformat()
    brought = {"matters": "处置", "level": "III", "expected_until": until, "measures": "封存"}
    do(services, key, "activate", commander, **brought)


def consult(services: Services, key: str, people: People) -> None:
    due = (services.now() + timedelta(hours=4)).isoformat()
    brought = {"question": "病因？", "experts": ["expert"], "due_at": due}
    do(services, key, "convene", people["commander"], **brought)
    context = services.context(people["expert"])
    with services.transaction() as session:
        held = steps.hold(session, incident_of(services, key))
        asked = consulting.running(session, held.id)
        assert asked is not None
        consulting.declare(session, asked, Declaration(), context)
        consulting.give(session, asked, OpinionInput(confidence="high", text="同意"), context)
    do(services, key, "conclude", people["chair"], conclusion="同意", password=PASSWORD)


def finish_task(services: Services, key: str, who: Who, *, evidence: bool) -> None:
    context = services.context(who)
    upload = inspect("记录.txt", "封存记录".encode())
    with services.transaction() as session:
        held = steps.hold(session, incident_of(services, key))
        task = next(one for one in tasks.of(session, held.id) if one.measure == "A05")
        digest = services.store.put(upload.content)
        shown = attachments.attach(session, held, upload, digest, context)
        change = TaskChange(status="done", evidence=(shown.id,) if evidence else ())
        tasks.change(session, held, task, change, context)


def issue(services: Services, key: str, people: People, **text: Any) -> None:
    with services.transaction() as session:
        held = steps.hold(session, incident_of(services, key))
        context = services.context(people["duty_leader"])
        made = briefings.draft(
            session, held, "initial", context, text=read_input(BriefingText, text)
        )
        briefings.issue(session, held, made, context)


def keep(services: Services, key: str, rule: str, who: Who) -> None:
    with services.transaction() as session:
        held = steps.hold(session, incident_of(services, key))
        running: IncidentClock = next(
            one for one in clocks.running_or_done(session, held) if one.rule == rule
        )
        clocks.mark(session, held, running.id, at=None, note="已报", who=who, now=services.now())


DEEDS: dict[str, tuple[dict[str, Any], Callable[[Services, str, People], None]]] = {
    "state": (
        {"state": "grading"},
        lambda s, k, p: do(s, k, "verify", p["duty_officer"], conclusion="属实"),
    ),
    "action": (
        {"action": "verify"},
        lambda s, k, p: do(s, k, "verify", p["duty_officer"], conclusion="属实"),
    ),
    "fact at least": (
        {"fact": "ill", "at_least": 50},
        lambda s, k, p: do(
            s, k, "update_facts", p["duty_officer"], facts={"ill": 60}, source="hospital"
        ),
    ),
    "fact equals": (
        {"fact": "cause", "equals": "沙门氏菌"},
        lambda s, k, p: do(
            s, k, "update_facts", p["duty_officer"], facts={"cause": "沙门氏菌"}, source="other"
        ),
    ),
    "clock": (
        {"clock": "FC-DUTY10"},
        lambda s, k, p: keep(s, k, "FC-DUTY10", p["duty_officer"]),
    ),
    "message": (
        {"message": "reported", "role": "duty_officer"},
        lambda s, k, p: do(s, k, "acknowledge", p["duty_officer"]),
    ),
    "briefing": (
        {"briefing": "initial", "contains": ["ill", "samples"]},
        lambda s, k, p: issue(s, k, p, samples="已采样"),
    ),
    "answered": (
        {"answered": "asks"},
        lambda s, k, p: answer(s, k, "asks", p["duty_leader"]),
    ),
}


@pytest.mark.parametrize("name", DEEDS)
def test_a_condition_is_true_from_the_moment_of_the_deed(
    services: Services, key: str, people: People, name: str
) -> None:
    condition, deed = DEEDS[name]
    go(services, minutes=5)
    assert minute(services, key, condition) is None

    deed(services, key, people)
    later(services, minutes=20)

    assert minute(services, key, condition) == 5


def test_a_report_is_in_its_first_state_at_once(services: Services, key: str) -> None:
    assert minute(services, key, {"state": "reported"}) == 0
    assert minute(services, key, {"state": "closed"}) is None


def test_tasks_states_and_the_consultation_come_true_in_a_response(
    services: Services, key: str, people: People
) -> None:
    go(services, minutes=5)
    carry_to_response(services, key, people)
    later(services, minutes=5)
    finish_task(services, key, people["group_member"], evidence=True)
    later(services, minutes=5)
    consult(services, key, people)

    assert minute(services, key, {"state": "responding"}) == 5
    assert minute(services, key, {"task": "A05"}) == 10
    assert minute(services, key, {"consultation": "concluded"}) == 15
    assert minute(services, key, {"state": "disposing"}) == 15


def test_a_task_without_evidence_is_done_only_where_none_is_asked(
    services: Services, key: str, people: People
) -> None:
    carry_to_response(services, key, people)
    finish_task(services, key, people["group_member"], evidence=False)

    assert minute(services, key, {"task": "A05"}) is None
    assert minute(services, key, {"task": "A05", "evidence": False}) == 0


def test_a_briefing_that_says_nothing_of_it_does_not_count(
    services: Services, key: str, people: People
) -> None:
    issue(services, key, people)

    assert minute(services, key, {"briefing": "initial"}) == 0
    assert minute(services, key, {"briefing": "initial", "contains": ["samples"]}) is None
    assert minute(services, key, {"briefing": "initial", "contains": ["deaths"]}) is None


def test_a_clock_that_ran_out_was_not_kept(services: Services, key: str, people: People) -> None:
    later(services, minutes=30)
    keep(services, key, "FC-DUTY10", people["duty_officer"])

    assert minute(services, key, {"clock": "FC-DUTY10"}) is None


def test_steps_answers_and_calls_are_asked_of_people(
    services: Services, key: str, people: People
) -> None:
    officer, leader = people["duty_officer"].person, people["duty_leader"].person
    go(services, minutes=2)
    do(services, key, "verify", people["duty_officer"], conclusion="属实")
    answer(services, key, "asks", people["duty_leader"])
    called = {"message": "reported", "role": "duty_officer"}

    assert minute(services, key, {"action": "verify"}, by={officer}) == 2
    assert minute(services, key, {"action": "verify"}, by={leader}) is None
    assert minute(services, key, {"answered": "asks"}, by={leader}) == 2
    assert minute(services, key, {"answered": "asks"}, by={officer}) is None
    assert minute(services, key, called, by={officer}) == 2
    assert minute(services, key, called, by={leader}) is None
    assert minute(services, key, {"state": "grading"}, by={leader}) == 2


def test_a_call_is_answered_by_any_or_by_all_and_by_the_first_answer(
    services: Services, people: People
) -> None:
    second = make_person(services, "second", "commander", number=61)
    key = begin(services, first())
    carry_to_response(services, key, people)
    any_of = {"message": "activated", "role": "commander"}
    all_of = {**any_of, "of": "all"}
    later(services, minutes=3)
    do(services, key, "acknowledge", people["commander"])
    assert minute(services, key, any_of) == 3
    assert minute(services, key, all_of) is None

    later(services, minutes=3)
    do(services, key, "acknowledge", second)
    later(services, minutes=3)
    do(services, key, "acknowledge", people["commander"], answer="under_way")

    assert minute(services, key, any_of) == 3
    assert minute(services, key, all_of) == 6


def test_all_and_any_take_the_last_and_the_first(
    services: Services, key: str, people: People
) -> None:
    parts = [{"action": "verify"}, {"fact": "deaths", "at_least": 1}]
    later(services, minutes=2)
    do(services, key, "verify", people["duty_officer"], conclusion="属实")
    assert minute(services, key, {"any": parts}) == 2
    assert minute(services, key, {"all": parts}) is None
    later(services, minutes=2)
    do(services, key, "update_facts", people["duty_officer"], facts={"deaths": 1}, source="other")

    assert minute(services, key, {"any": parts}) == 2
    assert minute(services, key, {"all": parts}) == 4


def test_what_happens_elsewhere_is_not_of_the_drill(
    services: Services, key: str, people: People
) -> None:
    make_incident(services, state="closed")
    other = begin(services, first())
    do(services, other, "verify", people["duty_officer"], conclusion="属实")

    assert minute(services, key, {"action": "verify"}) is None
    assert minute(services, key, {"state": "closed"}) is None
    assert minute(services, key, {"consultation": "concluded"}) is None


def test_what_was_withdrawn_later_came_true_all_the_same(
    services: Services, key: str, people: People
) -> None:
    officer = people["duty_officer"]
    later(services, minutes=2)
    do(services, key, "update_facts", officer, facts={"severe": 4}, source="other")
    later(services, minutes=2)
    do(services, key, "update_facts", officer, facts={"severe": 1}, source="other", reason="更正")

    assert minute(services, key, {"fact": "severe", "at_least": 3}) == 2
