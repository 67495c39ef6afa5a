"""Read what somebody answers to an alert: which one he means, and what he says."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TypedDict

import yaml

from notifications.text import check, opening
from templates import ROOT

MOST = 200  # characters that are looked at; nobody answers an alert with more
_CODE = re.compile(r"([A-HJ-NPQRT-Z][2346789A-HJ-NPQRT-Z])(.*)", re.DOTALL)


class Meaning(StrEnum):
    """What an answer means."""

    RECEIVED = "received"
    UNDER_WAY = "under_way"
    CANNOT = "cannot"
    STOP = "stop"
    UNKNOWN = "unknown"


ANSWERS = (Meaning.RECEIVED, Meaning.UNDER_WAY, Meaning.CANNOT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """An answer as read; `code` is None where it names no alert."""

    code: str | None
    meaning: Meaning


def parse(text: str) -> Parsed:
    """Read a reply by SMS; what nobody can make sense of is UNKNOWN, never a guess.

    Only the whole text counts: "收到" in a sentence about something else is no answer.
    """
    plain = _plain(text)
    if (meaning := _meaning(plain)) is not Meaning.UNKNOWN:
        return Parsed(code=None, meaning=meaning)
    found = _CODE.fullmatch(_without(plain, "before").upper())
    if found is None:
        return Parsed(code=None, meaning=Meaning.UNKNOWN)
    meaning = _meaning(_without(found[2].lower(), "after"))
    return Parsed(code=found[1], meaning=meaning if meaning in ANSWERS else Meaning.UNKNOWN)


def of_key(digits: str) -> Meaning:
    """Say what the key means that somebody pressed in a call."""
    return Meaning(_words()["keys"].get(_plain(digits), Meaning.UNKNOWN))


def say(
    name: str, *, organisation: str, drill: bool, values: Mapping[str, str] | None = None
) -> str:
    """Write the desk's word on an answer, by its name in templates/messages/replies.yaml."""
    text = opening(organisation, drill=drill) + _words()["answers"][name].format_map(values or {})
    check(text)
    return text


def _without(plain: str, place: str) -> str:
    """Leave out what people copy from the text: the words before a code, or after it."""
    copied = _words()["copied"][place]
    return next((plain.removeprefix(word) for word in copied if plain.startswith(word)), plain)


class _Words(TypedDict):
    copied: Mapping[str, Sequence[str]]
    meanings: Mapping[str, Sequence[str]]
    keys: Mapping[str, str]
    answers: Mapping[str, str]


@cache
def _words() -> _Words:
    path = ROOT / "messages" / "replies.yaml"
    words: _Words = yaml.safe_load(path.read_text(encoding="utf-8"))
    return words


@cache
def _meanings() -> Mapping[str, Meaning]:
    return {
        _plain(word): Meaning(meaning)
        for meaning, words in _words()["meanings"].items()
        for word in words
    }


def _meaning(plain: str) -> Meaning:
    """Return what a word means, or a number with the same said in words: 1收到."""
    known = _meanings()
    if plain in known:
        return known[plain]
    number, word = known.get(plain[:1]), known.get(plain[1:])
    return number if number is not None and number is word else Meaning.UNKNOWN


def _plain(text: str) -> str:
    """Make full-width characters plain, and leave out spaces, quotes and all other marks."""
    wide = unicodedata.normalize("NFKC", text[:MOST]).lower()
    return "".join(character for character in wide if unicodedata.category(character)[0] in "LN")
