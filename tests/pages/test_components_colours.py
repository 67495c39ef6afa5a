"""The colours can be read: WCAG 2.2 contrast of every pair in use, in both themes."""

import re

import pytest

from tests.pages.component_pages import sheet

TOKEN = re.compile(r"--([\w-]+):\s*(#[0-9a-f]{6});")
LIGHT = dict(TOKEN.findall(sheet("tokens.css")))
DARK = LIGHT | dict(TOKEN.findall(sheet("dark.css")))
THEMES = {"light": LIGHT, "dark": DARK}

GROUNDS = ("ground", "sunken", "raised")
SOFT_GROUNDS = ("accent-soft", "red-soft", "amber-soft", "green-soft", "drill-soft")
TEXT = [
    *[(ink, ground) for ink in ("ink", "ink-soft", "ink-faint") for ground in GROUNDS],
    *[(ink, ground) for ink in ("ink", "ink-soft") for ground in SOFT_GROUNDS],
    *[(hue, ground) for hue in ("accent", "red", "amber", "green") for ground in GROUNDS],
    *[(hue, f"{hue}-soft") for hue in ("accent", "red", "amber", "green")],
    ("accent-strong", "accent-soft"),
    ("accent", "drill-soft"),
    ("red", "drill-soft"),
    ("amber", "red-soft"),
    ("accent", "red-soft"),
    ("accent", "amber-soft"),
    ("accent", "green-soft"),
    ("ground", "ink"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-danger", "danger"),
    ("on-danger", "danger-strong"),
    ("on-drill", "drill"),
    *[(f"on-grade-{number}", f"grade-{number}") for number in (1, 2, 3, 4, "none")],
]
SHAPES = [
    *[(f"edge-grade-{number}", ground) for number in (1, 2, 3, 4) for ground in GROUNDS],
    *[(shape, ground) for shape in ("line-strong", "focus", "drill") for ground in GROUNDS],
    ("danger", "ground"),
    ("edge-grade-2", "amber-soft"),
]


def luminance(colour: str) -> float:
    """Return relative luminance as WCAG 2.2 defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_reckoned_as_the_standard_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_stands_out_by_four_and_a_half(theme: str, ink: str, ground: str) -> None:
    assert contrast(THEMES[theme][ink], THEMES[theme][ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("shape", "ground"), SHAPES)
def test_shapes_stand_out_by_three(theme: str, shape: str, ground: str) -> None:
    assert contrast(THEMES[theme][shape], THEMES[theme][ground]) >= 3


def test_the_dark_theme_renames_nothing() -> None:
    assert set(DARK) == set(LIGHT)


SHEETS = [
    "base", "shell", "forms", "tables", "marks", "incident", "people", "panels", "charts", "drill",
]  # fmt: skip


@pytest.mark.parametrize("name", SHEETS)
def test_only_the_tokens_name_a_colour(name: str) -> None:
    rules = re.sub(r"/\*.*?\*/|@media print.*", "", sheet(f"{name}.css"), flags=re.S)
    named = re.findall(r":\s[^;]*(#[0-9a-fA-F]{3,8})\b", rules)

    assert named == []


@pytest.mark.parametrize("name", SHEETS)
def test_every_token_used_is_given(name: str) -> None:
    given = set(re.findall(r"--([\w-]+):", sheet("tokens.css")))

    assert set(re.findall(r"var\(--([\w-]+)", sheet(f"{name}.css"))) <= given
