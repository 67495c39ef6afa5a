"""The list of incidents: how many fit is counted, but not a whole archive."""

import pytest

from incident.queries import listing
from incident.queries.listing import Search
from incident.services import Services
from tests.support.desk import make_incident, make_people
from workflows.lifecycle import Role


@pytest.mark.parametrize(("most", "is_uncounted"), [(3, False), (2, True)])
def test_beyond_a_number_it_is_only_said_that_there_are_more(
    services: Services, monkeypatch: pytest.MonkeyPatch, most: int, is_uncounted: bool
) -> None:
    monkeypatch.setattr(listing, "COUNTED", most)
    for _ in range(3):
        make_incident(services)
    who = make_people(services)[Role.DUTY_OFFICER]
    with services.reading() as session:
        found = listing.find(session, who, Search(), services.rules)
    assert found.total == 3
    assert found.is_uncounted is is_uncounted
    assert len(found.rows) == 3
