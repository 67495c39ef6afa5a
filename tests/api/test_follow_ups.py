"""Follow-ups through the API."""

from incident.services import Services
from tests.api.conftest import Callers
from tests.desk.test_follow_ups import archived


def test_follow_ups_are_listed_and_ended(services: Services, caller: Callers) -> None:
    number = archived(services).number
    leader, member = caller("duty_leader"), caller("group_member")
    place = f"/incidents/{number}/follow-ups"
    first, second = leader.get(place).get_json()["items"]
    assert (first["owner"], first["due_on"], first["done_at"]) == (
        "示例市第一实验小学",
        "2026-12-01",
        None,
    )
    mine = {one["id"]: one["is_mine"] for one in member.get(place).get_json()["items"]}
    assert mine == {first["id"]: False, second["id"]: True}

    refused = member.post(f"{place}/{first['id']}/done", {"note": "已改"})
    assert (refused.status_code, refused.get_json()["code"]) == (403, "not-the-owner")
    empty = leader.post(f"{place}/{first['id']}/done", {"note": " "})
    assert (empty.status_code, empty.get_json()["errors"][0]["field"]) == (422, "note")
    done = leader.post(f"{place}/{first['id']}/done", {"note": "已更换"})
    assert (done.status_code, done.get_json()["note"]) == (200, "已更换")
    twice = leader.post(f"{place}/{first['id']}/done", {"note": "已更换"})
    assert (twice.status_code, twice.get_json()["code"]) == (409, "follow-up-done")


def test_those_that_are_open_come_first_due_first_and_in_parts(
    services: Services, caller: Callers
) -> None:
    for _ in range(2):
        archived(services)
    leader = caller("leader")
    first = leader.get("/follow-ups", query_string={"limit": 3}).get_json()
    rest = leader.get("/follow-ups", query_string={"cursor": first["next"]}).get_json()
    days = [one["due_on"] for one in (*first["items"], *rest["items"])]
    assert days == ["2026-11-25", "2026-11-25", "2026-12-01", "2026-12-01"]
    assert rest["next"] is None
    assert caller("expert").get("/follow-ups").status_code == 403
