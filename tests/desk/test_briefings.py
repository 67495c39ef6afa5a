"""A briefing says what is stored, no more and no less."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from incident.clock import FrozenClock
from incident.documents import ActivationOrder, Final, Progress
from incident.errors import InvalidInput
from incident.models import Entry, Incident
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


def test_the_final_asks_about_a_clock_that_nobody_marked(services: Services) -> None:
    incident = make_incident(services, state=State.RESPONDING)
    advance(services, hours=5)
    row = draft(services, incident, "final")

    content = document_of(services, row).content
    assert isinstance(content, Final)
    late = [step for step in content.milestones if step.at is None]
    assert "初报" in {step.label for step in late}
