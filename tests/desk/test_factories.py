"""The factories of the tests themselves: every state can be had."""

import pytest

from incident.services import Services
from tests.support.desk import make_incident, make_people, make_person, make_token
from workflows.lifecycle import Role, State


@pytest.mark.parametrize("state", State)
def test_an_incident_can_be_had_in_every_state(services: Services, state: State) -> None:
    assert make_incident(services, state=state).state == state


def test_an_incident_has_the_grade_that_is_asked_for(services: Services) -> None:
    assert make_incident(services, state="grading").grade is None
    assert make_incident(services, state="grading", grade="I").grade == "I"
    assert make_incident(services, state="responding").grade == "III"


def test_the_people_are_the_same_at_the_second_call(services: Services) -> None:
    assert make_people(services) == make_people(services)
    assert make_person(services, "second_expert", Role.EXPERT).roles == {Role.EXPERT}


def test_a_token_is_had_for_an_account(services: Services) -> None:
    make_people(services)

    assert make_token(services, Role.DUTY_OFFICER).startswith("tcs_")
