"""Every word of the desk, the reports and the plans is in the English catalogues."""

import re

import pytest

from incident.web.language import catalogue
from templates import ROOT

PAGES = ROOT / "pages"
ASKED = re.compile(r"""\b_\(("|')(.+?)\1\)""")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("folder", ["desk", "reports", "plans"])
def test_every_word_is_in_english(folder: str) -> None:
    known = {message.id: message.string for message in catalogue("en")}
    for page in sorted((PAGES / folder).glob("*.html")):
        asked = {word for _, word in ASKED.findall(page.read_text())}
        assert {word for word in asked if not known.get(word)} == set(), page.name


@pytest.mark.parametrize("folder", ["desk", "reports", "plans"])
def test_no_word_is_left_to_stand_in_chinese(folder: str) -> None:
    for page in sorted((PAGES / folder).glob("*.html")):
        text = re.sub(r"{#.*?#}", "", page.read_text(), flags=re.S)
        assert CHINESE.findall(ASKED.sub("", text)) == [], page.name


@pytest.mark.parametrize("subject", ["desk", "reports", "plans"])
def test_placeholders_are_the_same_in_both(subject: str) -> None:
    text = (ROOT / "translations" / "en" / f"{subject}.po").read_text()
    for chinese, english in re.findall(r'msgid "(.+)"\nmsgstr "(.+)"', text):
        names = [sorted(re.findall(r"{\w+}", words)) for words in (chinese, english)]
        assert names[0] == names[1], chinese
