"""Tasks: from the plan's measures and from people, with owner, evidence and version."""

from typing import Any

import pytest
from sqlalchemy import func, select

from incident.errors import Forbidden, InvalidInput, NotFound, StaleVersion
from incident.inputs.base import parse
from incident.inputs.tasks import NewTask, TaskChange
from incident.models import Attachment, Evidence, Incident, Task
from incident.operations import attachments, people, steps, tasks
from incident.services import Services
from incident.uploads import inspect
from tests.support.desk import act, make_incident, make_people, make_person
from tests.support.steps import types
from workflows.clocks import deadline
from workflows.lifecycle import Role


def of(services: Services, incident: Incident) -> list[Task]:
    with services.reading() as session:
        return tasks.of(session, incident.id)


def change(services: Services, incident: Incident, task: Task, who: str, **raw: Any) -> Task:
    context = services.context(make_people(services)[who])
    with services.transaction() as session:
        held = steps.hold(session, incident.number)
        row = tasks.find(session, held, task.id)
        tasks.change(session, held, row, parse(TaskChange, raw), context)
    return row


def attach(services: Services, incident: Incident) -> Attachment:
    context = services.context(make_people(services)["duty_officer"])
    with services.transaction() as session:
        held = steps.hold(session, incident.number)
        upload = inspect("封存决定书.txt", b"1")
        return attachments.attach(session, held, upload, services.store.put(b"1"), context)


@pytest.mark.parametrize("setting", ["school", "restaurant", None])
@pytest.mark.parametrize("grade", ["I", "II", "III", "IV"])
def test_a_response_has_the_measures_of_its_level_and_setting(
    shared_services: Services, grade: str, setting: str | None
) -> None:
    incident = make_incident(shared_services, state="responding", grade=grade, setting=setting)
    plan = shared_services.rules.library.plan(incident.plan)
    wanted = {
        one.id: deadline(one.within, shared_services.now(), shared_services.rules.calendar)
        for one in plan.measures
        if one.scope.covers(kind="food", grade=grade, setting=setting)
    }
    found = of(shared_services, incident)
    assert {task.measure: task.due_at for task in found} == wanted
    assert len(found) == len(wanted)
    assert all(task.basis and task.confidence for task in found)


def test_a_task_moves_through_its_states_on_the_timeline(services: Services) -> None:
    incident = make_incident(services, state="responding")
    task = of(services, incident)[0]
    for status in ("started", "done", "open", "cancelled"):
        changed = change(services, incident, task, "group_member", status=status)
        assert (changed.done_at is not None) == (status == "done")
    assert types(services, incident)[-4:] == [
        "task_started",
        "task_done",
        "task_open",
        "task_cancelled",
    ]


def test_what_a_change_leaves_out_stays_and_null_takes_away(sqlite_services: Services) -> None:
    incident = make_incident(sqlite_services, state="responding")
    task = of(sqlite_services, incident)[0]
    change(sqlite_services, incident, task, "commander", owner="group_member", note="已到场")
    kept = change(sqlite_services, incident, task, "commander", status="started")
    assert (kept.note, kept.owner_id) == ("已到场", make_people(sqlite_services)["group_member"].id)
    gone = change(sqlite_services, incident, task, "commander", owner=None)
    assert (gone.note, gone.owner_id) == ("已到场", None)


def test_whoever_saw_an_old_task_is_told_the_new_version(services: Services) -> None:
    incident = make_incident(services, state="responding")
    task = of(services, incident)[0]
    moved = change(services, incident, task, "group_member", status="started", version=task.version)
    with pytest.raises(StaleVersion) as refused:
        change(services, incident, task, "commander", status="done", version=task.version)
    assert refused.value.current == moved.version
    assert of(services, incident)[0].status == "started"


def test_evidence_is_of_the_same_incident_and_kept_once(sqlite_services: Services) -> None:
    incident = make_incident(sqlite_services, state="responding")
    mine, theirs = (
        attach(sqlite_services, incident),
        attach(sqlite_services, make_incident(sqlite_services)),
    )
    task = of(sqlite_services, incident)[0]
    for _ in range(2):
        change(sqlite_services, incident, task, "group_member", evidence=[mine.id, mine.id])
    for wrong in (theirs.id, 2**31 - 1):
        with pytest.raises(InvalidInput) as refused:
            change(sqlite_services, incident, task, "group_member", evidence=[wrong])
        assert [e.code for e in refused.value.errors] == ["no-such-attachment"]
    with sqlite_services.reading() as session:
        assert session.scalar(select(func.count()).select_from(Evidence)) == 1


def test_a_task_of_another_incident_is_not_found(sqlite_services: Services) -> None:
    incident = make_incident(sqlite_services, state="responding")
    other = make_incident(sqlite_services)
    with pytest.raises(NotFound):
        change(sqlite_services, other, of(sqlite_services, incident)[0], "commander", note="a")


@pytest.mark.parametrize("owner", ["nobody", "gone"])
def test_a_task_has_an_owner_who_is_there(sqlite_services: Services, owner: str) -> None:
    gone = make_person(sqlite_services, "gone", "group_member", number=80)
    with sqlite_services.transaction() as session:
        people.find(session, "gone").disabled_at = sqlite_services.now()
    assert gone.id
    incident = make_incident(sqlite_services, state="responding")
    with pytest.raises(InvalidInput) as refused:
        change(
            sqlite_services, incident, of(sqlite_services, incident)[0], "commander", owner=owner
        )
    assert [(e.field, e.code) for e in refused.value.errors] == [("owner", "no-such-user")]


@pytest.mark.parametrize("role", [role for role in Role if role not in tasks.MAY_CHANGE])
def test_who_has_no_tasks_to_give_gives_none(shared_services: Services, role: Role) -> None:
    incident = make_incident(shared_services)
    context = shared_services.context(make_people(shared_services)[role])
    with shared_services.transaction() as session, pytest.raises(Forbidden):
        tasks.add(session, steps.hold(session, incident.number), NewTask(title="采样"), context)


def test_an_instruction_becomes_a_task_with_its_owner(services: Services) -> None:
    incident = make_incident(services, state="responding")
    leader = make_people(services)["leader"]
    text = "今" * 200
    act(services, incident, "instruct", leader, text=text, owner="group_member")
    task = of(services, incident)[-1]
    assert (task.title, task.measure, task.status) == (text, None, "open")
    assert types(services, incident)[-1] == "instruct"
