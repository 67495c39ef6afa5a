"""Reports by the API: what is answered, once for each key, and what follows up."""

from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy import func, select

from incident.models import Entry, Incident, OutgoingMessage, Report
from incident.services import Services
from tests.api.conftest import Caller, Callers
from tests.support.desk import make_incident, make_token, raw_report

KEY = {"Idempotency-Key": "telephone-3am"}


def count(services: Services, model: type) -> int:
    with services.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_a_report_opens_an_incident(officer: Caller) -> None:
    answer = officer.post("/reports", raw_report())
    assert answer.status_code == 201
    incident = answer.get_json()["incident"]
    assert incident["state"] == "reported"
    assert incident["counts"] == {"ill": 40, "severe": 2}
    assert "deaths" not in incident["facts"]
    assert answer.headers["ETag"] == f'"{incident["version"]}"'
    assert incident["clocks"]
    assert {"verify", "update_facts", "note"} <= {row["name"] for row in incident["actions"]}
    assert officer.get(f"/incidents/{incident['number']}").get_json() == incident


def test_the_same_key_and_body_answer_the_same_again(services: Services, officer: Caller) -> None:
    first = officer.post("/reports", raw_report(), headers=KEY)
    second = officer.post("/reports", raw_report(), headers=KEY)
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.get_json() == first.get_json()
    assert second.headers["ETag"] == first.headers["ETag"]
    assert second.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert count(services, Incident) == 1


def test_the_same_key_with_another_body_is_refused(services: Services, officer: Caller) -> None:
    officer.post("/reports", raw_report(), headers=KEY)
    answer = officer.post("/reports", raw_report(setting="canteen"), headers=KEY)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "idempotency-key-reused")
    assert count(services, Incident) == 1


def test_a_key_belongs_to_its_caller(services: Services, caller: Callers) -> None:
    for role in ("duty_officer", "reporter"):
        answer = caller(role).post("/reports", raw_report(), headers=KEY)
        assert (answer.status_code, "Idempotent-Replayed" in answer.headers) == (201, False)
    assert count(services, Incident) == 2


def test_a_key_spent_on_an_error_can_be_used_again(officer: Caller) -> None:
    wrong = officer.post("/reports", raw_report(kind="water"), headers=KEY)
    right = officer.post("/reports", raw_report(), headers=KEY)
    assert (wrong.status_code, right.status_code) == (422, 201)


def test_twins_at_the_same_moment_have_one_effect(services: Services, app: Flask) -> None:
    make_incident(services)
    token = make_token(services, "duty_officer")
    before = {model: count(services, model) for model in (Incident, Report, OutgoingMessage, Entry)}

    def send(_: int) -> tuple[int, str, bool]:
        answer = Caller(app.test_client(), token).post("/reports", raw_report(), headers=KEY)
        number = answer.get_json()["incident"]["number"]
        return answer.status_code, number, "Idempotent-Replayed" in answer.headers

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert {status for status, _, _ in answers} == {201}
    assert len({number for _, number, _ in answers}) == 1
    assert [replayed for _, _, replayed in answers].count(False) == 1
    assert count(services, Incident) == before[Incident] + 1
    assert count(services, Report) == before[Report] + 1
    assert count(services, Entry) == before[Entry] + 2  # the report, and its alert


def test_twin_steps_at_the_same_moment_are_one_step(services: Services, app: Flask) -> None:
    incident = make_incident(services)
    token = make_token(services, "duty_officer")
    headers = {**KEY, "If-Match": f'"{incident.version}"'}

    def send(_: int) -> tuple[int, str]:
        path = f"/incidents/{incident.number}/actions/verify"
        caller = Caller(app.test_client(), token)
        answer = caller.post(path, {"conclusion": "属实"}, headers=headers)
        return answer.status_code, answer.get_json()["state"]

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(send, range(4))) == {(200, "grading")}
    with services.reading() as session:
        verified = select(func.count()).where(Entry.type == "verify")
        assert session.scalar(verified) == 1


def test_a_further_report_adds_to_its_incident(officer: Caller) -> None:
    number = officer.post("/reports", raw_report()).get_json()["incident"]["number"]
    further = raw_report(incident=number, report_type="progress", counts={"ill": 55})
    answer = officer.post("/reports", further)
    assert answer.status_code == 201
    assert answer.get_json()["incident"]["counts"] == {"ill": 55, "severe": 2}


def test_counts_that_fall_without_a_word_are_refused(officer: Caller) -> None:
    number = officer.post("/reports", raw_report()).get_json()["incident"]["number"]
    falling = raw_report(incident=number, counts={"ill": 3})
    answer = officer.post("/reports", falling)
    assert answer.status_code == 422
    assert [row["field"] for row in answer.get_json()["errors"]] == ["counts.ill"]
    answer = officer.post("/reports", {**falling, "correction": "重复登记"})
    assert answer.get_json()["incident"]["counts"]["ill"] == 3


def test_a_reporting_unit_adds_to_its_own_incident_only(
    services: Services, caller: Callers
) -> None:
    foreign = make_incident(services).number
    unit = caller("reporter")
    answer = unit.post("/reports", raw_report(incident=foreign))
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "incident")
    mine = unit.post("/reports", raw_report()).get_json()["incident"]["number"]
    answer = unit.post("/reports", raw_report(incident=mine, counts={"ill": 41, "severe": 2}))
    assert answer.status_code == 201


def test_an_impossible_report_takes_no_number(services: Services, officer: Caller) -> None:
    impossible = raw_report(counts={"ill": 1, "deaths": 2}, first_onset_at="2027-01-01T00:00:00Z")
    answer = officer.post("/reports", impossible)
    assert answer.status_code == 422
    fields = {row["field"] for row in answer.get_json()["errors"]}
    assert fields == {"counts.deaths", "first_onset_at"}
    number = officer.post("/reports", raw_report()).get_json()["incident"]["number"]
    assert number.endswith("-001")
