"""The timeline: sealed in order at the commit, gone with a rollback, bound by its hash."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError, NoResultFound

from incident.errors import InvalidInput
from incident.models import ChainHead, Entry
from incident.operations import audit, chain, steps, timeline
from incident.services import Services
from tests.support.desk import NOW, act, make_incident, make_people
from tests.support.steps import entries, trace, undone


def fields(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in chain.HASHED}


def test_entries_are_bound_in_the_order_in_which_they_were_written(services: Services) -> None:
    incident = make_incident(services)
    officer = make_people(services)["duty_officer"]
    with services.transaction() as session:
        held = steps.hold(session, incident.number)
        for text in ("一", "二", "三"):
            timeline.write(
                session, held, "note", who=officer, now=services.now(), words_for={"text": text}
            )
    found = entries(services, incident)[-3:]
    assert [one.text for one in found] == ["一", "二", "三"]
    assert [one.seq - found[0].seq for one in found] == [0, 1, 2]
    assert [one.previous for one in found[1:]] == [one.hash for one in found[:-1]]
    with services.reading() as session:
        head = session.get(ChainHead, 1)
        assert head is not None
        assert (head.seq, head.hash) == (found[-1].seq, found[-1].hash)
        assert audit.verify(session).is_whole


def test_a_change_that_is_taken_back_leaves_no_entry_also_in_the_next(services: Services) -> None:
    incident = make_incident(services)
    officer = make_people(services)["duty_officer"]
    before = trace(services)
    with undone(services) as session:
        held = steps.hold(session, incident.number)
        timeline.write(
            session, held, "note", who=officer, now=services.now(), words_for={"text": "一"}
        )
    assert trace(services) == before
    act(services, incident, "note", officer, text="二")
    assert entries(services, incident)[-1].seq == before[0] + 1


def test_without_a_head_nothing_is_done_and_no_connection_is_spoilt(services: Services) -> None:
    incident = make_incident(services)
    officer = make_people(services)["duty_officer"]
    before = trace(services)
    with services.engine.begin() as connection:
        head = connection.execute(select(ChainHead.__table__)).mappings().one()
        connection.execute(delete(ChainHead))
    for _ in range(3):
        with pytest.raises((IntegrityError, NoResultFound)):
            act(services, incident, "note", officer, text="一")
    with services.engine.begin() as connection:
        connection.execute(insert(ChainHead), dict(head))
    assert trace(services) == before
    for _ in range(3):
        act(services, incident, "note", officer, text="二")
    assert entries(services, incident)[-1].seq == before[0] + 3


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("seq", 10**6),
        ("incident", "SP20261123-999"),
        ("drill", "YL-1"),
        ("type", "verify"),
        ("at", NOW + timedelta(microseconds=1)),
        ("entered_at", NOW + timedelta(microseconds=1)),
        ("actor_id", 99),
        ("actor", "另一人"),
        ("text", "另一句"),
        ("data", {"a": 1}),
        ("corrects", 1),
        ("previous", "f" * 64),
    ],
)
def test_the_hash_changes_with_every_field(
    shared_services: Services, field: str, other: object
) -> None:
    incident = make_incident(shared_services)
    entry = fields(entries(shared_services, incident)[0])
    assert chain.digest({**entry, field: other}) != chain.digest(entry)


def test_every_field_that_is_shown_is_hashed() -> None:
    columns = {column.name for column in Entry.__table__.columns}
    assert columns - set(chain.HASHED) == {"hash", "incident_id"}


def test_a_correction_strikes_an_entry_that_stays_readable(services: Services) -> None:
    incident = make_incident(services)
    officer = make_people(services)["duty_officer"]
    act(services, incident, "note", officer, text="38人")
    struck = entries(services, incident)[-1]
    act(services, incident, "note", officer, text="应为83人", corrects=struck.seq)
    correction = entries(services, incident)[-1]
    assert (correction.type, correction.corrects, correction.at) == (
        "correction",
        struck.seq,
        struck.at,
    )
    assert entries(services, incident)[-2].text == "38人"
    assert correction.text == f"更正第{struck.seq}条：应为83人"


def test_an_entry_of_another_incident_or_of_none_is_not_corrected(
    sqlite_services: Services,
) -> None:
    incident, other = make_incident(sqlite_services), make_incident(sqlite_services)
    officer = make_people(sqlite_services)["duty_officer"]
    with sqlite_services.reading() as session:
        of_desk = session.scalars(select(Entry.seq).where(Entry.incident_id.is_(None))).first()
    for seq in (entries(sqlite_services, other)[0].seq, of_desk, 2**31 - 1):
        with pytest.raises(InvalidInput) as refused:
            act(sqlite_services, incident, "note", officer, text="更正", corrects=seq)
        assert [(e.field, e.code) for e in refused.value.errors] == [("corrects", "no-such-entry")]
