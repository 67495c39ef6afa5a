"""Who was called, what is true of each, and what comes next, by the API."""

from datetime import datetime

from incident.services import Services
from tests.api.conftest import Callers
from tests.support.alerts import later
from tests.support.desk import make_incident


def test_the_messages_tell_the_truth_of_each_person(services: Services, caller: Callers) -> None:
    officer = caller("duty_officer")
    incident = make_incident(services)
    found = officer.get(f"/incidents/{incident.number}/messages").get_json()
    assert [item["state"] for item in found["items"]] == ["queued", "queued"]
    (alert,) = found["alerts"]
    assert (alert["event"], alert["policy"], alert["confidence"]) == (
        "reported",
        "FC-ESC-REPORTED",
        "P",
    )
    for person in alert["people"]:
        assert (person["state"], person["answer"], person["delivered_at"]) == ("called", None, None)
        assert person["next_channels"] == ["voice"]
        minutes = datetime.fromisoformat(person["next_at"]) - services.now()
        assert minutes.total_seconds() == 120


def test_an_acknowledgement_by_the_api_is_an_answer(services: Services, caller: Callers) -> None:
    officer, leader = caller("duty_officer"), caller("duty_leader")
    incident = make_incident(services)
    path = f"/incidents/{incident.number}/actions/acknowledge"
    assert officer.post(path, {"answer": "under_way"}).status_code == 200
    assert leader.post(path, {"answer": "maybe"}).status_code == 422
    assert leader.post(path, {}).status_code == 200
    (alert,) = officer.get(f"/incidents/{incident.number}/messages").get_json()["alerts"]
    said = {person["answer"]: person["answered_by"] for person in alert["people"]}
    assert said == {"under_way": "page", "received": "page"}
    assert alert["ended"] == "answered"
    later(services, minutes=30)
    timeline = officer.get(f"/incidents/{incident.number}/timeline").get_json()["items"]
    types = [entry["type"] for entry in timeline]
    assert types.count("alert_answered") == 2
    assert types[-1] == "alert_ended"
