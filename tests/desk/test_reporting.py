"""Taking a report: what it opens, what stays unknown, and text that is never interpreted."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from incident.errors import InvalidInput
from incident.inputs.base import parse
from incident.inputs.report import ReportInput
from incident.models import Entry, Incident, IncidentClock, Observation, OutgoingMessage, Report
from incident.operations import audit, facts, grading, reporting, steps
from incident.services import Services
from incident.who import Who
from notifications.text import segments
from tests.support.desk import NOW, act, make_incident, make_people, raw_report, read
from tests.support.steps import entries, trace

HOSTILE = [
    pytest.param("{0}{ill}{__class__}{place.__init__}", id="placeholders"),
    pytest.param("{{ 7*7 }}{% raw %}", id="template"),
    pytest.param("<script>alert(1)</script>", id="markup"),
    pytest.param("%s %(ill)d \\u0000 ${HOME}", id="other placeholders"),
    pytest.param("التسمم الغذائي في المدرسة", id="right to left"),
    pytest.param("🥟🤢👩‍⚕️", id="emoji"),
    pytest.param("𠮷𪚥龘", id="rare characters"),
    pytest.param("'; DROP TABLE incidents; --", id="quotes"),
]


def add(services: Services, incident: Incident, who: Who, **changes: Any) -> Report:
    with services.transaction() as session:
        held = steps.hold(session, incident.number)
        report = parse(ReportInput, raw_report(**changes))
        return reporting.add(
            session, held, report, who=who, now=services.now(), rules=services.rules
        )


def known(services: Services, incident: Incident) -> dict[str, Any]:
    with services.reading() as session:
        return facts.current(session, incident.id)


def bodies(services: Services) -> list[OutgoingMessage]:
    with services.reading() as session:
        return list(session.scalars(select(OutgoingMessage).order_by(OutgoingMessage.id)))


def test_a_report_opens_an_incident_with_facts_clocks_alerts_and_an_entry(
    services: Services,
) -> None:
    incident = make_incident(services)
    assert (incident.state, incident.grade, incident.plan) == ("reported", None, "food-CN@2011")
    assert known(services, incident)["ill"] == 40
    assert [one.type for one in entries(services, incident)] == ["reported"]
    assert len(bodies(services)) > 0
    with services.reading() as session:
        clocks = session.scalars(select(IncidentClock)).all()
        assert audit.verify(session).is_whole
    rules = [clock.rule for clock in clocks]
    assert {"FC-INITIAL", "FC-R17", "FC-DUTY10"} <= set(rules)
    assert len(rules) == len(set(rules))
    owed = [clock.due_at for clock in clocks if clock.due_at and not clock.advisory]
    assert incident.next_due_at == min(owed)


def test_what_was_not_said_is_unknown_all_the_way_down(sqlite_services: Services) -> None:
    incident = make_incident(sqlite_services, counts={})
    stored = known(sqlite_services, incident)
    assert not {"ill", "deaths", "severe", "exposed"} & set(stored)
    verdict = grading.verdict(incident, stored, sqlite_services.rules)
    assert verdict.grade is None
    assert {"ill", "deaths"} <= set(verdict.unknown)
    [entry] = entries(sqlite_services, incident)
    assert entry.text.endswith("发病不详、重症不详、死亡不详。")
    body = bodies(sqlite_services)[0].body
    assert "0例" not in body
    assert "0人" not in body


def test_nobody_is_told_apart_from_unknown(sqlite_services: Services) -> None:
    incident = make_incident(sqlite_services, counts={"ill": 0, "deaths": 0})
    assert known(sqlite_services, incident)["deaths"] == 0
    assert "发病0" in entries(sqlite_services, incident)[0].text


def test_a_report_entered_late_counts_from_the_call_and_says_when_it_was_entered(
    sqlite_services: Services,
) -> None:
    called = NOW - timedelta(hours=1)
    incident = make_incident(sqlite_services, received_at=called.isoformat())
    [entry] = entries(sqlite_services, incident)
    assert (entry.at, entry.entered_at) == (called, NOW)
    with sqlite_services.reading() as session:
        [clock] = session.scalars(select(IncidentClock).where(IncidentClock.rule == "FC-INITIAL"))
        seen = session.scalars(select(Observation)).all()
    assert (clock.starts_at, clock.due_at) == (called, called + timedelta(hours=2))
    assert {(one.as_of, one.entered_at) for one in seen} == {(called, NOW)}


def test_the_edition_in_force_when_it_happened_is_kept(sqlite_services: Services) -> None:
    old = make_incident(sqlite_services, kind="drug", occurred_at="2010-05-01T00:00:00Z")
    new = make_incident(sqlite_services, kind="drug", occurred_at="2026-05-01T00:00:00Z")
    local = make_incident(sqlite_services, place={"division": "510104"})
    called = make_incident(
        sqlite_services, kind="drug", occurred_at=None, received_at="2010-05-01T00:00:00Z"
    )
    plans = [one.plan for one in (old, new, local, called)]
    assert plans == ["drug-CN@2005", "drug-CN@2011", "food-51@2017", "drug-CN@2005"]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_user_wrote_is_stored_and_shown_as_it_is(
    shared_services: Services, text: str
) -> None:
    services = shared_services
    people = make_people(services)
    incident = make_incident(
        services,
        unit={"name": text},
        narrative=text,
        measures=text,
        suspect={"product": text, "batch": text[:60]},
        symptoms=[text],
    )
    act(services, incident, "note", people["duty_officer"], text=text)
    act(services, incident, "verify", people["duty_officer"], conclusion=text, differences=text)
    note, verified = entries(services, incident)[-2:]
    assert note.text == text
    assert verified.text == f"核实：{text}；与首报不同：{text}"
    assert text in incident.title
    assert known(services, incident)["suspect_product"] == text


def test_the_longest_text_is_kept_whole(services: Services) -> None:
    people = make_people(services)
    text = "长" * 3999 + "𠮷"
    incident = make_incident(services, narrative=text, measures=text)
    act(services, incident, "note", people["duty_officer"], text=text)
    assert entries(services, incident)[-1].text == text
    assert known(services, incident)["measures"] == text
    with services.reading() as session:
        assert audit.verify(session).is_whole


def test_no_person_and_no_unit_stands_in_entries_or_messages(sqlite_services: Services) -> None:
    reporter = {"name": "示例报告人", "phone": "+8610000000077", "organisation": "示例单位"}
    suspect = {"product": "示例凉皮", "producer": "示例食品厂", "batch": "B-77"}
    incident = make_incident(sqlite_services, reporter=reporter, suspect=suspect)
    add(
        sqlite_services,
        incident,
        make_people(sqlite_services)["duty_officer"],
        reporter=reporter,
        counts={"ill": 41},
    )
    told = [f"{one.text} {one.data}" for one in entries(sqlite_services, incident)]
    sent = [one.body for one in bodies(sqlite_services)]
    for secret in ("示例报告人", "0000077"):
        assert not [text for text in told + sent if secret in text]
    for secret in ("示例凉皮", "示例食品厂", "B-77", "示例市第一实验小学", "示例路"):
        assert not [text for text in sent if secret in text]


def test_a_follow_up_says_what_changed_and_keeps_the_first_report(services: Services) -> None:
    people = make_people(services)
    incident = make_incident(services)
    add(services, incident, people["reporter"], counts={"ill": 55}, report_type="progress")
    follow_up, change = entries(services, incident)[-2:]
    assert (follow_up.type, follow_up.data["type"]) == ("follow_up", "progress")
    assert change.data["changes"]["ill"] == [40, 55]
    assert "severe" not in change.data["changes"]
    with services.reading() as session:
        filed = session.scalars(select(Report).order_by(Report.id)).all()
    assert [one.content["counts"].get("ill") for one in filed] == [40, 55]
    assert known(services, incident)["severe"] == 2


def test_a_falling_count_needs_a_correction_and_with_one_is_told_as_such(
    sqlite_services: Services,
) -> None:
    people = make_people(sqlite_services)
    incident = make_incident(sqlite_services)
    before = trace(sqlite_services)
    with pytest.raises(InvalidInput) as refused:
        add(sqlite_services, incident, people["reporter"], counts={"ill": 38, "severe": 1})
    assert [(e.field, e.code, e.values) for e in refused.value.errors] == [
        ("counts.ill", "falls", {"before": 40}),
        ("counts.severe", "falls", {"before": 2}),
    ]
    assert trace(sqlite_services) == before
    add(sqlite_services, incident, people["reporter"], counts={"ill": 38}, correction="重复登记")
    entry = entries(sqlite_services, incident)[-1]
    assert entry.type == "facts_corrected"
    assert "重复登记" in entry.text
    with sqlite_services.reading() as session:
        series = facts.series(session, incident.id, "ill")
    assert [(one.value, one.reason) for one in series] == [(40, None), (38, "重复登记")]


@pytest.mark.parametrize(
    ("counts", "field"),
    [
        pytest.param({"hospitalised": 41}, "counts.hospitalised", id="more in hospital than ill"),
        pytest.param({"exposed": 39}, "counts.ill", id="fewer exposed than ill"),
    ],
)
def test_a_follow_up_that_cannot_be_true_beside_the_first_is_refused(
    shared_services: Services, counts: dict[str, int], field: str
) -> None:
    incident = make_incident(shared_services)
    with pytest.raises(InvalidInput) as refused:
        add(shared_services, incident, make_people(shared_services)["reporter"], counts=counts)
    assert [(e.field, e.code) for e in refused.value.errors] == [(field, "above")]


def test_the_messages_of_a_report_fit_and_cost_what_they_say(sqlite_services: Services) -> None:
    make_incident(sqlite_services)
    for message in bodies(sqlite_services):
        assert segments(message.body).count == message.segments <= 6
        assert message.body.startswith("【")


def test_entries_are_in_the_zone_of_the_world(sqlite_services: Services) -> None:
    incident = make_incident(sqlite_services, received_at="2026-11-23T10:30:00+08:00")
    assert read(sqlite_services, incident.number).received_at == datetime(
        2026, 11, 23, 2, 30, tzinfo=UTC
    )
    with sqlite_services.reading() as session:
        of_incident = select(Entry).where(Entry.incident_id == incident.id).order_by(Entry.seq)
        entry = session.scalars(of_incident).first()
    assert entry is not None
    assert entry.at == datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
