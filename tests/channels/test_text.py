"""What a message says, what it never says, and what may not be sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.text import (
    Alert,
    Purpose,
    Unsendable,
    bears_drill_mark,
    check,
    compose,
    core,
    marked,
    segments,
)

ORGANISATION = "示例市市场监督管理局"
PLAIN = {
    Purpose.TEST,
    Purpose.STOPPED,
    Purpose.INSTRUCTED,
    Purpose.CHASED,
    Purpose.HANDOVER_LEFT,
    Purpose.HANDOVER_LATE,
    Purpose.ROSTER,
}
ALERTS = [purpose for purpose in Purpose if purpose not in PLAIN]


def make_alert(**changes) -> Alert:
    usual = {"number": "20261123-001", "kind": "food", "grade": "II", "place": "示例市示例区"}
    return Alert(**{**usual, "ill": 134, "deaths": 2, **changes})


def text_of(purpose=Purpose.ACTIVATED, *, drill=False, **changes) -> str:
    return compose(purpose, organisation=ORGANISATION, drill=drill, alert=make_alert(**changes))


@pytest.mark.parametrize("purpose", ALERTS)
def test_an_alert_says_who_what_where_how_many_and_which(purpose):
    text = text_of(purpose)
    assert text.startswith(f"【{ORGANISATION}】")
    for part in ("Ⅱ级重大", "食品事件", "示例市示例区", "134人", "死亡2人", "20261123-001"):
        assert part in text


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_drill_says_so_before_everything(purpose):
    text = compose(purpose, organisation=ORGANISATION, drill=True, alert=make_alert())
    assert text.startswith(f"【演练】【{ORGANISATION}】")
    assert bears_drill_mark(text)
    real = compose(purpose, organisation=ORGANISATION, drill=False, alert=make_alert())
    assert "演练" not in real
    assert not bears_drill_mark(real)


@pytest.mark.parametrize(
    "purpose",
    [p for p in ALERTS if p not in {Purpose.OVERDUE, Purpose.CONSULTATION}] + sorted(PLAIN),
)
def test_a_usual_alert_takes_one_segment_even_in_a_drill(purpose):
    assert segments(text_of(purpose, drill=True)).count == 1


@pytest.mark.parametrize("purpose", [Purpose.OVERDUE, Purpose.CONSULTATION])
def test_a_real_reminder_takes_one_segment(purpose):
    text = text_of(purpose, deaths=None, clock="初报", at="请于15:30前")
    assert segments(text).count == 1


@pytest.mark.parametrize("purpose", ALERTS)
def test_an_unknown_count_is_said_to_be_open_and_never_none(purpose):
    text = text_of(purpose, ill=None, deaths=None, number="A")
    assert "人数待核" in text
    assert "0人" not in text


@pytest.mark.parametrize(
    ("ill", "deaths", "said"),
    [
        (34, None, "发病34人，"),
        (34, 0, "发病34人，"),
        (34, 1, "发病34人、死亡1人，"),
        (None, 1, "人数待核、死亡1人，"),
        (0, None, "发病0人，"),
        (None, 0, "人数待核，"),
    ],
)
def test_the_count_says_what_is_known(ill, deaths, said):
    assert said in text_of(Purpose.REPORTED, ill=ill, deaths=deaths)


def test_what_is_unknown_is_named_as_open():
    text = text_of(Purpose.REPORTED, grade=None, place=None)
    assert "级别待核" in text
    assert "地点待核" in text


def test_a_long_text_says_how_many_segments_it_costs():
    text = text_of(
        Purpose.OVERDUE, clock="向上一级食品安全监管部门书面报告事件初步情况", drill=True
    )
    assert text.endswith(f"（共{segments(text).count}条）")
    assert segments(text).count == 2


@given(st.integers(min_value=1, max_value=200))
def test_the_cost_counts_what_says_it(length):
    text = compose(
        Purpose.OVERDUE,
        organisation="示例",
        drill=False,
        alert=make_alert(clock="时" * length),
    )
    count = segments(text).count
    assert ("（共" in text) == (count > 1)
    assert count == 1 or text.endswith(f"（共{count}条）")


@pytest.mark.parametrize(
    "place",
    [
        "{number}",
        "{{7*7}}",
        "{% for x in y %}",
        "%(number)s",
        "${number}",
        "{0.__class__}",
        "\\1\\g<0>",
        "{",
    ],
)
def test_what_a_value_says_is_never_read_as_a_template(place):
    assert place in text_of(place=place, deaths=None)


@given(st.text(max_size=30))
def test_whatever_stands_in_a_value_the_text_is_whole_or_refused(place):
    try:
        text = text_of(Purpose.REPORTED, place=place)
    except Unsendable:
        return
    assert text.startswith(f"【{ORGANISATION}】接报：")
    assert text.partition("（共")[0].endswith("20261123-001号，请即核实。")
    assert "\n" not in text


@pytest.mark.parametrize("purpose", ALERTS)
def test_a_text_that_is_sent_again_says_so_and_is_known_by_its_beginning(purpose):
    text = text_of(purpose, drill=True)
    again = marked(text, resent=True, late="11-23 03:12")
    assert again.startswith(core(text))
    assert "重发" in again
    assert "11-23 03:12" in again
    assert again.endswith(f"（共{segments(again).count}条）")
    assert core(again).count("（共") == 0
    assert marked(text) == text


def test_a_test_of_the_channel_needs_no_incident():
    text = compose(Purpose.TEST, organisation=ORGANISATION, drill=False)
    assert text.startswith(f"【{ORGANISATION}】")
    assert segments(text).count == 1


@pytest.mark.parametrize("purpose", ALERTS)
def test_an_alert_without_an_incident_is_a_mistake_of_the_program(purpose):
    with pytest.raises(KeyError):
        compose(purpose, organisation=ORGANISATION, drill=False)


@pytest.mark.parametrize(
    "link",
    [
        "https://desk.example/incidents/1",
        "HTTP://X",
        "weixin://dl/business",
        "www.example",
        "ｗｗｗ．ｅｘａｍｐｌｅ．ｃｏｍ",
        "example.com",
        "a.b-c.gov.cn",
        "example。cn",
        "t.cn/abc",
        "x.health/1",
        "192.0.2.1",
        "登录192.0.2.1查看",
        "点击example.top领取",
    ],
)
def test_a_link_is_refused(link):
    with pytest.raises(Unsendable, match="link"):
        check(f"【示例】请看 {link} 处理")
    with pytest.raises(Unsendable, match="link"):
        text_of(place=f"示例区 {link}")


@pytest.mark.parametrize(
    "text",
    [
        "【示例】体温38.5度，1.5小时后到。",
        "【示例】20261123-001号，请即核实。",
        "【示例】版本1.2.3。请更新",
        "【示例】共3.完",
        "【示例】A区。B区。",
        "【示例】见第4.2.1条",
    ],
)
def test_points_between_figures_are_no_links(text):
    check(text)


@pytest.mark.parametrize("empty", ["", " ", "\t", "　"])
def test_an_empty_text_is_refused(empty):
    with pytest.raises(Unsendable, match="empty"):
        check(empty)


@pytest.mark.parametrize(
    "hidden", ["\x00", "\n", "\x1b", "\x7f", "\u200b", "\u202e", "\u2066", "\ufeff"]
)
def test_a_character_that_hides_is_refused_and_left_out_of_values(hidden):
    with pytest.raises(Unsendable, match="control"):
        check(f"请即{hidden}核实")
    assert hidden not in text_of(place=f"示例{hidden}区")


def test_a_text_without_end_is_refused():
    check("示" * 67 * 6)
    with pytest.raises(Unsendable, match="7 segments"):
        check("示" * (67 * 6 + 1))


def test_the_refusal_does_not_repeat_the_text():
    with pytest.raises(Unsendable) as refusal:
        check("张某 example.com")
    assert "张某" not in str(refusal.value)
