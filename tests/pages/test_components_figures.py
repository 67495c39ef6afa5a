"""Figures: true numbers in picture and table, titles that state the finding."""

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest

from incident.charts import Series, Span, Words, binned, clock_spans, counts_over_time, onset_curve

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
WORDS = Words(title="单峰 <&>", description="34 例", heads=("时间", "例数"))


def hour(at: datetime) -> str:
    return f"{at:%d %H:%M}"


def after(*hours: float) -> list[datetime]:
    return [NOON + timedelta(hours=number) for number in hours]


def test_onsets_are_counted_in_whole_bins_and_gaps_stay() -> None:
    bins = binned(after(0, 0.5, 0.99, 1, 3), 1)

    assert [cell.count for cell in bins] == [3, 1, 0, 1]
    assert bins[0].start == NOON


def test_bins_start_at_midnight_of_the_first_day() -> None:
    assert binned(after(2.5), 6)[0].start == NOON


def test_a_mark_before_the_first_case_widens_the_curve() -> None:
    bins = binned(after(3), 1, also=after(0))

    assert [cell.count for cell in bins] == [0, 0, 0, 1]


def test_the_table_of_a_curve_adds_up_to_the_cases() -> None:
    figure = onset_curve(after(0, 1, 1, 4, 9), bin_hours=2, words=WORDS, moment=hour)

    assert sum(int(cell) for cell in re.findall(r"<td>(\d+)</td>", figure.table)) == 5


def test_a_figure_is_one_image_that_says_its_finding() -> None:
    figure = onset_curve(after(0, 1), bin_hours=1, words=WORDS, moment=hour, marks=[(NOON, "午餐")])
    root = ElementTree.fromstring(figure.svg)  # noqa: S314 — our own markup

    assert root.get("role") == "img"
    assert root.get("aria-label") == WORDS.title
    assert "style=" not in figure.svg


def test_a_curve_without_cases_says_so_in_words() -> None:
    figure = onset_curve([], bin_hours=1, words=WORDS, moment=hour)

    assert WORDS.description in figure.svg
    assert figure.table == ""


def test_counts_hold_until_the_next_is_known() -> None:
    ill = Series(name="发病", points=tuple(zip(after(0, 2), (4, 12), strict=True)))
    severe = Series(name="重症", points=tuple(zip(after(1), (1,), strict=True)))
    figure = counts_over_time([ill, severe], now=after(3)[0], words=WORDS, moment=hour)
    rows = re.findall(r"<td>(.*?)</td><td>(.*?)</td>", figure.table)

    assert rows == [("4", "—"), ("4", "1"), ("12", "1")]


@pytest.mark.parametrize(("done", "late"), [(1.0, False), (2.0, False), (2.1, True), (None, True)])
def test_a_clock_is_late_when_done_or_still_open_past_its_time(
    done: float | None, *, late: bool
) -> None:
    span = Span(
        name="首报",
        starts_at=NOON,
        due_at=after(2)[0],
        done_at=None if done is None else after(done)[0],
    )
    figure = clock_spans([span], now=after(3)[0], words=WORDS, moment=hour, open_word="未办")

    assert ("chart-bar-late" in figure.svg) is late
    assert ("未办" in figure.table) is (done is None)
