"""Instructions: numbered, carried by a task, chased while they are open, closed by the giver."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from incident.clock import FrozenClock
from incident.errors import Conflict, Forbidden
from incident.inputs.instructions import InstructionClosing, InstructionReport, InstructionReturn
from incident.jobs.chase import chase
from incident.models import Incident, Instruction, OutgoingMessage, Task
from incident.operations import instructions, people, steps
from incident.services import Services
from incident.who import Who
from tests.support.desk import act, make_incident, make_people, make_person
from tests.support.steps import entries

HOUR = timedelta(hours=1)


def give(services: Services, incident: Incident, **raw: object) -> Instruction:
    leader = make_people(services)["leader"]
    brought = {"text": "请速报进展", "preset": "report", "owner": "group_member", **raw}
    act(services, incident, "instruct", leader, **brought)
    return newest(services)


def newest(services: Services) -> Instruction:
    with services.reading() as session:
        found = session.scalar(select(Instruction).order_by(Instruction.id.desc()))
        assert found is not None
        return found


def task_of(services: Services, given: Instruction) -> Task:
    with services.reading() as session:
        return session.get_one(Task, given.task_id)


def do(services: Services, given: Instruction, what: str, who: Who, note: str | None) -> None:
    inputs = {
        "report": InstructionReport,
        "send_back": InstructionReturn,
        "close": InstructionClosing,
    }
    with services.transaction() as session:
        number = session.get_one(Incident, given.incident_id).number
        held = steps.hold(session, number)
        row = instructions.find(session, given.number)
        bring = inputs[what](note=note)
        getattr(instructions, what)(session, held, row, bring, services.context(who))


def texts(services: Services, given: Instruction) -> list[OutgoingMessage]:
    with services.reading() as session:
        found = select(OutgoingMessage).where(OutgoingMessage.reason.startswith(given.number))
        return list(session.scalars(found.order_by(OutgoingMessage.id)))


def later(services: Services, by: timedelta) -> None:
    assert isinstance(services.clock, FrozenClock)
    services.clock.advance(by)


def test_it_has_a_number_a_task_and_a_message_to_its_owner(services: Services) -> None:
    incident = make_incident(services)
    given = give(services, incident)

    assert given.number == "DB20261123-001"
    assert (task_of(services, given).title, given.preset) == ("请速报进展", "report")
    (message,) = texts(services, given)
    assert (message.person, message.priority) == ("工作组成员", 1)
    assert given.number in message.body
    assert "速报" not in message.body, "what is asked stays inside"
    assert given.number in entries(services, incident)[-1].text


def test_numbers_go_on_and_a_drill_has_its_own(services: Services) -> None:
    incident, drill = make_incident(services), make_incident(services, drill="D1")

    assert give(services, incident).number == "DB20261123-001"
    assert give(services, incident).number == "DB20261123-002"
    practised = give(services, drill)
    assert practised.number == "YL-DB20261123-001"
    (message,) = texts(services, practised)
    assert message.body.startswith("【演练】")
    assert message.priority == 5


def test_without_an_owner_the_officer_on_duty_is_told(services: Services) -> None:
    given = give(services, make_incident(services), owner=None)

    assert [message.person for message in texts(services, given)] == ["值班员"]


def test_only_its_giver_closes_it_and_only_when_it_is_done(services: Services) -> None:
    given = give(services, make_incident(services))
    everybody = make_people(services)
    with pytest.raises(Conflict, match="instruction-open"):
        do(services, given, "close", everybody["leader"], None)
    do(services, given, "report", everybody["group_member"], "已报进展")
    with pytest.raises(Forbidden, match="not-your-instruction"):
        do(services, given, "close", everybody["commander"], None)
    do(services, given, "close", everybody["leader"], "同意")

    closed = newest(services)
    assert (closed.closed_by, closed.closing_note) == (everybody["leader"].id, "同意")
    assert task_of(services, given).status == "done"
    with pytest.raises(Conflict, match="instruction-closed"):
        do(services, given, "report", everybody["group_member"], "再报")


def test_what_is_sent_back_is_open_again(services: Services) -> None:
    given = give(services, make_incident(services))
    everybody = make_people(services)
    do(services, given, "report", everybody["group_member"], "已办")
    do(services, given, "send_back", everybody["leader"], "缺采样记录")

    assert task_of(services, given).status == "open"
    assert len(texts(services, given)) == 2
    with pytest.raises(Conflict, match="instruction-open"):
        do(services, given, "send_back", everybody["leader"], "还缺")


def test_a_commander_closes_it_for_a_giver_who_has_left(services: Services) -> None:
    incident = make_incident(services)
    make_people(services)
    guest = make_person(services, "former", "leader")
    act(services, incident, "instruct", guest, text="请核实")
    given = newest(services)
    everybody = make_people(services)
    do(services, given, "report", everybody["duty_officer"], "已核实")
    with services.transaction() as session:
        user = people.find(session, "former")
        user.disabled_at = services.now()
    do(services, given, "close", everybody["commander"], None)

    assert newest(services).closed_by == everybody["commander"].id


def test_the_owner_is_chased_until_it_is_done(services: Services) -> None:
    due = services.now() + 4 * HOUR
    given = give(services, make_incident(services), due_at=due.isoformat())
    assert chase(services) == 0
    later(services, 2 * HOUR)
    assert (chase(services), chase(services)) == (1, 0)
    later(services, 2 * HOUR)
    assert chase(services) == 1
    later(services, 3 * HOUR)
    assert chase(services) == 1, "what was slept through is one reminder"
    do(services, given, "report", make_people(services)["group_member"], "已办")
    later(services, 5 * HOUR)
    assert chase(services) == 0

    chased = texts(services, given)[1:]
    assert [message.priority for message in chased] == [2, 2, 2]
    assert newest(services).reminders == 3


def test_a_new_due_time_moves_the_reminders(services: Services) -> None:
    given = give(services, make_incident(services), due_at=(services.now() + HOUR).isoformat())
    with services.transaction() as session:
        task = session.get_one(Task, given.task_id)
        task.due_at = services.now() + 40 * HOUR
    later(services, 2 * HOUR)

    assert chase(services) == 0


def test_nobody_is_chased_for_an_incident_that_is_over(services: Services) -> None:
    incident = make_incident(services)
    given = give(services, incident)
    everybody = make_people(services)
    act(services, incident, "dismiss", everybody["duty_officer"], reason="误报")
    act(services, incident, "dismiss", everybody["duty_leader"], reason="误报")
    later(services, 50 * HOUR)

    assert chase(services) == 0
    do(services, given, "close", everybody["leader"], None)
    assert newest(services).closed_at is not None
