"""Every step of the life, in every state and by every role."""

from itertools import product

import pytest

from incident.errors import Conflict, Forbidden, IllegalStep, InvalidInput
from incident.models import Incident
from incident.operations import actions, steps, timeline
from incident.services import Services
from incident.who import Who
from tests.support.desk import act, make_incident, make_people, make_person, read
from tests.support.steps import brings, make_readable, propose, second_officer, trace, undone
from workflows.lifecycle import Action, Role, State, find

GRADES = {"reported": None, "responding": "IV"}  # IV: goes on without experts
PAIRS = list(product(State, Action))
OPEN = [(state, action) for state, action in PAIRS if find(state, action)]
UNGRADED_ONLY = (State.GRADING, Action.DISPOSE)
CLOSED = [pair for pair in PAIRS if pair not in OPEN or pair == UNGRADED_ONLY]
NEEDS_ANOTHER = {Action.DISMISS, Action.APPROVE_GRADE, Action.REGRADE}


def named(pairs: list[tuple[State, Action]]) -> list[str]:
    return [f"{state}-{action}" for state, action in pairs]


@pytest.fixture(scope="module")
def people(shared_services: Services) -> dict[str, Who]:
    return make_people(shared_services)


@pytest.fixture(scope="module")
def incidents(shared_services: Services, people: dict[str, Who]) -> dict[str, Incident]:
    """One incident in each state, with everything that its open steps wait for."""
    services = shared_services
    made = {
        state: make_incident(services, state=state, grade=GRADES.get(state, "III"))
        for state in State
    }
    officer = second_officer(services)
    for state in ("grading", "responding", "consulting", "disposing"):
        propose(services, made[state], "III", officer)
    for state in ("reported", "grading"):
        act(services, made[state], "dismiss", officer, reason="误报")
    made["ungraded"] = make_incident(services, state="grading", grade="ungraded")
    return {name: read(services, one.number) for name, one in made.items()}


def attempt(
    services: Services, incident: Incident, action: str, who: Who, **changes: object
) -> Incident:
    """Take a step and take it back; return the incident as it was in between."""
    if action == Action.MERGE:
        with services.reading() as session:
            other = session.get(Incident, 1)
            assert other is not None
            into = other.number if other.id != incident.id else "-"
        changes = {"into": into, **changes}
    with undone(services) as session:
        held = steps.hold(session, incident.number)
        if held.state == "consulting":
            make_readable(session, held, services)
        raw = brings(services, incident, action, **changes)
        actions.perform(session, held, action, raw, services.context(who))
        session.flush()
        session.expunge(held)
    return held


@pytest.mark.parametrize(
    ("state", "action"),
    [pair for pair in OPEN if pair != UNGRADED_ONLY],
    ids=named([pair for pair in OPEN if pair != UNGRADED_ONLY]),
)
def test_an_open_step_leads_where_the_table_says(
    shared_services: Services,
    people: dict[str, Who],
    incidents: dict[str, Incident],
    state: State,
    action: Action,
) -> None:
    row = find(state, action)
    assert row is not None
    incident = incidents[state]
    if action == Action.MERGE and incident.id == 1:
        incident = make_incident(shared_services)
    after = attempt(shared_services, incident, action, people[row.role])
    assert after.state == row.lands_in()
    assert after.version > incident.version


@pytest.mark.parametrize(("state", "action"), CLOSED, ids=named(CLOSED))
def test_a_step_that_is_not_open_names_those_that_are_and_changes_nothing(
    shared_services: Services,
    people: dict[str, Who],
    incidents: dict[str, Incident],
    state: State,
    action: Action,
) -> None:
    before = trace(shared_services)
    incident = incidents[state]
    for who in (people[Role.COMMANDER], people[Role.REPORTER]):
        with pytest.raises(IllegalStep) as refused:
            act(shared_services, incident, action, who, **brings(shared_services, incident, action))
    opened = [row for row in Action if find(state, row) and (state, row) != UNGRADED_ONLY]
    assert sorted(refused.value.open_actions) == sorted(opened)
    assert refused.value.values == {"action": action, "state": state}
    assert trace(shared_services) == before


@pytest.mark.parametrize("role", Role)
def test_each_step_is_taken_by_its_role_alone(
    shared_services: Services,
    people: dict[str, Who],
    incidents: dict[str, Incident],
    role: Role,
) -> None:
    before = trace(shared_services)
    for state, action in OPEN:
        row = find(state, action)
        assert row is not None
        if role in (row.role, *row.proposers) or (state, action) == UNGRADED_ONLY:
            continue
        with pytest.raises(Forbidden) as refused:
            attempt(shared_services, incidents[state], action, people[role])
        assert refused.value.values["role"] == row.role, action
    assert trace(shared_services) == before


@pytest.mark.parametrize(
    ("state", "action"),
    [pair for pair in OPEN if pair[1] in NEEDS_ANOTHER],
    ids=named([pair for pair in OPEN if pair[1] in NEEDS_ANOTHER]),
)
def test_nobody_confirms_his_own_proposal_whatever_roles_he_holds(
    shared_services: Services, incidents: dict[str, Incident], state: State, action: Action
) -> None:
    services = shared_services
    both = make_person(services, "both", "duty_officer", "duty_leader", "commander", number=62)
    context = services.context(both)
    proposal = Action.DISMISS if action == Action.DISMISS else Action.PROPOSE_GRADE
    incident = incidents["ungraded"] if action == Action.APPROVE_GRADE else incidents[state]
    if action == Action.DISMISS:
        incident = make_incident(services, state=state)
    with undone(services) as session:
        held = steps.hold(session, incident.number)
        actions.perform(session, held, proposal, brings(services, incident, proposal), context)
        timeline.seal(session)
        with pytest.raises(Forbidden, match="own-proposal"):
            actions.perform(session, held, action, brings(services, incident, action), context)


@pytest.mark.parametrize("action", Action)
def test_a_step_without_what_it_must_bring_names_every_field_that_is_missing(
    shared_services: Services,
    people: dict[str, Who],
    incidents: dict[str, Incident],
    action: Action,
) -> None:
    state = next(s for s, name in OPEN if name == action and (s, name) != UNGRADED_ONLY)
    row = find(state, action)
    assert row is not None
    with pytest.raises(InvalidInput) as refused:
        act(shared_services, incidents[state], action, people[row.role])
    missing = {error.field for error in refused.value.errors if error.code == "required"}
    optional = {"evidence", "follow_ups"}
    assert set(row.requires) - optional <= missing


def test_an_ungraded_incident_goes_to_disposal_without_a_response(
    shared_services: Services, people: dict[str, Who], incidents: dict[str, Incident]
) -> None:
    commander = people[Role.COMMANDER]
    incident = incidents["ungraded"]
    assert attempt(shared_services, incident, "dispose", commander).state == "disposing"
    with pytest.raises(Conflict, match=r"^ungraded$"):
        attempt(shared_services, incident, "activate", commander)


def test_a_response_needs_an_approved_grade(
    shared_services: Services, people: dict[str, Who]
) -> None:
    incident = make_incident(shared_services, state="grading")
    with pytest.raises(Conflict, match="not-graded"):
        attempt(shared_services, incident, "activate", people[Role.COMMANDER])


@pytest.mark.parametrize(
    ("grade", "is_free"),
    [("I", False), ("II", False), ("III", False), ("IV", True)],
    ids=["I-needs-experts", "II-needs-experts", "III-needs-experts", "IV-does-without"],
)
def test_only_the_lowest_grade_goes_to_disposal_without_experts(
    shared_services: Services, people: dict[str, Who], grade: str, is_free: bool
) -> None:
    incident = make_incident(shared_services, state="responding", grade=grade)
    commander = people[Role.COMMANDER]
    if is_free:
        assert attempt(shared_services, incident, "dispose", commander).state == "disposing"
        return
    with pytest.raises(Conflict, match="experts-needed"):
        attempt(shared_services, incident, "dispose", commander)


def test_a_step_refused_halfway_leaves_nothing_behind(
    shared_services: Services, people: dict[str, Who], incidents: dict[str, Incident]
) -> None:
    before = trace(shared_services)
    raw = brings(shared_services, incidents["grading"], "approve_grade", grade="I")
    with pytest.raises(InvalidInput):
        act(shared_services, incidents["grading"], "approve_grade", people[Role.COMMANDER], **raw)
    assert trace(shared_services) == before
