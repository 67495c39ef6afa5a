"""Notes, instructions and acknowledgements: who may, and when it happened."""

from datetime import timedelta

import pytest

from incident.errors import Forbidden, InvalidInput, NotFound
from incident.services import Services
from tests.support.desk import NOW, act, make_incident, make_people
from tests.support.steps import entries, trace
from workflows.lifecycle import Role

STAFF = {"duty_officer", "duty_leader", "commander", "group_member"}
READERS = STAFF | {"leader", "expert", "chair"}
MAY = {
    "note": READERS,
    "acknowledge": READERS,
    "instruct": {"commander", "duty_leader", "leader"},
    "update_facts": STAFF,
}
BRINGS = {
    "note": {"text": "家属来电"},
    "acknowledge": {},
    "instruct": {"text": "查明原因"},
    "update_facts": {"facts": {"ill": 41}, "source": "hospital"},
}


@pytest.mark.parametrize("name", MAY)
@pytest.mark.parametrize("role", Role)
def test_what_stands_beside_the_table_is_done_by_its_roles_alone(
    shared_services: Services, role: Role, name: str
) -> None:
    incident = make_incident(shared_services)
    who = make_people(shared_services)[role]
    before = trace(shared_services)
    if role in MAY[name]:
        act(shared_services, incident, name, who, **BRINGS[name])
        assert trace(shared_services) != before
        return
    with pytest.raises(Forbidden):
        act(shared_services, incident, name, who, **BRINGS[name])
    assert trace(shared_services) == before


def test_a_note_of_earlier_says_when_it_was_entered(services: Services) -> None:
    incident = make_incident(services)
    officer = make_people(services)["duty_officer"]
    earlier = NOW - timedelta(minutes=20)
    act(services, incident, "note", officer, text="到场", at=earlier.isoformat())
    entry = entries(services, incident)[-1]
    assert (entry.at, entry.entered_at) == (earlier, NOW)


def test_a_note_of_the_future_is_refused(sqlite_services: Services) -> None:
    incident = make_incident(sqlite_services)
    officer = make_people(sqlite_services)["duty_officer"]
    later = (NOW + timedelta(seconds=1)).isoformat()
    with pytest.raises(InvalidInput) as refused:
        act(sqlite_services, incident, "note", officer, text="到场", at=later)
    assert [(e.field, e.code) for e in refused.value.errors] == [("at", "in-future")]


def test_an_action_that_is_none_is_not_found(sqlite_services: Services) -> None:
    incident = make_incident(sqlite_services)
    with pytest.raises(NotFound, match="no-such-action"):
        act(sqlite_services, incident, "explode", make_people(sqlite_services)["commander"])
