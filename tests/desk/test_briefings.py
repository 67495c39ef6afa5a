"""A briefing says what is stored, is numbered once, and never changes after it was issued."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from incident.clock import FrozenClock
from incident.documents import ActivationOrder, Final, Progress
from incident.errors import Conflict, Forbidden, InvalidInput
from incident.models import Briefing, Entry, Incident, Rendering
from incident.operations import briefings, clocks
from incident.press import Press
from incident.services import Services
from tests.support.briefings import (
    WRITTEN,
    complete,
    document_of,
    draft,
    draft_and_issue,
    issue,
    keep_clocks,
    printed,
    revise,
    update,
)
from tests.support.desk import PASSWORD, act, make_incident, make_people
from workflows.lifecycle import Role, State

REPORTER = {"organisation": "示例市中心医院", "name": "李示例", "phone": "+8610000000012"}
COUNTED = re.compile(
    r"共报告暴露(.*?)人、发病(.*?)人、就诊(.*?)人、住院(.*?)人，其中重症(.*?)人；死亡(.*?)人"
)


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    with Press() as made:
        yield made


@pytest.fixture
def incident(services: Services) -> Incident:
    return make_incident(services, reporter=REPORTER)


def advance(services: Services, **length: float) -> None:
    assert isinstance(services.clock, FrozenClock)
    services.clock.advance(timedelta(**length))


def running(services: Services, incident: Incident, how: str) -> list[str]:
    with services.reading() as session:
        rows = clocks.running_or_done(session, session.get_one(Incident, incident.id))
        return [c.rule for c in rows if c.satisfied_at is None and how in c.satisfied_by]


def refusal(error: pytest.ExceptionInfo[InvalidInput]) -> set[str]:
    return {item.field for item in error.value.errors}


def test_the_story_from_report_to_final(services: Services, press: Press, tmp_path: Path) -> None:
    incident = make_incident(services, reporter=REPORTER)
    first = draft_and_issue(services, incident)
    assert first.number == "应急信〔2026〕1号"
    assert "发病40人" in printed(services, first, press, tmp_path).text

    advance(services, minutes=30)
    update(services, incident, ill=52, severe=1, reason="一名重症转为普通")
    second = draft_and_issue(services, incident, "progress")
    paper = printed(services, second, press, tmp_path)
    assert "续报（一）" in paper.text
    assert "发病人数4052医疗机构" in paper.text
    assert "重症人数21医疗机构（订正：一名重症转为普通）" in paper.text

    ended = make_incident(services, state=State.REVIEWING, reporter=REPORTER)
    last = draft(services, ended, "final")
    with pytest.raises(InvalidInput) as refused:
        issue(services, ended, last)
    assert refused.value.code == "briefing-incomplete"
    assert {"facts.cause", "content.responsibility", "facts.counts.deaths"} <= refusal(refused)

    complete(services, ended)
    keep_clocks(services, ended)
    revise(services, ended, last, **WRITTEN)
    issued = issue(services, ended, last)
    paper = printed(services, issued, press, tmp_path)
    assert "〔待核〕" not in paper.text
    assert "死亡0人" in paper.text
    assert "草稿" not in paper.text


def test_each_number_of_persons_is_a_stored_fact(
    services: Services, incident: Incident, press: Press, tmp_path: Path
) -> None:
    update(services, incident, exposed=310, visited=41)
    paper = printed(services, draft(services, incident), press, tmp_path)

    counted = COUNTED.search(paper.text)
    assert counted is not None
    assert counted.groups() == ("310", "40", "41", "〔待核〕", "2", "〔待核〕")


def test_what_nobody_knows_stays_unknown(services: Services) -> None:
    bare = make_incident(services, counts={"ill": 3}, unit=None, occurred_at=None)

    facts = document_of(services, draft(services, bare)).facts
    assert (facts.counts.deaths, facts.counts.severe, facts.counts.exposed) == (None, None, None)
    assert (facts.unit, facts.occurred_at, facts.incubation, facts.grade) == (None,) * 4


def test_a_draft_follows_the_facts_and_an_issued_one_does_not(
    services: Services, incident: Incident
) -> None:
    row = draft(services, incident)
    update(services, incident, ill=44)
    assert document_of(services, row).facts.counts.ill == 44

    issue(services, incident, row)
    update(services, incident, ill=60)
    assert document_of(services, row).facts.counts.ill == 44


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


def test_the_document_bears_its_place_in_the_chain(
    services: Services, incident: Incident, press: Press, tmp_path: Path
) -> None:
    row = draft_and_issue(services, incident)

    with services.reading() as session:
        entry = session.get_one(Entry, row.facts_version)
        assert (entry.incident_id, entry.hash) == (incident.id, row.head)
    text = printed(services, row, press, tmp_path).text
    assert f"事实版本{row.facts_version}" in text
    assert row.head in text


def test_numbers_never_repeat_under_eight_threads(services: Services) -> None:
    rows = [(one, draft(services, one)) for one in (make_incident(services) for _ in range(8))]

    with ThreadPoolExecutor(8) as pool:
        issued = list(pool.map(lambda pair: issue(services, *pair), rows))

    assert {row.number for row in issued} == {f"应急信〔2026〕{n}号" for n in range(1, 9)}


def test_a_drill_has_its_own_numbers_and_says_so_on_every_page(
    services: Services, press: Press, tmp_path: Path
) -> None:
    drill = make_incident(services, drill="demo")
    row = draft_and_issue(services, drill)

    assert row.number == "演练应急信〔2026〕1号"
    assert all("【演练】" in page for page in printed(services, row, press, tmp_path).pages)
    assert draft_and_issue(services, make_incident(services)).number == "应急信〔2026〕1号"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x>",
        "}</style>*{display:none}",
        "{{ 7*7 }}",
        "甲" * 4000,
    ],
)
def test_hostile_words_are_printed_as_words(
    services: Services, incident: Incident, press: Press, tmp_path: Path, text: str
) -> None:
    row = draft_and_issue(services, incident, course=text)

    assert text[:20].replace(" ", "") in printed(services, row, press, tmp_path).text


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


def test_follow_ups_count_and_each_tells_what_is_new_since_the_last(
    services: Services, incident: Incident
) -> None:
    draft_and_issue(services, incident)
    advance(services, minutes=10)
    update(services, incident, ill=50)
    one = draft_and_issue(services, incident, "progress")
    advance(services, minutes=10)
    update(services, incident, deaths=1)
    two = draft_and_issue(services, incident, "progress")

    content = document_of(services, two).content
    assert isinstance(content, Progress)
    assert (content.sequence, content.previous_number) == (2, one.number)
    assert [(c.label, c.old, c.new) for c in content.changes] == [("死亡人数", None, 1)]


def test_the_order_has_the_four_elements_of_the_law(services: Services) -> None:
    incident = make_incident(services, state=State.RESPONDING)
    row = draft_and_issue(services, incident, "activation_order")

    content = document_of(services, row).content
    assert isinstance(content, ActivationOrder)
    assert (content.matter, content.grade) == ("开展应急处置", "Ⅲ级")
    assert content.measures == ("救治患者，封存可疑食品",)
    assert content.period == "自11月23日11时00分起，预计至11月25日11时00分"
    assert row.number == "应急令〔2026〕1号"


def test_adopted_points_go_into_the_next_briefing_with_their_trace(services: Services) -> None:
    incident = make_incident(services, state=State.CONSULTING)
    draft_and_issue(services, incident)
    advance(services, hours=5)
    adopted = {"measures": ["检验同批熟制鸡肉"], "briefing": "病因待实验室确认"}
    chair = make_people(services)[Role.CHAIR]
    brought = {"conclusion": "细菌性食物中毒", "adopted": adopted, "password": PASSWORD}
    act(services, incident, "conclude", chair, **brought)
    advance(services, minutes=5)

    row = draft_and_issue(services, incident, "progress")
    assert [section.text for section in document_of(services, row).sections] == [
        "病因待实验室确认（来自11月23日专家会商）\n"
        "采纳措施：检验同批熟制鸡肉（来自11月23日专家会商）"
    ]
    advance(services, minutes=5)
    assert document_of(services, draft(services, incident, "progress")).sections == ()


def test_a_special_report_carries_the_conclusion_of_the_experts(services: Services) -> None:
    incident = make_incident(services, state=State.DISPOSING)
    row = draft_and_issue(services, incident, "special", reason="说明病因")

    told = [section.text for section in document_of(services, row).sections]
    assert told == ["会商结论：细菌性食物中毒（来自11月23日专家会商）"]


def test_a_special_report_without_a_word_is_not_issued(
    services: Services, incident: Incident
) -> None:
    row = draft(services, incident, "special")

    with pytest.raises(InvalidInput) as refused:
        issue(services, incident, row)
    assert refusal(refused) == {"content.reason"}


def test_the_final_asks_about_a_clock_that_nobody_marked(services: Services) -> None:
    incident = make_incident(services, state=State.RESPONDING)
    advance(services, hours=5)
    row = draft(services, incident, "final")

    content = document_of(services, row).content
    assert isinstance(content, Final)
    late = [step for step in content.milestones if step.at is None]
    assert "初报" in {step.label for step in late}


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
    with services.transaction() as session:
        order = briefings.rendering(session, session.get_one(Briefing, row.id))
        assert order is not None
        order.done_at, order.error = services.now(), "the press died"
    with services.transaction() as session:
        who = make_people(services)[Role.DUTY_OFFICER]
        again: Any = session.get_one(Briefing, row.id)
        briefings.print_again(session, again, services.context(who))

    assert printed(services, row, press, tmp_path).text


def _orders(services: Services, row: Briefing) -> int:
    with services.reading() as session:
        return len(list(session.scalars(select(Rendering).where(Rendering.briefing_id == row.id))))
