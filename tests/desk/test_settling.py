"""Before a response: dismissal by two people, merging, transfer."""

import pytest

from incident.errors import Conflict, Forbidden, IllegalStep, InvalidInput
from incident.inputs.base import parse
from incident.inputs.report import ReportInput
from incident.models import Incident
from incident.operations import reporting, steps
from incident.services import Services
from incident.who import Who
from tests.support.desk import act, make_incident, make_people, make_person, raw_report, read
from tests.support.steps import last, trace, types


@pytest.fixture
def people(sqlite_services: Services) -> dict[str, Who]:
    return make_people(sqlite_services)


def add_report(services: Services, incident: Incident, who: Who, **changes: object) -> None:
    with services.transaction() as session:
        held = steps.hold(session, incident.number)
        report = parse(ReportInput, raw_report(**changes))
        reporting.add(session, held, report, who=who, now=services.now(), rules=services.rules)


def test_a_dismissal_waits_for_a_second_person(
    sqlite_services: Services, people: dict[str, Who]
) -> None:
    incident = make_incident(sqlite_services)
    with pytest.raises(Conflict, match="needs-proposal"):
        act(sqlite_services, incident, "dismiss", people["duty_leader"], reason="误报")
    proposed = act(sqlite_services, incident, "dismiss", people["duty_officer"], reason="误报")
    assert proposed.state == "reported"
    assert proposed.version > incident.version
    done = act(sqlite_services, incident, "dismiss", people["duty_leader"], reason="核实为误报")
    assert done.state == "dismissed"
    taken = [one for one in types(sqlite_services, incident) if one.startswith("dismiss")]
    assert taken == ["dismiss_proposed", "dismiss"]


def test_a_leader_who_is_also_on_duty_may_propose_but_not_confirm_himself(
    sqlite_services: Services, people: dict[str, Who]
) -> None:
    both = make_person(sqlite_services, "both", "duty_officer", "duty_leader", number=60)
    incident = make_incident(sqlite_services)
    assert act(sqlite_services, incident, "dismiss", both, reason="误报").state == "reported"
    with pytest.raises(Forbidden, match="own-proposal"):
        act(sqlite_services, incident, "dismiss", both, reason="误报")
    done = act(sqlite_services, incident, "dismiss", people["duty_leader"], reason="误报")
    assert done.state == "dismissed"


def test_a_proposal_to_dismiss_lapses_when_the_report_is_verified(
    sqlite_services: Services, people: dict[str, Who]
) -> None:
    incident = make_incident(sqlite_services)
    act(sqlite_services, incident, "dismiss", people["duty_officer"], reason="误报")
    act(sqlite_services, incident, "verify", people["duty_officer"], conclusion="属实")
    with pytest.raises(Conflict, match="needs-proposal"):
        act(sqlite_services, incident, "dismiss", people["duty_leader"], reason="误报")


def test_what_differs_from_the_first_report_is_told_apart_from_the_conclusion(
    sqlite_services: Services, people: dict[str, Who]
) -> None:
    incident = make_incident(sqlite_services)
    brought = {"conclusion": "属实", "differences": "人数应为38人"}
    act(sqlite_services, incident, "verify", people["duty_officer"], **brought)
    assert last(sqlite_services, incident, "verify").text == "核实：属实；与首报不同：人数应为38人"


def test_a_merged_incident_and_its_target_stay_readable_and_name_each_other(
    sqlite_services: Services, people: dict[str, Who]
) -> None:
    first, second = make_incident(sqlite_services), make_incident(sqlite_services)
    leader = people["duty_leader"]
    act(sqlite_services, second, "merge", leader, into=first.number, reason="同一事件")
    gone, kept = read(sqlite_services, second.number), read(sqlite_services, first.number)
    assert (gone.state, gone.merged_into, kept.state) == ("merged", first.id, "reported")
    assert gone.next_due_at is None
    assert kept.version > first.version
    assert first.number in last(sqlite_services, second, "merge").text
    assert second.number in last(sqlite_services, first, "merged_here").text


def test_a_report_to_a_merged_incident_is_refused_with_the_number_it_went_into(
    sqlite_services: Services, people: dict[str, Who]
) -> None:
    first, second = make_incident(sqlite_services), make_incident(sqlite_services)
    leader = people["duty_leader"]
    act(sqlite_services, second, "merge", leader, into=first.number, reason="同一事件")
    before = trace(sqlite_services)
    with pytest.raises(Conflict, match="incident-merged") as refused:
        add_report(sqlite_services, second, people["duty_officer"])
    assert refused.value.values["into"] == first.number
    assert trace(sqlite_services) == before


@pytest.mark.parametrize("state", ["dismissed", "transferred", "closed"])
def test_a_report_to_an_incident_that_is_over_is_refused(
    sqlite_services: Services, people: dict[str, Who], state: str
) -> None:
    incident = make_incident(sqlite_services, state=state)
    with pytest.raises(Conflict, match="incident-over"):
        add_report(sqlite_services, incident, people["duty_officer"])


def test_a_report_of_another_kind_is_refused(
    sqlite_services: Services, people: dict[str, Who]
) -> None:
    incident = make_incident(sqlite_services)
    with pytest.raises(InvalidInput) as refused:
        add_report(sqlite_services, incident, people["duty_officer"], kind="drug")
    assert [(e.field, e.code) for e in refused.value.errors] == [("kind", "other-kind")]


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("itself", "no-such-incident"),
        ("nowhere", "no-such-incident"),
        ("drill", "drill-and-real"),
        ("dismissed", "incident-over"),
        ("merged", "incident-over"),
        ("transferred", "incident-over"),
        ("closed", "incident-over"),
    ],
)
def test_an_incident_never_goes_into_one_that_cannot_take_it(
    sqlite_services: Services, people: dict[str, Who], target: str, code: str
) -> None:
    incident = make_incident(sqlite_services)
    if target == "itself":
        into = incident.number
    elif target == "nowhere":
        into = "SP20000101-001"
    elif target == "drill":
        into = make_incident(sqlite_services, drill="YL-1").number
    else:
        into = make_incident(sqlite_services, state=target).number
    before = trace(sqlite_services)
    with pytest.raises(InvalidInput) as refused:
        act(sqlite_services, incident, "merge", people["duty_leader"], into=into, reason="同一")
    assert [(e.field, e.code) for e in refused.value.errors] == [("into", code)]
    assert trace(sqlite_services) == before


def test_a_drill_goes_into_another_drill_alone(
    sqlite_services: Services, people: dict[str, Who]
) -> None:
    first = make_incident(sqlite_services, drill="YL-1")
    other = make_incident(sqlite_services, drill="YL-2")
    same = make_incident(sqlite_services, drill="YL-1")
    leader = people["duty_leader"]
    with pytest.raises(InvalidInput):
        act(sqlite_services, first, "merge", leader, into=other.number, reason="同一事件")
    act(sqlite_services, first, "merge", leader, into=same.number, reason="同一事件")
    with pytest.raises(IllegalStep):
        act(sqlite_services, first, "merge", leader, into=same.number, reason="同一事件")


@pytest.mark.parametrize("state", ["dismissed", "merged", "transferred", "closed"])
def test_what_is_over_takes_notes_but_no_facts_instructions_or_tasks(
    sqlite_services: Services, people: dict[str, Who], state: str
) -> None:
    incident = make_incident(sqlite_services, state=state)
    changes = {"facts": {"ill": 50}, "source": "hospital"}
    with pytest.raises(Conflict, match="incident-finished"):
        act(sqlite_services, incident, "update_facts", people["duty_officer"], **changes)
    with pytest.raises(Conflict, match="incident-finished"):
        act(sqlite_services, incident, "instruct", people["leader"], text="查明原因")
    act(sqlite_services, incident, "note", people["duty_officer"], text="家属来电")
    assert types(sqlite_services, incident)[-1] == "note"
