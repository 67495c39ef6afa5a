"""What is signed through the API, and opinions that come late."""

from datetime import timedelta

from incident.clock import FrozenClock
from incident.services import Services
from tests.api.conftest import Callers
from tests.support.desk import PASSWORD, make_incident, read


def test_a_token_alone_does_not_sign_an_override(services: Services, caller: Callers) -> None:
    commander = caller("commander")
    number = make_incident(services, state="disposing").number
    brought = {"findings": {}, "override": "市政府决定提前终止"}

    unsigned = commander.act(number, "terminate", **brought)
    assert unsigned.status_code == 422
    assert [(one["field"], one["code"]) for one in unsigned.get_json()["errors"]] == [
        ("password", "required")
    ]
    wrong = commander.act(number, "terminate", **brought, password="another-1Password")
    assert wrong.get_json()["errors"][0]["code"] == "password-wrong"
    assert read(services, number).state == "disposing"

    signed = commander.act(number, "terminate", **brought, password=PASSWORD)
    assert signed.get_json()["state"] == "reviewing"
    told = commander.get(f"/incidents/{number}/timeline").get_json()["items"]
    [entry] = [one for one in told if one["type"] == "terminate"]
    assert len(entry["data"]["signature"]) == 64
    assert entry["data"]["missing"]


def test_a_level_beside_the_grade_needs_its_reason(services: Services, caller: Callers) -> None:
    commander = caller("commander")
    number = make_incident(services, state="grading", grade="IV").number
    brought = {
        "matters": "开展应急处置",
        "level": "III",
        "expected_until": "2026-11-25T12:00:00+08:00",
        "measures": "救治患者",
    }
    refused = commander.act(number, "activate", **brought)
    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["field"] == "reason"
    done = commander.act(number, "activate", **brought, reason="学校事件提高一级响应")
    assert (done.get_json()["state"], done.get_json()["grade"]) == ("responding", "IV")


def test_a_late_opinion_says_so_and_does_not_count(services: Services, caller: Callers) -> None:
    number = make_incident(services, state="consulting").number
    expert = caller("expert")
    place = f"/incidents/{number}/consultations"
    [asked] = expert.get(place).get_json()["items"]
    expert.post(f"{place}/{asked['id']}/declarations", {})
    assert isinstance(services.clock, FrozenClock)
    services.clock.moment += timedelta(hours=4)

    given = expert.post(
        f"{place}/{asked['id']}/opinions", {"confidence": "high", "text": "符合细菌性特征"}
    ).get_json()

    assert (given["given"], given["waited"]) == (0, 1)
    assert [one["is_late"] for one in given["opinions"]] == [True]
    assert given["experts"][0]["standing"] == "late"
