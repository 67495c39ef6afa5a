"""Clocks through the API: what starts them, and what other rule sets demand of others."""

from incident.services import Services
from tests.api.conftest import Caller
from tests.support.desk import make_incident


def test_a_moment_told_as_a_fact_starts_its_clock(services: Services, officer: Caller) -> None:
    number = make_incident(services).number
    told = officer.act(
        number,
        "update_facts",
        facts={"referral_approved_at": "2026-11-23T09:00:00+08:00"},
        source="inspection",
    )
    assert told.status_code == 200
    [clock] = [one for one in told.get_json()["clocks"] if one["rule"] == "FC-REFER"]
    assert clock["starts_at"] == "2026-11-23T01:00:00+00:00"
    assert (clock["state"], clock["advisory"]) == ("running", False)

    refused = officer.act(
        number,
        "update_facts",
        facts={"risk_known_at": "2027-01-01T09:00:00+08:00"},
        source="inspection",
    )
    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["field"] == "facts.risk_known_at"


def test_what_public_health_demands_of_others_stands_beside(
    services: Services, officer: Caller
) -> None:
    counts = {"ill": 120, "deaths": 1, "basis": "confirmed"}
    number = make_incident(services, counts=counts).number
    [track] = officer.get(f"/incidents/{number}/clocks").get_json()["tracks"]
    assert (track["plan"], track["grade"]) == ("health-CN@2006", "II")
    owed = {one["rule"]: one for one in track["owed"]}
    assert owed["PH-R16"]["actor"] == "省级人民政府"
    assert owed["PH-R12"]["due_at"] is None

    drug = make_incident(services, kind="drug", setting="hospital").number
    assert officer.get(f"/incidents/{drug}/clocks").get_json()["tracks"] == []
