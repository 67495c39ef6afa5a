"""The layout of GB/T 9704—2012, measured on the printed page."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from incident.fonts import faces, fonts_report, stylesheet
from incident.press import Press
from tests.support.papers import (
    CHAIN_HEAD,
    CONTENTS,
    FACTS,
    Line,
    Paper,
    Printer,
    make_document,
    make_draft,
    make_long,
)

MILLIMETRE = 72 / 25.4
LEFT, RIGHT = 28 * MILLIMETRE, (210 - 26) * MILLIMETRE
TOP, BOTTOM = 37 * MILLIMETRE, (297 - 35) * MILLIMETRE
PITCH = 28.99
KINDS = tuple(CONTENTS)

pytestmark = pytest.mark.skipif(
    not all(found for _, found, _ in fonts_report()), reason="setup/fonts.sh has not been run"
)


@pytest.fixture(scope="module")
def printer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Printer]:
    with Press() as press:
        yield lambda document: Paper(press.print(document), tmp_path_factory.mktemp("paper"))


def test_a_full_page_has_22_lines_of_28_characters(printer: Printer) -> None:
    lines = _body(printer(make_long("案" * 1500)).lines(2))
    assert [line.text for line in lines] == ["案" * 28] * 22
    assert lines[0].left == pytest.approx(LEFT, abs=0.3)
    assert lines[0].right == pytest.approx(RIGHT, abs=0.5)
    assert lines[21].top - lines[0].top == pytest.approx(21 * PITCH, abs=0.3)
    assert lines[0].top >= TOP
    assert lines[21].bottom <= BOTTOM


def test_the_sheet_is_a4(printer: Printer) -> None:
    for page in printer(make_document()).reader.pages:
        assert page.mediabox.width == pytest.approx(210 * MILLIMETRE, abs=0.1)
        assert page.mediabox.height == pytest.approx(297 * MILLIMETRE, abs=0.1)


def test_lines_with_digits_and_brackets_still_fill_the_type_area(printer: Printer) -> None:
    text = "截至11月24日8时，示例市中心医院（定点）共收治14人，其中7人已出院；" * 12
    lines = _body(printer(make_long(text)).lines(2))
    assert len(lines) > 5
    for line in lines[:5]:
        assert line.right == pytest.approx(RIGHT, abs=1.0)


def test_the_red_head_stands_35_mm_under_the_upper_edge_of_the_type_area(printer: Printer) -> None:
    paper = printer(make_document())
    head = _find(paper.lines(1), "示例市市场监督管理局文件")
    assert head.top == pytest.approx(TOP + 35 * MILLIMETRE, abs=4)
    assert (head.left + head.right) / 2 == pytest.approx((LEFT + RIGHT) / 2, abs=2)
    assert b"1 0 0 rg" in paper.streams()


def test_an_order_has_its_head_at_20_mm_and_its_number_in_the_middle(printer: Printer) -> None:
    lines = printer(make_document("activation_order", number="第3号")).lines(1)
    head, number = _find(lines, "示例市市场监督管理局令"), _find(lines, "第3号")
    assert head.top == pytest.approx(TOP + 20 * MILLIMETRE, abs=4)
    assert (number.left + number.right) / 2 == pytest.approx((LEFT + RIGHT) / 2, abs=2)


def test_the_number_and_the_signer_stand_one_character_in(printer: Printer) -> None:
    lines = printer(make_document()).lines(1)
    assert _find(lines, "示市监应急〔2026〕17号").left == pytest.approx(LEFT + 16, abs=1.5)
    assert _find(lines, "签发人：张示例").right == pytest.approx(RIGHT - 16, abs=1.5)


def test_page_numbers_stand_7_mm_below_odd_on_the_right_and_even_on_the_left(
    printer: Printer,
) -> None:
    paper = printer(make_long("案" * 1500))
    for page in (1, 2):
        number = next(line for line in paper.lines(page) if line.text == str(page))
        middle = (number.top + number.bottom) / 2
        assert middle == pytest.approx(BOTTOM + 7 * MILLIMETRE, abs=2)
        assert (number.left > 400) == (page % 2 == 1)


def test_the_imprint_closes_the_last_page_and_the_trace_follows(printer: Printer) -> None:
    paper = printer(make_document())
    last = paper.lines(len(paper.reader.pages))
    assert _find(last, "2026年11月23日印发").bottom == pytest.approx(BOTTOM - 8, abs=2)
    for page, text in enumerate(paper.pages, 1):
        assert ("事件编号SLS-2026-0017" in text) == (page == len(paper.pages))
    assert "事实版本7" in paper.pages[-1]
    assert CHAIN_HEAD in paper.pages[-1]


@pytest.mark.parametrize("lines", range(1, 23, 4))
def test_no_page_holds_the_imprint_alone(printer: Printer, lines: int) -> None:
    """However the text falls, the signature comes with a line of it, the imprint with both."""
    paper = printer(make_long("\n".join("案" * 26 for _ in range(lines))))
    assert "示例市市场监督管理局2026年11月23日" in paper.pages[-1]
    assert "特此报告" in paper.pages[-1]
    assert "印发" in paper.pages[-1]


def test_every_number_can_be_read_back_from_the_page(printer: Printer) -> None:
    text = printer(make_document()).text
    for fact in ("暴露412人", "发病37人", "就诊35人", "住院12人", "重症0人", "死亡0人"):
        assert fact in text
    for fact in ("2026年11月23日11时50分", "26.5千克", "0.8—2.3小时", "示市监应急〔2026〕17号"):
        assert fact in text


@pytest.mark.parametrize("kind", KINDS)
def test_a_drill_is_marked_on_every_page(printer: Printer, kind: str) -> None:
    long = replace(FACTS, course="演练情景" * 300)
    paper = printer(make_document(kind, drill=True, facts=long))
    assert all("【演练】" in text for text in paper.pages)
    assert "演练" not in printer(make_document(kind)).text


def test_a_draft_bears_a_watermark_on_every_page_and_an_issued_document_none(
    printer: Printer,
) -> None:
    draft = printer(make_draft(facts=replace(FACTS, course="情况" * 400)))
    assert len(draft.pages) > 2
    assert all("草稿" in text for text in draft.pages)
    assert "草稿" not in printer(make_document()).text


def test_the_faces_are_those_of_the_standard_or_their_free_cousins(printer: Printer) -> None:
    fonts = printer(make_document()).fonts
    assert fonts == {face.family for face in faces()}


def test_a_rare_character_comes_from_noto_and_can_be_read(printer: Printer) -> None:
    paper = printer(make_document(signer="张堃喆"))
    assert "签发人：张堃喆" in paper.text
    assert "Noto-Serif-CJK-SC" in paper.fonts


def test_without_a_face_of_its_own_a_part_is_set_in_noto_and_the_report_says_so(
    tmp_path: Path,
) -> None:
    bare = faces(free_folder=tmp_path)
    assert {face.stack for face in bare} == {"Noto Serif CJK SC", "Noto Sans CJK SC"}
    assert stylesheet(bare) == ""


def test_an_offices_own_font_is_known_by_the_name_inside(tmp_path: Path) -> None:
    """FandolSong stands in for a font that is called 宋体: the name in the file decides."""
    source = next(face.file for face in faces() if face.part == "page_number")
    assert source
    _rename(source, tmp_path / "whatever.otf", "SimSun")
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    chosen = {face.part: face for face in faces(tmp_path)}
    assert chosen["page_number"].family == "SimSun"
    assert chosen["page_number"].file == tmp_path / "whatever.otf"
    assert chosen["body"].family == "FandolFang-Regular"


def test_the_file_tells_title_author_time_and_language(printer: Printer) -> None:
    paper = printer(make_document())
    found = paper.reader.metadata
    assert found
    assert found.title == "关于示例市第一实验小学疑似食物中毒事件情况的报告"
    assert found.author == "示例市市场监督管理局"
    assert found["/CreationDate"].startswith("D:20261123150200")
    assert found["/chainhead"] == CHAIN_HEAD
    assert paper.reader.root_object["/Lang"] == "zh-CN"


def test_the_same_document_gives_the_same_bytes_in_another_press(printer: Printer) -> None:
    with Press() as other:
        assert other.print(make_document()) == printer(make_document()).bytes


def test_a_two_page_document_is_a_small_file(printer: Printer) -> None:
    paper = printer(make_document("activation_order"))
    assert len(paper.pages) <= 2
    assert len(paper.bytes) < 200_000


def _body(lines: list[Line]) -> list[Line]:
    return [line for line in lines if line.top > TOP - 5 and line.bottom < BOTTOM + 5]


def _find(lines: list[Line], text: str) -> Line:
    found = [line for line in lines if line.text == text]
    assert found, [line.text for line in lines]
    return found[0]


def _rename(source: Path, target: Path, name: str) -> None:
    font = TTFont(source)
    for record in font["name"].names:
        record.string = name
    font.save(target)
