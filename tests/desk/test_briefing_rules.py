"""A briefing has its turn and its signer, is numbered once, and never changes once issued."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from incident.errors import Conflict, Forbidden, InvalidInput
from incident.models import Briefing, Entry, Incident, Rendering
from incident.operations import briefing_prints, briefings, clocks
from incident.press import Press
from incident.services import Services
from tests.support.briefings import (
    document_of,
    draft,
    draft_and_issue,
    issue,
    printed,
    revise,
    update,
)
from tests.support.desk import make_incident, make_people
from workflows.lifecycle import Role, State


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    with Press() as made:
        yield made


@pytest.fixture
def incident(services: Services) -> Incident:
    return make_incident(services)


def running(services: Services, incident: Incident, how: str) -> list[str]:
    with services.reading() as session:
        rows = clocks.running_or_done(session, session.get_one(Incident, incident.id))
        return [c.rule for c in rows if c.satisfied_at is None and how in c.satisfied_by]


def refusal(error: pytest.ExceptionInfo[InvalidInput]) -> set[str]:
    return {item.field for item in error.value.errors}


def test_what_changed_after_the_look_is_not_issued(services: Services, incident: Incident) -> None:
    row = draft(services, incident)
    seen = briefings.fingerprint(document_of(services, row))
    update(services, incident, ill=44)

    with pytest.raises(Conflict, match="briefing-changed"):
        issue(services, incident, row, seen=seen)
    issue(services, incident, row, seen=briefings.fingerprint(document_of(services, row)))


def test_an_issued_briefing_is_never_changed(services: Services, incident: Incident) -> None:
    row = draft_and_issue(services, incident)

    with pytest.raises(Conflict, match="briefing-issued"):
        revise(services, incident, row, trend="另一种说法")
    with pytest.raises(Conflict, match="briefing-issued"):
        issue(services, incident, row)


def test_issuing_stops_the_clock_and_tells_the_timeline(
    services: Services, incident: Incident
) -> None:
    row = draft(services, incident)
    assert running(services, incident, "briefing:initial")
    issue(services, incident, row)

    assert running(services, incident, "briefing:initial") == []
    with services.reading() as session:
        told = session.scalar(select(Entry).where(Entry.type == "briefing_issued"))
        assert told is not None
        assert "应急信〔2026〕1号" in told.text
        assert told.data["briefing"] == row.id


def test_numbers_never_repeat_under_eight_threads(services: Services) -> None:
    rows = [(one, draft(services, one)) for one in (make_incident(services) for _ in range(8))]

    with ThreadPoolExecutor(8) as pool:
        issued = list(pool.map(lambda pair: issue(services, *pair), rows))

    assert {row.number for row in issued} == {f"应急信〔2026〕{n}号" for n in range(1, 9)}


def test_words_of_another_kind_are_refused(services: Services, incident: Incident) -> None:
    with pytest.raises(InvalidInput) as refused:
        draft(services, incident, lessons="初报没有教训")
    assert refusal(refused) == {"lessons"}


@pytest.mark.parametrize(
    ("kind", "role", "may"),
    [
        ("initial", Role.DUTY_OFFICER, False),
        ("initial", Role.DUTY_LEADER, True),
        ("initial", Role.COMMANDER, True),
        ("initial", Role.LEADER, False),
        ("activation_order", Role.DUTY_LEADER, False),
        ("activation_order", Role.COMMANDER, True),
    ],
)
def test_who_may_issue(services: Services, kind: str, role: str, may: bool) -> None:
    incident = make_incident(services, state=State.RESPONDING)
    row, who = draft(services, incident, kind), make_people(services)[role]

    if may:
        assert issue(services, incident, row, who).number
    else:
        with pytest.raises(Forbidden):
            issue(services, incident, row, who)


@pytest.mark.parametrize("role", [Role.GROUP_MEMBER, Role.LEADER, Role.EXPERT, Role.REPORTER])
def test_who_may_not_draft(services: Services, incident: Incident, role: str) -> None:
    with pytest.raises(Forbidden):
        draft(services, incident, "initial", make_people(services)[role])


@pytest.mark.parametrize(
    ("kind", "code"),
    [("progress", "briefing-needs-initial"), ("activation_order", "briefing-needs-activation")],
)
def test_a_kind_waits_for_its_place(
    services: Services, incident: Incident, kind: str, code: str
) -> None:
    with pytest.raises(Conflict, match=code):
        draft(services, incident, kind)


def test_one_draft_of_a_kind_and_one_initial(services: Services, incident: Incident) -> None:
    row = draft(services, incident)
    with pytest.raises(Conflict, match="briefing-open") as refused:
        draft(services, incident)
    assert refused.value.values["id"] == row.id

    issue(services, incident, row)
    with pytest.raises(Conflict, match="briefing-had"):
        draft(services, incident)


def test_a_special_report_without_a_word_is_not_issued(
    services: Services, incident: Incident
) -> None:
    row = draft(services, incident, "special")

    with pytest.raises(InvalidInput) as refused:
        issue(services, incident, row)
    assert refusal(refused) == {"content.reason"}


def test_the_same_draft_is_printed_once(services: Services, incident: Incident) -> None:
    row = draft(services, incident)
    revise(services, incident, row)
    assert _orders(services, row) == 1

    revise(services, incident, row, trend="平稳")
    assert _orders(services, row) == 2


def test_what_the_press_gave_up_is_printed_again_on_demand(
    services: Services, incident: Incident, press: Press, tmp_path: Path
) -> None:
    row = draft_and_issue(services, incident)
    who = make_people(services)[Role.DUTY_OFFICER]
    with services.transaction() as session:
        order = briefing_prints.rendering(session, session.get_one(Briefing, row.id))
        assert order is not None
        order.done_at, order.error = services.now(), "the press died"
    with services.transaction() as session:
        again: Any = session.get_one(Briefing, row.id)
        briefing_prints.print_again(session, again, services.context(who))

    assert printed(services, row, press, tmp_path).text


def _orders(services: Services, row: Briefing) -> int:
    with services.reading() as session:
        return len(list(session.scalars(select(Rendering).where(Rendering.briefing_id == row.id))))
