"""The grammar of replies: which alert somebody means, what he says, and never a guess."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.operations.codes import CODES
from notifications.replies import ANSWERS, Meaning, Parsed, of_key, parse

RECEIVED, UNDER_WAY, CANNOT = Meaning.RECEIVED, Meaning.UNDER_WAY, Meaning.CANNOT
STOP, UNKNOWN = Meaning.STOP, Meaning.UNKNOWN


@pytest.mark.parametrize(
    ("text", "code", "meaning"),
    [
        ("1", None, RECEIVED),
        ("１", None, RECEIVED),
        (" 1 ", None, RECEIVED),
        ("“1”", None, RECEIVED),
        ("①", None, RECEIVED),
        ("2", None, UNDER_WAY),
        ("3。", None, CANNOT),
        ("收到", None, RECEIVED),
        ("已收到！", None, RECEIVED),
        ("到", None, RECEIVED),
        ("1收到", None, RECEIVED),
        ("已动身", None, UNDER_WAY),
        ("不能", None, CANNOT),
        ("不能到", None, CANNOT),
        ("换人", None, CANNOT),
        ("K71", "K7", RECEIVED),
        ("K7 1", "K7", RECEIVED),
        ("k7-1", "K7", RECEIVED),
        ("Ｋ７　２", "K7", UNDER_WAY),
        ("“K7”：3", "K7", CANNOT),
        ("K7\n1", "K7", RECEIVED),
        ("回K71", "K7", RECEIVED),
        ("回复K7加1", "K7", RECEIVED),
        ("K7收到", "K7", RECEIVED),
        ("K7 1 收到", "K7", RECEIVED),
        ("K71不能", "K7", UNKNOWN),
        ("K7", "K7", UNKNOWN),
        ("K74", "K7", UNKNOWN),
        ("AB换人", "AB", CANNOT),
        ("STOP", None, STOP),
        ("stop.", None, STOP),
        ("TD", None, STOP),
        ("退订", None, STOP),
        ("K7 STOP", "K7", UNKNOWN),
        ("O71", None, UNKNOWN),
        ("711", None, UNKNOWN),
        ("12", None, UNKNOWN),
        ("我没收到", None, UNKNOWN),
        ("没有收到1", None, UNKNOWN),
        ("", None, UNKNOWN),
        ("？", None, UNKNOWN),
    ],
)
def test_a_reply_is_read_as_it_is_meant(text: str, code: str | None, meaning: Meaning) -> None:
    assert parse(text) == Parsed(code=code, meaning=meaning)


@given(st.text(max_size=300))
def test_whatever_is_written_something_is_read(text: str) -> None:
    found = parse(text)
    assert found.code is None or found.code in CODES
    assert found.meaning in set(Meaning)


@given(st.sampled_from(CODES), st.sampled_from(["1", "2", "3", "收到", "不能"]), st.data())
def test_marks_and_spaces_and_cases_change_nothing(
    code: str, answer: str, data: st.DataObject
) -> None:
    noise = st.text(alphabet=" 　-—_:：.。,，“”\"'！!\n\t", max_size=3)
    written = code.lower() if data.draw(st.booleans()) else code
    marks = [data.draw(noise) for _ in range(4)]
    found = parse(marks[0] + written[0] + marks[1] + written[1] + marks[2] + answer + marks[3])
    assert found == Parsed(code=code, meaning=parse(answer).meaning)


@given(st.sampled_from(CODES), st.text(max_size=20))
def test_an_answer_is_never_read_for_another_code(code: str, rest: str) -> None:
    found = parse(code + rest)
    assert found.code in (code, None)
    if found.code is None:
        assert found.meaning not in ANSWERS or parse(code + rest) == parse(rest)


@pytest.mark.parametrize(
    ("key", "meaning"), [("1", RECEIVED), ("2", CANNOT), ("9", UNKNOWN), ("", UNKNOWN)]
)
def test_a_key_in_a_call_means_what_the_call_says(key: str, meaning: Meaning) -> None:
    assert of_key(key) is meaning
