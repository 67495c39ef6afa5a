"""Drafts that are withdrawn, and what never is; the names of the files."""

import pytest

from incident.errors import Conflict, Forbidden, NotFound
from incident.models import Briefing, Incident
from incident.operations import briefings, steps
from incident.operations.briefing_names import file_name
from incident.services import Services
from incident.who import Who
from tests.support.briefings import draft, draft_and_issue
from tests.support.desk import make_incident, make_people
from tests.support.steps import entries


def withdraw(
    services: Services, incident: Incident, row: Briefing, who: Who, reason: str | None = None
) -> None:
    with services.transaction() as session:
        held = steps.hold(session, incident.number)
        found = briefings.find(session, held, row.id)
        briefings.withdraw(session, held, found, services.context(who), reason=reason)


def test_a_withdrawn_draft_gives_its_place_to_the_next(services: Services) -> None:
    officer = make_people(services)["duty_officer"]
    incident = make_incident(services)
    draft_and_issue(services, incident)
    first = draft(services, incident, "progress")
    withdraw(services, incident, first, officer, "误拟")
    entry = entries(services, incident)[-1]
    assert (entry.type, entry.data["briefing"]) == ("briefing_withdrawn", first.id)
    assert "误拟" in entry.text

    with services.reading() as session:
        assert [row.kind for row in briefings.of(session, incident.id)] == ["initial"]
        with pytest.raises(NotFound):
            briefings.find(session, incident, first.id)
    again = draft(services, incident, "progress")
    assert (again.id, again.sequence) == (first.id + 1, 1)


def test_several_drafts_of_a_kind_may_be_withdrawn(services: Services) -> None:
    officer = make_people(services)["duty_officer"]
    incident = make_incident(services)
    for _ in range(3):
        withdraw(services, incident, draft(services, incident), officer)
    assert draft(services, incident).sequence == 1


def test_what_was_issued_is_never_withdrawn(services: Services) -> None:
    officer = make_people(services)["duty_officer"]
    incident = make_incident(services)
    issued = draft_and_issue(services, incident)
    with pytest.raises(Conflict, match="briefing-issued"):
        withdraw(services, incident, issued, officer)
    with services.reading() as session:
        assert briefings.find(session, incident, issued.id).withdrawn_at is None


def test_only_those_who_draft_withdraw(services: Services) -> None:
    incident = make_incident(services)
    row = draft(services, incident)
    with pytest.raises(Forbidden, match="wrong-role"):
        withdraw(services, incident, row, make_people(services)["group_member"])


@pytest.mark.parametrize(
    ("drill", "name"),
    [(None, "初报（草稿）_{}.pdf"), ("drill-1", "【演练】初报（草稿）_{}.pdf")],
    ids=["real", "drill"],
)
def test_the_name_of_a_file_says_what_it_is(
    services: Services, drill: str | None, name: str
) -> None:
    incident = make_incident(services, drill=drill)
    assert file_name(incident, draft(services, incident)) == name.format(incident.number)
