"""Follow-ups of a review: open until their owner or the duty leader says how they were done."""

from datetime import timedelta

import pytest

from incident.clock import FrozenClock
from incident.errors import Conflict, Forbidden, NotFound
from incident.inputs.follow_ups import Finished
from incident.models import Incident
from incident.operations import follow_ups as doing
from incident.operations import steps
from incident.queries import duty, follow_ups
from incident.queries.follow_ups import Line
from incident.services import Services
from incident.who import Who
from tests.support.desk import act, make_incident, make_people
from tests.support.steps import brings, entries, trace

SCHOOL = {"what": "更换冷藏设备", "owner": "示例市第一实验小学", "due_on": "2026-12-01"}
MEMBER = {"what": "修订采样清单", "owner": "group_member", "due_on": "2026-11-25"}
DONE = Finished(note="已更换，现场复核合格")


def archived(services: Services, *items: dict[str, str], drill: str | None = None) -> Incident:
    incident = make_incident(services, state="reviewing", drill=drill)
    raw = brings(services, incident, "archive", follow_ups=list(items or (SCHOOL, MEMBER)))
    return act(services, incident, "archive", make_people(services)["duty_leader"], **raw)


def finish(services: Services, incident: Incident, who: Who, place: int = 0) -> None:
    with services.transaction() as session:
        held = steps.hold(session, incident.number)
        row = doing.of(session, held.id)[place]
        doing.finish(session, held, row, DONE, services.context(who))


def left(services: Services, who: Who) -> tuple[Line, ...]:
    with services.reading() as session:
        return follow_ups.open_ones(session, who, now=services.now(), rules=services.rules)


def test_the_duty_leader_ends_any_and_the_owner_his_own(services: Services) -> None:
    people = make_people(services)
    incident = archived(services)
    assert [one.what for one in left(services, people["leader"])] == [
        "修订采样清单",
        "更换冷藏设备",
    ]
    finish(services, incident, people["duty_leader"])
    entry = entries(services, incident)[-1]
    assert entry.type == "follow_up_done"
    assert "已更换，现场复核合格" in entry.text
    assert (entry.data["late"], entry.data["due_on"]) == (False, "2026-12-01")

    finish(services, incident, people["group_member"], place=1)
    assert left(services, people["leader"]) == ()
    with services.reading() as session:
        shown = follow_ups.of(
            session, incident, people["leader"], now=services.now(), rules=services.rules
        )
    assert [(one.done_by, one.note) for one in shown] == [
        ("带班领导", DONE.note),
        ("工作组成员", DONE.note),
    ]


def test_nobody_ends_the_follow_up_of_another_or_one_twice(services: Services) -> None:
    people = make_people(services)
    incident = archived(services)
    before = trace(services)
    for name in ("group_member", "commander", "leader"):
        with pytest.raises(Forbidden, match="not-the-owner"):
            finish(services, incident, people[name])
    assert trace(services) == before
    finish(services, incident, people["duty_leader"])
    with pytest.raises(Conflict, match="follow-up-done"):
        finish(services, incident, people["duty_leader"])


def test_a_follow_up_of_another_incident_is_not_found(services: Services) -> None:
    people = make_people(services)
    there, here = archived(services), archived(services)
    with services.transaction() as session:
        foreign = doing.of(session, there.id)[0]
        with pytest.raises(NotFound):
            doing.find(session, steps.hold(session, here.number), foreign.id)
    assert len(left(services, people["leader"])) == 4


def test_what_was_not_done_on_its_day_is_late_and_stays_so(services: Services) -> None:
    people = make_people(services)
    incident = archived(services, MEMBER)
    assert isinstance(services.clock, FrozenClock)
    services.clock.moment += timedelta(days=2, hours=12)
    [due_today] = left(services, people["group_member"])
    assert (due_today.is_late, due_today.is_mine) == (False, True)
    services.clock.moment += timedelta(days=1)
    [late] = left(services, people["commander"])
    assert (late.is_late, late.is_mine) == (True, False)
    finish(services, incident, people["group_member"])
    assert entries(services, incident)[-1].data["late"]
    with services.reading() as session:
        [done] = follow_ups.of(
            session, incident, people["leader"], now=services.now(), rules=services.rules
        )
    assert done.is_late


def test_the_desk_counts_those_of_real_incidents(services: Services) -> None:
    archived(services)
    archived(services, SCHOOL, drill="drill-1")
    with services.reading() as session:
        assert duty.counts(session).follow_ups == 2
