"""Every word that people may be shown is there, in Chinese and in English, once."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from incident.errors import FieldError, TocsinError
from incident.inputs.base import CODES, OWN
from incident.models import OutgoingMessage
from incident.operations.audit import Verified
from incident.web.access import NAVIGATION_ORDER
from incident.words import vocabulary
from tests.support.tree import ROOT, name, tracked
from workflows.facts import COUNT_BASES, FACTS, SETTINGS
from workflows.lifecycle import Action, Role, State
from workflows.plan import Confidence, Grade, Kind

COUNTING = {"name", "unit"}  # what Chinese says and English need not
CHINESE = re.compile(r"[\u4e00-\u9fff]")
CATALOGUES = sorted((ROOT / "templates" / "translations" / "en").glob("*.po"))
PAGES = [path for path in tracked("templates/pages") if path.suffix == ".html"]
CODE = [path for path in tracked("incident/*.py", "drills/*.py") if "migrations" not in name(path)]
MONTH = {"b"}  # the month's name, for a script
KEYWORDS = {"_": None, "gettext": None}


# The words in templates/words.


def every_word() -> Iterator[tuple[str, str, dict[str, str]]]:
    for group, keys in vocabulary().items():
        for key, words in keys.items():
            yield group, key, words


def test_every_word_is_there_in_both_languages() -> None:
    lacking = [
        f"{group}.{key}"
        for group, key, words in every_word()
        if sorted(words) != ["en", "zh"]
        or not (group == "units" or all(map(str.strip, words.values())))
    ]

    assert lacking == []


def test_both_languages_take_values_that_are_told() -> None:
    """English may name more of what is told; Chinese may leave out nothing but counting words."""
    odd = [
        f"{group}.{key}"
        for group, key, words in every_word()
        if not _values(words["zh"]) <= _values(words["en"]) | COUNTING
    ]

    assert odd == []


def _values(phrase: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(phrase) if field}


@pytest.mark.parametrize(
    ("group", "keys"),
    [
        ("states", State),
        ("roles", Role),
        ("role_notes", Role),
        ("actions", Action),
        ("kinds", Kind),
        ("grades", Grade),
        ("grade_words", Grade),
        ("confidences", Confidence),
        ("settings", SETTINGS),
        ("count_bases", COUNT_BASES),
        ("facts", FACTS),
        ("navigation", [endpoint for endpoint, _ in NAVIGATION_ORDER]),
    ],
)
def test_every_key_of_the_rules_has_words(group: str, keys: Iterable[str]) -> None:
    assert sorted({str(key) for key in keys} - set(vocabulary()[group])) == []


def test_every_code_of_a_wrong_field_has_words() -> None:
    used = {*CODES.values(), *OWN, *_literals(FieldError.__name__, position=1)}

    assert sorted(used - set(vocabulary()["fields"])) == []


def test_every_code_of_an_error_has_words() -> None:
    used = _classes(TocsinError) | set(_raised())

    assert sorted(used - set(vocabulary()["errors"])) == []


def _classes(root: type[TocsinError]) -> set[str]:
    return {root.code}.union(*(_classes(each) for each in root.__subclasses__()))


def _raised() -> Iterator[str]:
    """Return the codes that are given to errors where they are made."""
    for kind in _names(TocsinError):
        if kind not in ("InvalidInput", "IllegalStep", "StaleVersion", "TooMany"):
            yield from _literals(kind, position=0)
        if kind == "InvalidInput":
            yield from _literals(kind, position=1)


def _names(root: type[TocsinError]) -> set[str]:
    return {root.__name__}.union(*(_names(each) for each in root.__subclasses__()))


def test_every_type_of_entry_has_a_phrase_and_a_label() -> None:
    types = set(_literals("timeline.write", position=2))
    phrases = set(vocabulary()["timeline"])

    assert len(types) > 20, "the search for types has lost its way"
    assert sorted(types - phrases) == []
    assert sorted(phrases ^ set(vocabulary()["entries"])) == []


def test_every_problem_of_the_chain_has_words() -> None:
    source = (ROOT / "incident" / "operations" / "audit.py").read_text()
    known = set(vocabulary()["chain_problems"])
    told = {text for text in re.findall(r'"([a-z]+(?:-[a-z]+)*)"', source) if text in known}

    assert told == known
    assert "problem" in Verified.__dataclass_fields__


def test_every_label_that_code_asks_for_is_there() -> None:
    asked = {
        (str(call.args[0].value), str(call.args[1].value), name(path))
        for path in CODE
        for call in _calls(path, {"label", "phrase", "words.label", "words.phrase"})
        if len(call.args) > 1
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[1], ast.Constant)
    }
    lacking = [
        f"{group}.{key} ({file})"
        for group, key, file in sorted(asked)
        if key not in vocabulary().get(group, {})
    ]

    assert len(asked) > 20
    assert lacking == []


def test_every_state_of_a_message_has_words() -> None:
    assert OutgoingMessage.__doc__ is not None
    told = {"queued", "sending", "uncertain", "accepted", "sent", "delivered", "undelivered"}

    assert told <= set(vocabulary()["deliveries"])


@cache
def _tree(path: Path) -> ast.AST:
    return ast.parse(path.read_text())


def _calls(path: Path, functions: set[str]) -> Iterator[ast.Call]:
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in functions:
            yield node


def _literals(function: str, *, position: int) -> Iterator[str]:
    """Return the strings given at a position of every call of a function, choices included."""
    for path in CODE:
        for call in _calls(path, {function}):
            if len(call.args) > position:
                yield from _strings(call.args[position])


def _strings(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _strings(node.body)
        yield from _strings(node.orelse)


# The strings of pages, and their English.


@cache
def used() -> dict[str, list[str]]:
    """Return {string: where it is used}, of all pages and of Python code."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in (*PAGES, *CODE):
        method = "jinja2.ext:babel_extract" if path.suffix == ".html" else "python"
        for line, message, _, _ in extract_from_file(method, str(path), keywords=KEYWORDS):
            for text in [message] if isinstance(message, str) else message:
                found[text].append(f"{name(path)}:{line}")
    return found


@cache
def translated() -> dict[str, list[tuple[str, str]]]:
    """Return {string: [(English, catalogue)]}."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for path in CATALOGUES:
        with path.open("rb") as file:
            for message in read_po(file):
                if message.id:
                    found[str(message.id)].append((str(message.string), path.name))
    return found


def test_every_string_of_a_page_has_its_english() -> None:
    lacking = {
        text: places[0]
        for text, places in used().items()
        if CHINESE.search(text) and not any(english for english, _ in translated().get(text, []))
    }

    assert lacking == {}, "\n".join(f"{place}: {text}" for text, place in lacking.items())


def test_no_catalogue_keeps_what_no_page_says() -> None:
    stale = [f"{files[0][1]}: {text}" for text, files in translated().items() if text not in used()]

    assert stale == [], "\n".join(stale)


def test_no_string_has_two_translations() -> None:
    rivals = {
        text: told
        for text, told in translated().items()
        if len({english for english, _ in told}) > 1
    }

    assert rivals == {}, "\n".join(f"{text}: {told}" for text, told in rivals.items())


def test_a_translation_takes_the_values_of_its_string() -> None:
    odd = [
        f"{told[0][1]}: {text}"
        for text, told in translated().items()
        if not _values(told[0][0]) <= _values(text) | MONTH
    ]

    assert odd == []


def test_no_translation_is_chinese() -> None:
    allowed = re.compile(r"【演练】|〔待核〕|[IVⅠⅡⅢⅣ]")
    chinese = [
        f"{told[0][1]}: {text}"
        for text, told in translated().items()
        if CHINESE.search(allowed.sub("", told[0][0]))
    ]

    assert chinese == []


def test_no_page_shows_chinese_that_is_not_marked() -> None:
    """Chinese between tags would stay Chinese in English."""
    bare = re.compile(r">[^<>{}]*[\u4e00-\u9fff][^<>{}]*<")
    allowed = {
        "templates/pages/components.html",  # invented examples
        "templates/pages/account/show.html",  # the language's own name
        "templates/pages/gateway.html",  # the same
    }
    found = [
        f"{name(path)}: {match}"
        for path in PAGES
        if name(path) not in allowed
        for match in bare.findall(re.sub(r"{#.*?#}", "", path.read_text(), flags=re.S))
    ]

    assert found == []
