"""The count of segments, at and around each threshold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.segments import segments


@pytest.mark.parametrize(
    ("text", "encoding", "units", "count"),
    [
        pytest.param("", "GSM-7", 0, 1, id="nothing"),
        pytest.param("a" * 159, "GSM-7", 159, 1, id="gsm below one"),
        pytest.param("a" * 160, "GSM-7", 160, 1, id="gsm at one"),
        pytest.param("a" * 161, "GSM-7", 161, 2, id="gsm above one"),
        pytest.param("a" * 306, "GSM-7", 306, 2, id="gsm at two"),
        pytest.param("a" * 307, "GSM-7", 307, 3, id="gsm above two"),
        pytest.param("€" * 80, "GSM-7", 160, 1, id="extended at one"),
        pytest.param("€" * 81, "GSM-7", 162, 2, id="extended above one"),
        pytest.param("a" * 152 + "€" + "a" * 152, "GSM-7", 306, 3, id="escape is not split"),
        pytest.param("警" * 69, "UCS-2", 69, 1, id="ucs below one"),
        pytest.param("警" * 70, "UCS-2", 70, 1, id="ucs at one"),
        pytest.param("警" * 71, "UCS-2", 71, 2, id="ucs above one"),
        pytest.param("警" * 134, "UCS-2", 134, 2, id="ucs at two"),
        pytest.param("警" * 135, "UCS-2", 135, 3, id="ucs above two"),
        pytest.param("a" * 70 + "警", "UCS-2", 71, 2, id="one character changes all"),
        pytest.param("𠮷" * 35, "UCS-2", 70, 1, id="a rare character counts twice"),
        pytest.param("𠮷" * 36, "UCS-2", 72, 2, id="a rare character above one"),
        pytest.param("警" * 66 + "𠮷" + "警" * 66, "UCS-2", 134, 3, id="a pair is not split"),
    ],
)
def test_a_text_costs_so_many_segments(text, encoding, units, count):
    found = segments(text)
    assert (found.encoding, found.units, found.count) == (encoding, units, count)


@given(st.text())
def test_the_units_are_those_of_the_alphabet_on_the_air(text):
    found = segments(text)
    if found.encoding == "UCS-2":
        assert found.units == len(text.encode("utf-16-le", "surrogatepass")) // 2
    assert found.count >= 1


@given(st.text(max_size=300), st.characters())
def test_one_character_more_never_costs_less(text, more):
    assert segments(text + more).count >= segments(text).count
