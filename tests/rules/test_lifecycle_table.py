"""The table of the life: every pair of state and action, every path, every person."""

from itertools import product

import pytest

from workflows.lifecycle import (
    ASIDE,
    EXCLUSIVE_ROLES,
    MAIN_LINE,
    TRANSITIONS,
    Action,
    Role,
    State,
    find,
    open_steps,
)

RUNNING = {"responding", "consulting", "disposing"}
LEADS: dict[str, dict[str, str]] = {
    "verify": {"reported": "grading"},
    "dismiss": dict.fromkeys(("reported", "grading"), "dismissed"),
    "merge": dict.fromkeys(("reported", "grading"), "merged"),
    "transfer": dict.fromkeys(("reported", "grading"), "transferred"),
    "propose_grade": {state: state for state in ("grading", *RUNNING)},
    "approve_grade": {"grading": "grading"},
    "activate": {"grading": "responding"},
    "regrade": {state: state for state in RUNNING},
    "convene": dict.fromkeys(("responding", "disposing"), "consulting"),
    "conclude": {"consulting": "disposing"},
    "dispose": dict.fromkeys(("responding", "grading"), "disposing"),
    "terminate": {"disposing": "reviewing"},
    "archive": {"reviewing": "closed"},
    "reopen": dict.fromkeys(("reviewing", "closed"), "responding"),
}
PAIRS = list(product(State, Action))


@pytest.mark.parametrize(
    ("state", "action"), PAIRS, ids=[f"{state}-{action}" for state, action in PAIRS]
)
def test_an_action_in_a_state_leads_where_the_house_says_or_is_not_open(
    state: State, action: Action
) -> None:
    row = find(state, action)
    assert (row.lands_in() if row else None) == LEADS[action].get(state)


def test_every_state_can_be_reached_from_a_report() -> None:
    reached, waiting = {State.REPORTED}, [State.REPORTED]
    while waiting:
        state = waiting.pop()
        fresh = {row.lands_in() for row in open_steps(state, ungraded=True)} - reached
        reached |= fresh
        waiting.extend(fresh)
    assert reached == set(State)


def test_every_state_is_on_the_main_line_or_aside() -> None:
    assert set(MAIN_LINE) | ASIDE == set(State)
    assert not set(MAIN_LINE) & ASIDE


@pytest.mark.parametrize("state", sorted(ASIDE))
def test_nothing_is_open_aside(state: State) -> None:
    assert open_steps(state, ungraded=True) == ()


def test_a_pair_of_state_and_action_stands_once_in_the_table() -> None:
    pairs = [(row.source, row.action) for row in TRANSITIONS]
    assert len(pairs) == len(set(pairs))


@pytest.mark.parametrize("state", State)
def test_open_steps_are_the_rows_that_find_gives(state: State) -> None:
    found = tuple(row for action in Action if (row := find(state, action)))
    assert set(open_steps(state, ungraded=True)) == set(found)


def test_only_an_ungraded_incident_goes_from_grading_to_disposal() -> None:
    graded = {row.action for row in open_steps(State.GRADING)}
    ungraded = {row.action for row in open_steps(State.GRADING, ungraded=True)}
    assert ungraded - graded == {Action.DISPOSE}


def test_grades_and_dismissals_need_a_second_person() -> None:
    watched = {row.action for row in TRANSITIONS if row.second_person}
    assert watched == {Action.DISMISS, Action.APPROVE_GRADE, Action.REGRADE}


def test_every_step_must_bring_something() -> None:
    assert all(row.requires for row in TRANSITIONS)


def test_activation_brings_the_four_that_the_law_asks_for() -> None:
    row = find(State.GRADING, Action.ACTIVATE)
    assert row
    assert row.requires == ("matters", "level", "expected_until", "measures")


def test_administrators_and_auditors_take_no_step() -> None:
    assert not {row.role for row in TRANSITIONS} & EXCLUSIVE_ROLES


def test_the_roles_that_exclude_each_other_are_three() -> None:
    assert {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR} == EXCLUSIVE_ROLES


def test_a_duty_officer_proposes_a_dismissal_that_the_duty_leader_confirms() -> None:
    for state in (State.REPORTED, State.GRADING):
        row = find(state, Action.DISMISS)
        assert row
        assert (row.role, row.proposers) == (Role.DUTY_LEADER, (Role.DUTY_OFFICER,))
