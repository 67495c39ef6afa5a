"""What an official document says, and what it admits not to know."""

from dataclasses import fields, replace
from typing import Any

import pytest

from incident.composing import compose
from incident.documents import (
    Change,
    Counts,
    Facts,
    Progress,
    Section,
    Status,
    Table,
    from_json,
    to_json,
)
from incident.gaps import missing
from tests.support.papers import CONTENTS, COUNTS, FACTS, make_document, make_draft

MARK = "〔待核〕"
KINDS = tuple(CONTENTS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_with_every_fact_misses_none(kind: str) -> None:
    document = make_document(kind)
    assert missing(document) == ()
    assert MARK not in compose(document)


@pytest.mark.parametrize("kind", ["initial", "progress", "final"])
@pytest.mark.parametrize("name", [field.name for field in fields(Facts)])
def test_a_missing_fact_is_named_and_marked_or_is_neither(kind: str, name: str) -> None:
    """The list that blocks a final briefing and the marks on paper are the same list."""
    if name in {"name", "kind", "counts"}:
        return
    nothing: Any = () if name in {"measures", "next_steps"} else None
    document = make_document(kind, facts=replace(FACTS, **{name: nothing}))
    assert (f"facts.{name}" in missing(document)) == (MARK in compose(document))


@pytest.mark.parametrize("kind", ["initial", "progress", "final"])
@pytest.mark.parametrize("name", [field.name for field in fields(Counts)])
def test_a_missing_count_is_named_and_marked_or_is_neither(kind: str, name: str) -> None:
    document = make_document(kind, facts=replace(FACTS, counts=replace(COUNTS, **{name: None})))
    assert (f"facts.counts.{name}" in missing(document)) == (MARK in compose(document))


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_part_of_the_content_is_named_and_marked_or_is_neither(kind: str) -> None:
    for field in fields(CONTENTS[kind]):
        if field.name in {"kind", "sequence"}:
            continue
        nothing: Any = () if isinstance(getattr(CONTENTS[kind], field.name), tuple) else None
        document = make_document(kind, content=replace(CONTENTS[kind], **{field.name: nothing}))
        assert (f"content.{field.name}" in missing(document)) == (MARK in compose(document))


def test_an_activation_order_lacks_none_of_the_four_elements_of_article_72() -> None:
    content = replace(
        CONTENTS["activation_order"], matter=None, grade=None, period=None, measures=()
    )
    assert missing(make_document("activation_order", content=content)) == (
        "content.matter",
        "content.grade",
        "content.period",
        "content.measures",
    )


def test_zero_is_a_number_and_not_a_gap() -> None:
    assert "死亡0人" in compose(make_document())


def test_a_blank_text_is_a_missing_fact() -> None:
    document = make_document(facts=replace(FACTS, symptoms=" \x00\u202e "))
    assert missing(document) == ("facts.symptoms",)
    assert MARK in compose(document)


def test_an_open_cell_and_an_empty_section_are_missing() -> None:
    table = Table(columns=("项目", "结果"), rows=(("样品", None),))
    sections = (Section(heading="检测", table=table), Section(heading="分析"))
    document = make_document("special", sections=sections)
    assert missing(document) == ("sections.0.table", "sections.1.text")
    assert compose(document).count(MARK) == 2


def test_a_follow_up_says_first_what_changed_from_what_to_what() -> None:
    html = compose(make_document("progress"))
    changed = html.index("新增与修正情况")
    assert changed < html.index("目前情况")
    assert "<td>发病人数</td><td>29</td><td>37</td><td>示例市中心医院登记</td>" in html


def test_a_fact_that_is_new_was_not_reported_before_and_one_that_is_lost_is_marked() -> None:
    changes = (Change(label="死因", old=None, new="待定"), Change(label="批号", old="A1", new=None))
    document = make_document("progress", content=Progress(sequence=1, changes=changes))
    assert "<td>死因</td><td>未报</td><td>待定</td>" in compose(document)
    assert missing(document) == ("content.changes.1",)


@pytest.mark.parametrize(
    ("sequence", "words"),
    [
        (1, "（一）"),
        (2, "（二）"),
        (10, "（十）"),
        (11, "（十一）"),
        (20, "（二十）"),
        (34, "（三十四）"),
    ],
)
def test_follow_ups_are_numbered_in_chinese(sequence: int, words: str) -> None:
    content = Progress(sequence=sequence)
    assert f"续报{words}" in compose(make_document("progress", content=content))


def test_a_step_after_its_term_is_called_late() -> None:
    assert "（逾期）" in compose(make_document("final"))


def test_moments_are_told_on_the_sites_clock() -> None:
    assert "2026年11月23日11时50分" in compose(make_document())
    assert "2026年11月23日12时50分" in compose(make_document(time_zone="Asia/Tokyo"))


def test_a_sentence_ends_once_however_it_was_written() -> None:
    for course in ("学生就餐后发病", "学生就餐后发病。"):
        html = compose(make_document(facts=replace(FACTS, course=course)))
        assert "学生就餐后发病。</p>" in html


def test_each_line_of_peoples_own_words_is_a_paragraph() -> None:
    html = compose(make_document(facts=replace(FACTS, course="第一段\n\n第二段")))
    assert "第一段。</p>" in html
    assert "<p>第二段。</p>" in html


def test_an_issued_document_without_number_or_time_cannot_be_made() -> None:
    for name in ("number", "issued_at"):
        with pytest.raises(ValueError, match="number and the time of issue"):
            make_document(**{name: None})


def test_a_draft_says_that_it_is_one() -> None:
    html = compose(make_draft())
    assert "草稿" in html
    assert "未编号" in html
    assert make_draft().status is Status.DRAFT


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_written_down_reads_back_the_same(kind: str) -> None:
    document = make_document(kind)
    assert from_json(to_json(document)) == document


@pytest.mark.parametrize("text", [b"", b"{}", b'{"content": {"kind": "letter"}}', b"\xff"])
def test_anything_else_read_back_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_json(text)
