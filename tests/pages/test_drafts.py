"""Drafts: kept as one types, found again, put aside and taken back, nobody else's."""

from datetime import timedelta

from sqlalchemy import select

from incident.models import Draft
from incident.operations import drafts
from incident.services import Services
from tests.pages.report_pages import typist, value_of
from tests.support.desk import make_incident, make_people
from tests.support.running import flask_client

KEY = "a-key-of-twenty-signs"


def test_a_draft_is_stored_and_the_time_is_told(desk: Services) -> None:
    person = typist(desk)
    answer = person.client.post(
        f"/reports/new/{person.key}/draft", data={"unit.name": "示例市第一实验小学", "csrf": "x"}
    )

    assert answer.json == {"saved_at": "11:00:00"}
    with desk.reading() as session:
        [draft] = session.scalars(select(Draft))
    assert draft.content["fields"] == {"unit.name": "示例市第一实验小学"}
    page = person.client.get(person.address).text
    assert value_of(page, "unit.name") == "示例市第一实验小学"


def test_another_machine_goes_on_with_it(desk: Services) -> None:
    person = typist(desk)
    person.send(kind="", later="1")
    elsewhere = flask_client(desk, "duty_officer")
    listed = elsewhere.get("/reports/drafts").text

    assert "1 份草稿没写完" in listed
    assert f'href="{person.address}"' in listed


def test_later_keeps_a_draft_with_faults(desk: Services) -> None:
    answer = typist(desk).send(counts__ill="?", later="1")

    assert answer.headers["Location"] == "/reports/drafts"


def test_a_draft_is_put_aside_and_taken_back(desk: Services) -> None:
    person = typist(desk)
    person.send(later="1")
    gone = person.client.post(f"/reports/new/{person.key}/discard")
    page = person.client.get(gone.headers["Location"]).text
    back = person.client.post(f"/reports/new/{person.key}/restore")

    assert "撤销丢弃" in page
    assert "没有草稿" in page
    assert back.headers["Location"] == person.address
    assert "1 份草稿没写完" in person.client.get("/reports/drafts").text


def test_nobody_sees_or_takes_anothers_draft(desk: Services) -> None:
    person = typist(desk)
    person.send(later="1")
    other = flask_client(desk, "duty_leader")
    answers = [
        other.get(person.address),
        other.post(person.address, data={"unit.name": "别的"}),
        other.post(f"/reports/new/{person.key}/draft", data={"unit.name": "别的"}),
        other.post(f"/reports/new/{person.key}/discard"),
        other.post(f"/reports/new/{person.key}/restore"),
        other.post(f"/reports/new/{person.key}/file"),
        other.post(f"/reports/new/{person.key}/similar"),
        other.get(f"/reports/new/{person.key}/check"),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert "没有草稿" in other.get("/reports/drafts").text


def test_a_draft_of_a_follow_up_leads_back_to_its_incident(desk: Services) -> None:
    incident = make_incident(desk)
    person = typist(desk, path=f"/incidents/{incident.number}/reports/new")
    person.client.post(
        f"/reports/new/{person.key}/draft?incident={incident.number}", data={"counts.ill": "41"}
    )
    led = person.client.get(f"/reports/new/{person.key}").headers["Location"]

    assert led == person.address
    assert value_of(person.client.get(led).text, "counts.ill") == "41"


def test_what_comes_after_the_filing_is_not_kept(desk: Services) -> None:
    person = typist(desk)
    person.send()
    person.file()
    late = person.client.post(f"/reports/new/{person.key}/draft", data={"counts.ill": "99"})

    assert late.status_code == 409
    with desk.reading() as session:
        assert list(session.scalars(select(Draft))) == []


def test_old_drafts_are_forgotten_when_a_new_one_begins(desk: Services) -> None:
    who = make_people(desk)["duty_officer"]
    now = desk.now()
    ages = {KEY: drafts.LASTS + timedelta(seconds=1), f"{KEY}-2": drafts.LASTS}
    for key, age in ages.items():
        with desk.transaction() as session:
            drafts.save(session, key, {}, who=who, now=now - age)
    with desk.transaction() as session:
        drafts.save(session, f"{KEY}-3", {}, who=who, now=now)
        left = {draft.key for draft in drafts.mine(session, who)}

    assert left == {f"{KEY}-2", f"{KEY}-3"}


def test_only_fields_of_a_report_are_kept_and_none_is_endless(desk: Services) -> None:
    who = make_people(desk)["duty_officer"]
    with desk.transaction() as session:
        drafts.save(session, KEY, {"narrative": "长" * 9000}, who=who, now=desk.now())
    with desk.reading() as session:
        fields = drafts.fields_of(drafts.find(session, KEY, who))

    assert len(fields["narrative"]) == drafts.LONGEST_TEXT
