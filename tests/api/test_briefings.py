"""Briefings and clocks through the API: named, withdrawn, in parts, and byte for byte."""

import hashlib
from collections.abc import Iterator
from urllib.parse import unquote

import pytest

from incident.jobs.render import render
from incident.press import Press
from incident.services import Services
from tests.api.conftest import Caller, Callers
from tests.support.desk import make_incident


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    with Press() as made:
        yield made


def drafted(officer: Caller, number: str, kind: str = "initial") -> int:
    answer = officer.post(f"/incidents/{number}/briefings", {"kind": kind})
    assert answer.status_code == 201
    found: int = answer.get_json()["id"]
    return found


def test_an_answer_about_an_open_draft_names_it(services: Services, officer: Caller) -> None:
    number = make_incident(services).number
    first = drafted(officer, number)
    again = officer.post(f"/incidents/{number}/briefings", {"kind": "initial"})
    assert (again.status_code, again.get_json()["code"]) == (409, "briefing-open")
    assert again.get_json()["values"] == {"id": first}


def test_a_draft_is_withdrawn_and_an_issued_one_is_not(
    services: Services, officer: Caller, caller: Callers
) -> None:
    number = make_incident(services).number
    place = f"/incidents/{number}/briefings"
    first = drafted(officer, number)

    gone = officer.post(f"{place}/{first}/withdraw", {"reason": "误拟"})
    assert (gone.status_code, gone.get_json()["id"]) == (200, first)
    assert officer.get(place).get_json()["items"] == []
    assert officer.get(f"{place}/{first}").status_code == 404
    assert officer.get(f"/briefings/{first}.pdf").status_code == 404
    assert officer.post(f"{place}/{first}/withdraw", {}).status_code == 404

    second = drafted(officer, number)
    assert caller("duty_leader").post(f"{place}/{second}/issue", {}).status_code == 200
    kept = officer.post(f"{place}/{second}/withdraw", {})
    assert (kept.status_code, kept.get_json()["code"]) == (409, "briefing-issued")
    refused = caller("leader").post(f"{place}/{second}/withdraw", {})
    assert refused.status_code == 403


def test_the_pdf_is_byte_for_byte_what_the_digest_says(
    services: Services, officer: Caller, caller: Callers, press: Press
) -> None:
    number = make_incident(services, drill="drill-1").number
    first = drafted(officer, number)
    place = f"/incidents/{number}/briefings/{first}"
    render(services, press)
    as_draft = officer.get(f"/briefings/{first}.pdf")
    assert hashlib.sha256(as_draft.data).hexdigest() == officer.get(place).get_json()["sha256"]
    assert caller("duty_leader").post(f"{place}/issue", {}).get_json()["sha256"] is None
    assert officer.get(f"/briefings/{first}.pdf").get_json()["code"] == "not-printed"

    render(services, press)
    issued = officer.get(f"/briefings/{first}.pdf")
    stored = officer.get(place).get_json()["sha256"]
    assert issued.data.startswith(b"%PDF-")
    assert hashlib.sha256(issued.data).hexdigest() == stored
    assert issued.data == services.store.get(stored)
    assert issued.data != as_draft.data
    named = unquote(issued.headers["Content-Disposition"])
    assert named == f"attachment; filename*=UTF-8''【演练】初报_{number}.pdf"


def test_the_clocks_come_in_parts_like_other_lists(services: Services, officer: Caller) -> None:
    number = make_incident(services).number
    place = f"/incidents/{number}/clocks"
    whole = officer.get(place, query_string={"limit": 200}).get_json()
    assert whole["next"] is None
    found, cursor = [], None
    while cursor is not None or not found:
        given = {"limit": 3, **({"cursor": cursor} if cursor else {})}
        answer = officer.get(place, query_string=given).get_json()
        assert len(answer["items"]) <= 3
        found += answer["items"]
        cursor = answer["next"]
    assert found == whole["items"]
    assert len(found) > 3
    wrong = officer.get(place, query_string={"cursor": "nonsense"})
    assert (wrong.status_code, wrong.get_json()["errors"][0]["field"]) == (422, "cursor")
