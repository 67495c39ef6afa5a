"""Many people at once, on both databases: nothing half-written, no number twice, one chain."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError, OperationalError

from incident.errors import (
    Conflict,
    IllegalStep,
    InvalidInput,
    KeyReused,
    StaleVersion,
    TocsinError,
)
from incident.inputs.base import parse
from incident.inputs.report import ReportInput
from incident.models import Entry, GradeProposal, Incident, OutgoingMessage, Report, Submission
from incident.operations import actions, audit, clocks, reporting, steps, submissions
from incident.services import Services
from incident.who import Who
from tests.support.desk import act, make_incident, make_people, raw_report, read
from tests.support.steps import brings, propose, second_officer, types

REPORTERS = 20


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Let threads begin together; return what each gave or raised."""
    ready = Barrier(count)

    def run(number: int) -> Any:
        ready.wait(timeout=30)
        try:
            return work(number)
        except (TocsinError, IntegrityError, OperationalError) as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def file_report(services: Services, who: Who, key: str | None = None) -> str:
    """File a report as the edges do: the number first, then all in one transaction."""
    number = services.take_number("food", drill=False)
    raw = raw_report()
    with services.transaction() as session:
        if key is not None:
            digest = submissions.body_digest(raw)
            answer = {"number": number}
            submissions.remember(
                session, key, digest, status=201, answer=answer, now=services.now()
            )
        _, incident = reporting.receive(
            session,
            parse(ReportInput, raw),
            number=number,
            who=who,
            now=services.now(),
            rules=services.rules,
        )
    return incident.number


def chain_verifies(services: Services) -> bool:
    with services.reading() as session:
        return audit.verify(session).is_whole


def test_whoever_saw_an_old_version_is_told_the_new_one_and_writes_nothing(
    services: Services,
) -> None:
    people = make_people(services)
    incident = make_incident(services)

    def verify(number: int) -> str:
        with services.transaction() as session:
            held = steps.hold(session, incident.number, version=incident.version)
            raw = {"conclusion": f"属实{number}"}
            context = services.context(people["duty_officer"])
            actions.perform(session, held, "verify", raw, context)
        return held.state

    outcomes = at_once(2, verify)
    [stale] = [one for one in outcomes if isinstance(one, StaleVersion)]
    assert "grading" in outcomes
    assert stale.current == read(services, incident.number).version
    assert types(services, incident).count("verify") == 1


def test_a_change_that_moves_nothing_else_moves_the_version(services: Services) -> None:
    people = make_people(services)
    incident = make_incident(services, state="grading")
    seen = incident.version
    propose(services, incident, "III", people["duty_officer"])
    proposed = read(services, incident.number).version
    facts = {"facts": {"ill": 41}, "source": "hospital"}
    act(services, incident, "update_facts", people["duty_officer"], **facts)
    assert seen < proposed < read(services, incident.number).version


def test_one_proposal_is_approved_once(services: Services) -> None:
    people = make_people(services)
    incident = make_incident(services, state="grading")
    propose(services, incident, "III", people["duty_officer"])
    raw = brings(services, incident, "approve_grade")
    outcomes = at_once(
        2, lambda _: act(services, incident, "approve_grade", people["commander"], **raw).grade
    )
    assert sorted(map(str, outcomes)) == ["III", "needs-proposal"]
    with services.reading() as session:
        assert session.scalars(select(GradeProposal.decision)).all() == ["approved"]


def test_two_incidents_never_go_into_each_other(services: Services) -> None:
    people = make_people(services)
    pair = [make_incident(services), make_incident(services)]

    def merge(number: int) -> str:
        brought = {"into": pair[1 - number].number, "reason": "同一事件"}
        return act(services, pair[number], "merge", people["duty_leader"], **brought).state

    outcomes = at_once(2, merge)
    assert outcomes.count("merged") == 1
    assert sorted(read(services, one.number).state for one in pair) == ["merged", "reported"]


def test_twenty_reports_at_once_have_twenty_numbers_and_one_chain(services: Services) -> None:
    who = make_people(services)["duty_officer"]
    numbers = at_once(REPORTERS, lambda _: file_report(services, who))
    assert all(isinstance(one, str) for one in numbers), numbers
    assert sorted(numbers) == [f"SP20261123-{one:03d}" for one in range(1, REPORTERS + 1)]
    with services.reading() as session:
        seqs = session.scalars(select(Entry.seq).order_by(Entry.seq)).all()
    assert list(seqs) == list(range(1, len(seqs) + 1))
    assert chain_verifies(services)


def test_the_same_key_at_once_from_eight_sides_files_one_report(services: Services) -> None:
    who = make_people(services)["duty_officer"]
    outcomes = at_once(8, lambda _: file_report(services, who, key="1:telephone"))
    filed = [one for one in outcomes if isinstance(one, str)]
    assert len(filed) == 1
    assert all(isinstance(one, IntegrityError) for one in outcomes if one not in filed)
    with services.reading() as session:
        known = submissions.recall(session, "1:telephone", submissions.body_digest(raw_report()))
        assert known is not None
        assert known.answer == {"number": filed[0]}
        for model in (Incident, Report):
            assert session.scalar(select(func.count()).select_from(model)) == 1
    assert chain_verifies(services)


def test_a_key_that_was_used_with_another_body_is_refused(services: Services) -> None:
    who = make_people(services)["duty_officer"]
    file_report(services, who, key="1:telephone")
    other = submissions.body_digest(raw_report(setting="banquet"))
    with services.reading() as session, pytest.raises(KeyReused):
        submissions.recall(session, "1:telephone", other)


def test_the_order_of_fields_makes_no_other_body() -> None:
    raw = raw_report()
    turned = dict(reversed(raw.items()))
    assert submissions.body_digest(raw) == submissions.body_digest(turned)


@pytest.mark.parametrize("part", ["before the messages", "after the messages", "at the end"])
def test_a_report_that_breaks_off_leaves_no_row_of_any_kind(
    services: Services, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A2, A3 of design/reliability.md: all or nothing."""
    who = make_people(services)["duty_officer"]
    with services.reading() as session:
        before = session.scalar(select(func.max(Entry.seq)))

    class Broken(Exception):
        pass

    def stop(*_: object, **__: object) -> None:
        raise Broken

    if part == "before the messages":
        monkeypatch.setattr("incident.operations.calling.rows", stop)
    elif part == "after the messages":
        monkeypatch.setattr("incident.operations.chain.append", stop)
    else:
        monkeypatch.setattr("sqlalchemy.orm.Session.commit", stop)
    with pytest.raises(Broken):
        file_report(services, who, key="1:telephone")
    monkeypatch.undo()
    with services.reading() as session:
        for model in (Incident, Report, OutgoingMessage, Submission):
            assert session.scalar(select(func.count()).select_from(model)) == 0, model
        assert session.scalar(select(func.max(Entry.seq))) == before
    assert file_report(services, who, key="1:telephone")
    assert chain_verifies(services)


def test_two_people_keep_one_clock_once(services: Services) -> None:
    people = make_people(services)
    incident = make_incident(services)
    with services.reading() as session:
        clock = clocks.running_or_done(session, incident)[-1].id

    def keep(number: int) -> bool:
        with services.transaction() as session:
            held = steps.hold(session, incident.number)
            clocks.mark(
                session,
                held,
                clock,
                at=services.now() - timedelta(minutes=number),
                note="电话报告",
                who=people["duty_officer"],
                now=services.now(),
            )
        return True

    outcomes = at_once(2, keep)
    assert sorted(map(str, outcomes)) == ["True", "clock-stopped"]


def test_opposite_decisions_at_once_leave_one_state(services: Services) -> None:
    people = make_people(services)
    officer = second_officer(services)
    incident = make_incident(services)
    act(services, incident, "dismiss", officer, reason="误报")
    brought = [
        ("dismiss", people["duty_leader"], {"reason": "误报"}),
        ("verify", people["duty_officer"], {"conclusion": "属实"}),
    ]

    def take(number: int) -> str:
        name, who, raw = brought[number]
        return act(services, incident, name, who, **raw).state

    outcomes = at_once(2, take)
    won = [one for one in outcomes if isinstance(one, str)]
    lost = [one for one in outcomes if not isinstance(one, str)]
    assert len(won) == 1
    assert isinstance(lost[0], IllegalStep | Conflict | InvalidInput)
    assert read(services, incident.number).state == won[0]


def test_two_crossing_merges_wait_in_line_and_one_is_told_that_the_other_went_first(
    services: Services,
) -> None:
    leader = make_people(services)["duty_leader"]
    pairs = [(make_incident(services), make_incident(services)) for _ in range(5)]

    def merge(pair: tuple[Incident, Incident]) -> str:
        source, into = pair
        raw = {"into": into.number, "reason": "同一事件"}
        return act(services, source, "merge", leader, **raw).state

    for first, second in pairs:
        both_ways = [(first, second), (second, first)]
        outcomes = at_once(2, lambda number, ways=both_ways: merge(ways[number]))
        lost = [one for one in outcomes if one != "merged"]
        assert len(lost) == 1
        assert isinstance(lost[0], InvalidInput | IllegalStep), lost
        states = sorted(read(services, one.number).state for one in (first, second))
        assert states == ["merged", "reported"]
    assert chain_verifies(services)
