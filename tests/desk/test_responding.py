"""Activating a response, ending it against the criteria, and beginning it again."""

from typing import Any

import pytest
from sqlalchemy import select

from incident.errors import InvalidInput
from incident.models import OutgoingMessage
from incident.operations import signing
from incident.queries import choices
from incident.queries.choices import Choice
from incident.services import Services
from incident.who import Who
from tests.support.desk import PASSWORD, act, make_incident, make_people, make_person, read
from tests.support.steps import brings, last, trace

MISSING = {"override": "市政府决定提前终止"}


def choice(services: Services, number: str, action: str, who: Who) -> Choice:
    with services.reading() as session:
        incident = read(services, number)
        found = choices.choices(session, incident, who, now=services.now(), rules=services.rules)
        return next(one for one in found if one.action == action)


def test_a_level_that_is_not_the_approved_grade_needs_a_reason(services: Services) -> None:
    commander = make_people(services)["commander"]
    incident = make_incident(services, state="grading", grade="IV")
    raw = brings(services, incident, "activate", level="III")
    before = trace(services)
    with pytest.raises(InvalidInput) as refused:
        act(services, incident, "activate", commander, **raw)
    assert [(one.field, one.code) for one in refused.value.errors] == [
        ("reason", "needed-against-grade")
    ]
    assert trace(services) == before

    act(services, incident, "activate", commander, **raw, reason="学校事件提高一级响应")
    entry = last(services, incident, "activate")
    assert (entry.data["level"], entry.data["grade"]) == ("III", "IV")
    assert "学校事件提高一级响应" in entry.text
    assert read(services, incident.number).grade == "IV"


def test_the_approved_grade_needs_no_reason(services: Services) -> None:
    commander = make_people(services)["commander"]
    incident = make_incident(services, state="grading", grade="III")
    act(services, incident, "activate", commander, **brings(services, incident, "activate"))
    entry = last(services, incident, "activate")
    assert "另定" not in entry.text


def test_the_choice_to_activate_says_that_an_ungraded_incident_needs_no_response(
    services: Services,
) -> None:
    commander = make_people(services)["commander"]
    ungraded = make_incident(services, state="grading", grade="ungraded")
    unknown = make_incident(services, state="grading")
    assert choice(services, ungraded.number, "activate", commander).why == "ungraded"
    assert choice(services, unknown.number, "activate", commander).why == "not-graded"


def test_who_may_propose_and_confirm_a_dismissal_proposes_while_nobody_has(
    services: Services,
) -> None:
    make_people(services)
    both = make_person(services, "both", "duty_officer", "duty_leader", number=70)
    incident = make_incident(services)

    first = choice(services, incident.number, "dismiss", both)
    assert (first.proposes, first.why) == (True, None)
    act(services, incident, "dismiss", both, reason="误报")

    own = choice(services, incident.number, "dismiss", both)
    assert (own.proposes, own.why) == (False, "own-proposal")
    leader = make_people(services)["duty_leader"]
    other = choice(services, incident.number, "dismiss", leader)
    assert (other.proposes, other.why) == (False, None)


@pytest.mark.parametrize(
    ("given", "code"),
    [({}, "required"), ({"password": "not-his-own"}, "password-wrong")],
    ids=["none", "wrong"],
)
def test_an_override_without_the_commanders_own_signature_ends_nothing(
    services: Services, given: dict[str, Any], code: str
) -> None:
    commander = make_people(services)["commander"]
    incident = make_incident(services, state="disposing")
    before = trace(services)
    with pytest.raises(InvalidInput) as refused:
        act(services, incident, "terminate", commander, findings={}, **MISSING, **given)
    assert [(one.field, one.code) for one in refused.value.errors] == [("password", code)]
    assert trace(services) == before


def test_the_signature_of_an_override_covers_what_was_missing_and_why(services: Services) -> None:
    commander = make_people(services)["commander"]
    incident = make_incident(services, state="disposing")
    act(services, incident, "terminate", commander, findings={}, **MISSING, password=PASSWORD)
    data = last(services, incident, "terminate").data
    assert data["signed_by"] == commander.id
    covered = {
        name: value for name, value in data.items() if name not in ("signature", "from", "to")
    }
    whole = {
        "incident": incident.number,
        "action": "terminate",
        "plan": incident.plan,
        **covered,
    }
    assert covered["missing"]
    assert data["signature"] == signing.digest(whole)
    assert PASSWORD not in str(data)


def test_an_end_with_everything_met_is_not_signed(services: Services) -> None:
    commander = make_people(services)["commander"]
    incident = make_incident(services, state="disposing")
    act(services, incident, "terminate", commander, **brings(services, incident, "terminate"))
    assert "signature" not in last(services, incident, "terminate").data


@pytest.mark.parametrize("drill", [None, "drill-1"], ids=["real", "drill"])
def test_reopening_calls_out_whom_a_response_calls_out(
    services: Services, drill: str | None
) -> None:
    people = make_people(services)
    incident = make_incident(services, state="closed", drill=drill)
    with services.reading() as session:
        called = select(OutgoingMessage.user_id).where(
            OutgoingMessage.incident_id == incident.id,
            OutgoingMessage.reason.contains(":activated:"),
        )
        expected = set(session.scalars(called))
    act(services, incident, "reopen", people["commander"], reason="再现病例")
    with services.reading() as session:
        query = select(OutgoingMessage).where(OutgoingMessage.reason.contains(":reopened:"))
        sent = list(session.scalars(query))
    assert expected
    assert {one.user_id for one in sent} == expected
    assert all("重启Ⅲ级较大响应" in one.body for one in sent)
    assert all(one.body.startswith("【演练】") == bool(drill) for one in sent)
