"""The table of divisions: codes, names, what lies in what."""

import re

import pytest

from workflows.divisions import Divisions

DIVISIONS = Divisions.load()
INVENTED = "9999"


def test_every_code_has_six_digits_and_a_name() -> None:
    assert len(DIVISIONS.names) > 3000
    assert all(re.fullmatch(r"[1-9]\d{5}", code) for code in DIVISIONS.names)
    assert all(DIVISIONS.names.values())


def test_every_division_lies_in_a_province_of_the_table() -> None:
    real = [code for code in DIVISIONS.names if not code.startswith(INVENTED)]
    assert all(DIVISIONS.exists(f"{code[:2]}0000") for code in real)


@pytest.mark.parametrize(
    ("code", "name", "full"),
    [
        ("320000", "江苏省", "江苏省"),
        ("320500", "苏州市", "江苏省苏州市"),
        ("320583", "昆山市", "江苏省苏州市昆山市"),
        ("110101", "东城区", "北京市东城区"),
        ("429004", "仙桃市", "湖北省仙桃市"),
        ("999901", "示例区", "示例市示例区"),
    ],
)
def test_a_division_has_this_name(code: str, name: str, full: str) -> None:
    assert (DIVISIONS.name(code), DIVISIONS.full_name(code)) == (name, full)


def test_an_unknown_code_has_no_name() -> None:
    assert DIVISIONS.name("989999") is None
    assert DIVISIONS.full_name("989999") is None
    assert not DIVISIONS.exists("32")


@pytest.mark.parametrize(
    ("code", "prefix", "inside"),
    [
        ("320583", "32", True),
        ("320583", "320000", True),
        ("320583", "320500", True),
        ("320583", "320583", True),
        ("320583", "320581", False),
        ("320583", "51", False),
        ("320000", "320500", False),
    ],
)
def test_a_division_lies_within_another(code: str, prefix: str, *, inside: bool) -> None:
    assert DIVISIONS.within(code, prefix) is inside
