"""Who may know of which incident."""

import pytest

from incident.errors import NotFound
from incident.inputs.base import parse
from incident.inputs.report import ReportInput
from incident.models import Incident
from incident.operations import reporting
from incident.queries import scope
from incident.services import Services
from tests.support.desk import make_incident, make_people, make_person, raw_report
from workflows.lifecycle import Role

DESK = {"duty_officer", "duty_leader", "commander", "group_member", "leader"}
ALL = {"real", "drill", "consulted", "filed"}
SEES = {
    **dict.fromkeys(DESK, ALL),
    "expert": {"consulted"},
    "chair": {"consulted"},
    "director": {"drill"},
    "evaluator": {"drill"},
    "observer": {"drill"},
    "reporter": {"filed"},
    "plan_keeper": set(),
    "system_admin": set(),
    "security_admin": set(),
    "auditor": set(),
}


@pytest.fixture(scope="module")
def incidents(shared_services: Services) -> dict[str, Incident]:
    services = shared_services
    reporter = make_people(services)["reporter"]
    number = services.take_number("food", drill=False)
    with services.transaction() as session:
        _, filed = reporting.receive(
            session,
            parse(ReportInput, raw_report()),
            number=number,
            who=reporter,
            now=services.now(),
            rules=services.rules,
        )
    return {
        "real": make_incident(services),
        "drill": make_incident(services, drill="YL-1"),
        "consulted": make_incident(services, state="consulting"),
        "filed": filed,
    }


def test_the_table_names_every_role() -> None:
    assert set(SEES) == set(Role)


@pytest.mark.parametrize("role", Role)
def test_a_person_knows_of_what_the_role_lets_see_and_of_nothing_else(
    shared_services: Services, incidents: dict[str, Incident], role: Role
) -> None:
    who = make_people(shared_services)[role]
    with shared_services.reading() as session:
        listed = {one.number for one in session.scalars(scope.incidents(who))}
        for name, incident in incidents.items():
            is_seen = name in SEES[role]
            assert (incident.number in listed) == is_seen, name
            if is_seen:
                assert scope.incident(session, incident.number, who).id == incident.id
                continue
            with pytest.raises(NotFound, match="not-found"):
                scope.incident(session, incident.number, who)


def test_an_expert_who_was_not_asked_knows_of_nothing(
    shared_services: Services, incidents: dict[str, Incident]
) -> None:
    stranger = make_person(shared_services, "stranger", "expert", number=90)
    with shared_services.reading() as session:
        assert session.scalars(scope.incidents(stranger)).all() == []
    assert incidents


def test_somebody_with_two_roles_sees_what_both_see(
    shared_services: Services, incidents: dict[str, Incident]
) -> None:
    both = make_person(shared_services, "director_expert", "director", "expert", number=91)
    with shared_services.reading() as session:
        seen = {one.number for one in session.scalars(scope.incidents(both))}
    assert seen == {incidents["drill"].number}
