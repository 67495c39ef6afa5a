"""The duty log: what happened, to the minute, and typed entries that are never changed."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from incident.errors import Conflict, Forbidden, InvalidInput
from incident.inputs import watchkeeping
from incident.inputs.watchkeeping import CloseInput, DayInput
from incident.log_sheets import sheet
from incident.models import Entry, LogEntry
from incident.operations import duty_log as operations
from incident.queries import duty_log
from incident.services import Services
from incident.who import Who
from tests.support.desk import NOW, act, make_incident, make_people
from tests.support.roster import make_officers, make_post, make_rotation
from tests.support.watch import begin, sign, take
from workflows.lifecycle import Role

TODAY = date(2026, 11, 23)


def raw(**changes: Any) -> dict[str, Any]:
    return {
        "at": "2026-11-23T10:12:00+08:00",
        "channel": "phone",
        "category": "inquiry",
        "caller": "示例来电人",
        "phone": "0571-0000",
        "summary": "询问投诉渠道",
        **changes,
    }


def add(services: Services, who: Who, **changes: Any) -> LogEntry:
    new = watchkeeping.log(raw(**changes), services.now())
    with services.transaction() as session:
        return operations.add(session, new, services.context(who))


def of_day(services: Services, wanted: date = TODAY, **narrowed: Any) -> duty_log.Day:
    with services.reading() as session:
        return duty_log.day(session, wanted, services.rules, **narrowed)


@pytest.fixture
def officer(services: Services) -> Who:
    return make_people(services)[Role.DUTY_OFFICER]


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"at": "2026-11-23T11:01:00+08:00"}, "at", "in-future"),
        ({"at": "2026-11-15T11:00:00+08:00"}, "at", "log-too-old"),
        ({"at": "2026-11-23T10:12:00"}, "at", "no-zone"),
        ({"summary": ""}, "summary", "required"),
        ({"channel": "pigeon"}, "channel", "not-one-of"),
        ({"category": "gossip"}, "category", "not-one-of"),
        ({"phone": "call me"}, "phone", "bad-phone"),
        ({"reported_at": "2026-11-23T10:20:00+08:00"}, "reported_to", "required"),
        (
            {"reported_to": "带班领导", "reported_at": "2026-11-23T10:00:00+08:00"},
            "reported_at",
            "before",
        ),
        ({"callback_due_at": "2026-11-23T10:00:00+08:00"}, "callback_due_at", "before"),
        ({"summary": "x" * 1001}, "summary", "too-long"),
    ],
)
def test_an_impossible_entry_is_refused_by_field(
    changes: dict[str, str], field: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        watchkeeping.log(raw(**changes), NOW)

    assert [(one.field, one.code) for one in refused.value.errors] == [(field, code)]


def test_an_entry_is_bound_to_the_chain_by_its_digest_without_who_called(
    services: Services, officer: Who
) -> None:
    row = add(services, officer)

    with services.reading() as session:
        entry = session.scalars(select(Entry).where(Entry.type == "duty_logged")).one()
        stored = session.get_one(LogEntry, row.id)
    assert entry.at == row.at
    assert entry.data == {"log": row.id, "digest": operations.digest(stored)}
    assert "示例来电人" not in entry.text


def test_a_correction_takes_the_place_and_the_old_one_stays(
    services: Services, officer: Who
) -> None:
    row = add(services, officer)
    new = watchkeeping.log(raw(summary="询问退货", at="2026-11-23T10:30:00+08:00"), services.now())
    with services.transaction() as session:
        root = operations.find(session, row.id)
        operations.correct(session, root, new, services.context(officer))

    (line,) = of_day(services).lines
    assert line.text == "询问退货"
    assert line.at == datetime.fromisoformat("2026-11-23T10:30+08:00")
    assert line.thread is not None
    assert line.thread.root.summary == "询问投诉渠道"
    with services.reading() as session:
        assert len(session.scalars(select(LogEntry)).all()) == 2


def test_a_promised_call_is_owed_until_it_is_made_once(services: Services, officer: Who) -> None:
    row = add(services, officer, callback_due_at="2026-11-23T12:00:00+08:00")
    bring = CloseInput(at=services.now(), summary="已答复")

    def close() -> None:
        with services.transaction() as session:
            root = operations.find(session, row.id)
            operations.close(session, root, bring, services.context(officer))

    with services.reading() as session:
        assert [one.root.id for one in operations.owed(session)] == [row.id]
    close()

    with services.reading() as session:
        assert operations.owed(session) == []
    with pytest.raises(Conflict, match="no-call-owed"):
        close()


def test_a_correction_may_take_a_promise_back(services: Services, officer: Who) -> None:
    row = add(services, officer, callback_due_at="2026-11-23T12:00:00+08:00")
    with services.transaction() as session:
        root = operations.find(session, row.id)
        new = watchkeeping.log(raw(), services.now())
        operations.correct(session, root, new, services.context(officer))

    with services.reading() as session:
        assert operations.owed(session) == []


def test_an_entry_becomes_one_report_only(services: Services, officer: Who) -> None:
    row = add(services, officer, category="urgent")

    def report() -> None:
        with services.transaction() as session:
            root = operations.find(session, row.id)
            operations.make_report(session, root, "k" * 24, services.context(officer))

    report()
    with pytest.raises(Conflict, match="report-begun"):
        report()


def test_only_who_keeps_the_watch_writes(services: Services) -> None:
    expert = make_people(services)[Role.EXPERT]

    with pytest.raises(Forbidden, match="wrong-role"):
        add(services, expert)


def test_a_day_runs_from_one_change_of_the_watch_to_the_next(
    services: Services, officer: Who
) -> None:
    before = add(services, officer, at="2026-11-23T08:29:00+08:00")
    after = add(services, officer, at="2026-11-23T08:30:00+08:00")

    def roots(wanted: date) -> list[int]:
        return [line.thread.root.id for line in of_day(services, wanted).lines if line.thread]

    assert roots(TODAY - timedelta(days=1)) == [before.id]
    assert roots(TODAY) == [after.id]
    with services.reading() as session:
        early = datetime.fromisoformat("2026-11-23T08:29+08:00")
        assert duty_log.today(session, early, services.rules) == date(2026, 11, 22)


def test_a_day_is_composed_of_what_happened(services: Services, officer: Who) -> None:
    incident = make_incident(services)
    act(services, incident, "verify", officer, conclusion="属实")
    make_incident(services, drill="YL-20261123-01")
    add(services, officer)
    found = of_day(services)

    assert [line.at for line in found.lines] == sorted(line.at for line in found.lines)
    assert found.counts["typed"] == 1
    assert found.counts["report"] == 2
    assert found.counts["call"] >= 1
    assert {line.incident for line in found.lines if line.type == "verify"} == {incident.number}
    assert {line.group for line in of_day(services, only="action").lines} == {"action"}
    assert not any(line.drill for line in of_day(services, drills=False).lines)
    assert len(of_day(services, category="inquiry").lines) == 1
    assert of_day(services, category="urgent").lines == ()


def test_the_head_of_a_day_names_who_was_there(services: Services) -> None:
    people = make_people(services)
    a, b = make_officers(services, 2)
    make_rotation(services, make_post(services), [(a, b)])
    led = make_post(services, "lead", name="带班领导", role=Role.DUTY_LEADER)
    make_rotation(services, led, [(people[Role.DUTY_LEADER], None)])
    with services.transaction() as session:
        context = services.context(people[Role.DUTY_OFFICER])
        operations.note_day(session, TODAY, DayInput(weather="多云"), context)
        operations.note_day(session, TODAY, DayInput(weather="小雨", events="运动会"), context)

    found = of_day(services)

    assert [(one.post, one.tier, one.name) for one in found.officers] == [
        ("带班领导", "main", "带班领导"),
        ("值班员", "main", "officer-a"),
        ("值班员", "stand_in", "officer-b"),
    ]
    assert (found.weather, found.events) == ("小雨", "运动会")


def test_a_handover_stands_at_the_head_of_both_days(services: Services) -> None:
    make_people(services)
    officers = make_officers(services)
    make_rotation(services, make_post(services), [(one, None) for one in officers])
    number = begin(services, officers[1])
    sign(services, number, officers[1])
    take(services, number, officers[2])

    for wanted in (TODAY - timedelta(days=1), TODAY):
        assert [one.id for one in of_day(services, wanted).handovers] == [number]
    assert of_day(services).counts["watch"] == 3


@pytest.mark.parametrize("personal", [True, False])
def test_a_spreadsheet_withholds_who_called_from_who_may_not_know(
    services: Services, officer: Who, *, personal: bool
) -> None:
    add(services, officer, organisation="示例单位")
    found = sheet(of_day(services), "示例局", "zh", zone=services.rules.zone, personal=personal)

    (row,) = found.rows
    assert ("示例来电人" in row[4]) is personal
    assert ("0571-0000" in row[5]) is personal
    assert row[0] == "10:12"
    assert len(row) == len(found.heads) == len(found.widths)
