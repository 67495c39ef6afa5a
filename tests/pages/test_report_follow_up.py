"""A follow-up: opens with the last values, sends what changed, refuses silent contradictions."""

import pytest
from sqlalchemy import select

from incident.models import Entry, Incident, Report
from incident.services import Services
from tests.pages.report_pages import Typist, mark, typist, value_of
from tests.support.desk import act, make_incident, make_people
from tests.support.running import flask_client

BATCH = {"product": "示例注射液", "batch": "SL20261001"}


def opened(desk: Services, **report: object) -> tuple[Incident, Typist]:
    incident = make_incident(desk, **report)  # type: ignore[arg-type]
    person = typist(desk, path=f"/incidents/{incident.number}/reports/new")
    person.fields = {"received_at": "2026-11-23T11:00", "report_type": "progress"}
    return incident, person


def last(desk: Services) -> Report:
    with desk.reading() as session:
        found = session.scalar(select(Report).order_by(Report.id.desc()))
        assert found is not None
        return found


def test_it_opens_with_the_last_values(desk: Services) -> None:
    _, person = opened(desk, suspect=BATCH)
    page = person.client.get(person.address).text

    assert value_of(page, "counts.ill") == "40"
    assert value_of(page, "suspect.batch") == "SL20261001"
    assert value_of(page, "symptoms") == "呕吐、腹泻"
    assert 'name="kind"' not in page
    assert 'name="place.division"' not in page
    assert "field-before" not in page


def test_only_what_changed_is_sent(desk: Services) -> None:
    incident, person = opened(desk)
    person.fields |= {"counts.ill": "57", "counts.severe": "2", "narrative": "仍在增加"}
    person.send()
    page = person.check()
    person.file()
    filed = last(desk)

    assert "这次要报的" in page
    assert "上次 40" in page
    assert filed.report_type == "progress"
    assert filed.incident_id == incident.id
    assert filed.content["counts"] == {"ill": 57}
    assert filed.content["narrative"] == "仍在增加"
    assert "setting" not in filed.content


def test_a_changed_field_is_marked_with_its_last_value(desk: Services) -> None:
    _, person = opened(desk)
    person.fields |= {"counts.ill": "57", "counts.deaths": "x"}
    page = person.send().text

    assert page.count("is-changed") == 2
    assert "上次 40" in page
    assert "上次 不详" in page


def test_a_count_that_falls_wants_a_reason(desk: Services) -> None:
    _, person = opened(desk)
    refused = person.send(counts__ill="30")
    taken = person.send(counts__ill="30", correction="10 人经核实与事件无关")
    person.file()

    assert refused.status_code == 422
    assert "人数比之前（40）少，请写明订正理由" in refused.text
    assert value_of(refused.text, "counts.ill") == "30"
    assert taken.status_code == 303
    with desk.reading() as session:
        [corrected] = session.scalars(select(Entry).where(Entry.type == "facts_corrected"))
    assert "40→30" in corrected.text


def test_new_numbers_are_judged_with_the_old_ones(desk: Services) -> None:
    _, person = opened(desk, counts={"ill": 40, "severe": 2})
    answer = person.send(counts__deaths="41")

    assert answer.status_code == 422
    assert '<a href="#f-counts-deaths">' in answer.text


def test_an_emptied_field_takes_nothing_back(desk: Services) -> None:
    _, person = opened(desk)
    person.send(counts__ill="", counts__severe="3")
    person.file()

    assert last(desk).content["counts"] == {"severe": 3}


def test_nothing_new_is_news_too(desk: Services) -> None:
    _, person = opened(desk)
    person.send()
    page = person.check()

    assert "截至此时无变化" in page
    assert person.file().status_code == 303


def test_the_kind_and_place_cannot_be_changed_by_hand(desk: Services) -> None:
    incident, person = opened(desk)
    person.send(kind="drug", place__division="110101", counts__ill="41")
    person.file()

    assert last(desk).content["kind"] == "food"
    assert last(desk).content["place"]["division"] == incident.division


def test_an_initial_report_is_no_follow_up(desk: Services) -> None:
    _, person = opened(desk)

    assert person.send(report_type="initial").status_code == 422


@pytest.mark.parametrize("state", ["closed", "merged", "dismissed"])
def test_an_incident_that_is_over_takes_no_more(desk: Services, state: str) -> None:
    incident = make_incident(desk, state=state)
    client = flask_client(desk, "duty_officer")

    assert client.get(f"/incidents/{incident.number}/reports/new").status_code == 409


def test_one_that_ended_while_somebody_typed_takes_no_more(desk: Services) -> None:
    incident, person = opened(desk)
    person.send(counts__ill="41")
    seen = mark(person.check())
    who = make_people(desk)
    act(desk, incident, "dismiss", who["duty_officer"], reason="误报")
    act(desk, incident, "dismiss", who["duty_leader"], reason="误报")

    assert person.file(seen).status_code == 409
    assert "1 份草稿没写完" in person.client.get("/reports/drafts").text


def test_sent_twice_it_is_one(desk: Services) -> None:
    incident, person = opened(desk)
    person.send(counts__ill="41")
    seen = mark(person.check())
    first, second = person.file(seen), person.file(seen)

    assert first.status_code == second.status_code == 303
    with desk.reading() as session:
        filed = list(session.scalars(select(Report).where(Report.incident_id == incident.id)))
    assert len(filed) == 2


def test_a_reporting_unit_follows_up_its_own_only(desk: Services) -> None:
    incident = make_incident(desk)
    make_people(desk)
    client = flask_client(desk, "reporter")

    assert client.get(f"/incidents/{incident.number}/reports/new").status_code == 404
    own = typist(desk, "reporter")
    own.send(source="hospital", unit__name="示例市第三实验小学")
    own.file()
    follow = client.get(f"/incidents/{own.number()}/reports/new")
    assert follow.status_code == 302


def test_what_was_typed_as_new_comes_along(desk: Services) -> None:
    incident = make_incident(desk)
    person = typist(desk)
    person.send(counts__ill="44")
    address = f"/incidents/{incident.number}/reports/new?from={person.key}"
    opened_page = person.client.get(address, follow_redirects=True).text

    assert value_of(opened_page, "counts.ill") == "44"
    assert "上次 40" in opened_page
