"""The text of a message: composed from a template, counted, and refused if it may not be sent."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TypedDict

import yaml

from notifications.segments import Segments, segments
from templates import ROOT

__all__ = [
    "Alert",
    "Purpose",
    "Segments",
    "Unsendable",
    "bears_drill_mark",
    "check",
    "compose",
    "core",
    "fold",
    "marked",
    "segments",
]

MAX_SEGMENTS = 6
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_SUFFIXES = "com|cn|net|org|gov|edu|info|top|xyz|vip|cc|io|me|tv|app|shop|site|club|link|ltd"
_LINK = re.compile(
    r"[a-z][a-z0-9+.-]*://|www[.。]"
    r"|[a-z0-9-]+[.。](?:[a-z0-9-]+[.。])*(?:" + _SUFFIXES + r")(?![a-z0-9])"
    r"|[a-z0-9-]+\.[a-z]{2,}/"
    r"|(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])",
    re.IGNORECASE,
)


class Unsendable(Exception):
    """A text that may not be sent; the message says which rule it breaks, not the text."""


class Purpose(StrEnum):
    """What an alert is about; each has its text in templates/messages/sms.yaml."""

    REPORTED = "reported"
    VERIFIED = "verified"
    ACTIVATED = "activated"
    REGRADED = "regraded"
    REOPENED = "reopened"
    OVERDUE = "overdue"
    DISMISSED = "dismissed"
    CONSULTATION = "consultation"
    REMINDER = "reminder"
    STOPPED = "stopped"
    INSTRUCTED = "instructed"
    CHASED = "chased"
    HANDOVER_LEFT = "handover_left"
    HANDOVER_LATE = "handover_late"
    ROSTER = "roster"
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What may be said of an incident in a message; None is unknown and is said to be.

    `grade` is "I" to "IV" and `kind` as in a report; `place` goes down to the district.
    `clock` names what is overdue, `at` when a consultation is held, both as words.
    There is no room for a person, a unit or a product.
    """

    number: str
    kind: str
    grade: str | None = None
    place: str | None = None
    ill: int | None = None
    deaths: int | None = None
    clock: str | None = None
    at: str | None = None


def compose(
    purpose: Purpose,
    *,
    organisation: str,
    drill: bool,
    alert: Alert | None = None,
    code: str | None = None,
) -> str:
    """Write the text of an alert; `alert` may be None only for a test of the channel.

    `code` is what the person answers with; None where no answer can come by this way. The
    number of segments is said when there is more than one. Raises Unsendable when something
    in the text breaks a rule of `check`.
    """
    words = _words()
    text = opening(organisation, drill=drill) + _fill(
        words["texts"][purpose], _values(alert) if alert else {}
    )
    if code is not None:
        text = _answerable(text, code)
    return _finished(text)


def fold(
    items: Sequence[tuple[str, str]], *, organisation: str, drill: bool, can_reply: bool
) -> str:
    """Write one text for several alerts, each a code and an incident number.

    Where the numbers would make it too long to be sent, the codes alone are listed.
    """
    begins = opening(organisation, drill=drill)
    reply = _words()["folded_reply"] if can_reply else ""
    told = [_fill(_words()["folded_item"], {"code": code, "number": n}) for code, n in items]
    for listed in (told, [code for code, _ in items]):
        values = {"count": str(len(items)), "items": _words()["between"].join(listed)}
        text = begins + _fill(_words()["folded"], values) + reply
        if segments(text).count < MAX_SEGMENTS:
            break
    return _finished(text)


def check(text: str) -> None:
    """Raise Unsendable for a text that is empty, too long, hides something or holds a link."""
    if not text.strip():
        raise Unsendable("the text is empty")
    if any(_is_hidden(character) for character in text):
        raise Unsendable("the text holds a control or direction character")
    if _LINK.search(unicodedata.normalize("NFKC", text)):
        raise Unsendable("the text holds a link")
    count = segments(text).count
    if count > MAX_SEGMENTS:
        raise Unsendable(f"the text takes {count} segments, at most {MAX_SEGMENTS} are sent")


def bears_drill_mark(text: str) -> bool:
    """Say whether a text begins as every message of a drill does, read out or written."""
    return text.lstrip(" 【").startswith(_words()["mark"].strip("【】"))


def marked(text: str, *, resent: bool = False, late: str | None = None) -> str:
    """Add to a composed text that it may come twice, or that it comes late.

    `late` is the moment, in words, at which it should have come; the cost is counted anew.
    """
    words = _words()
    marks = words["resent"] if resent else ""
    if late:
        marks += _fill(words["late"], {"at": late})
    return _with_cost(core(text) + marks) if marks else text


def core(text: str) -> str:
    """Return a composed text without its cost: what all sendings of a message begin with."""
    before, _, after = _words()["cost"].partition("{segments}")
    return re.sub(rf"{re.escape(before)}\d+{re.escape(after)}$", "", text)


def opening(organisation: str, *, drill: bool) -> str:
    """Return what every text begins with: in a drill its mark, then who writes."""
    words = _words()
    signature = _fill(words["signature"], {"organisation": _clean(organisation)})
    return (words["mark"] if drill else "") + signature


def _answerable(text: str, code: str) -> str:
    """Add how to answer, as fully as it costs no further segment."""
    ways = [text + _fill(way, {"code": code}) for way in _words()["replies"]]
    alone = segments(text).count
    return next((way for way in ways if segments(way).count == alone), ways[0])


def _finished(text: str) -> str:
    text = _with_cost(text)
    check(text)
    return text


class _Words(TypedDict):
    mark: str
    signature: str
    replies: Sequence[str]
    folded: str
    folded_item: str
    folded_reply: str
    cost: str
    resent: str
    late: str
    grades: Mapping[str, str]
    grade_unknown: str
    kinds: Mapping[str, str]
    place_unknown: str
    ill: str
    deaths: str
    between: str
    count_unknown: str
    clock_unknown: str
    at_unknown: str
    texts: Mapping[str, str]


@cache
def _words() -> _Words:
    words: _Words = yaml.safe_load((ROOT / "messages" / "sms.yaml").read_text("utf-8"))
    return words


def _values(alert: Alert) -> dict[str, str]:
    words = _words()
    return {
        "number": _clean(alert.number),
        "kind": words["kinds"][alert.kind],
        "grade": words["grades"][alert.grade] if alert.grade else words["grade_unknown"],
        "place": _clean(alert.place or words["place_unknown"]),
        "count": _count(alert),
        "clock": _clean(alert.clock or words["clock_unknown"]),
        "at": _clean(alert.at or words["at_unknown"]),
    }


def _count(alert: Alert) -> str:
    """Say how many are ill and dead; an unknown number of ill is never left out as if none."""
    words = _words()
    if alert.ill is None and alert.deaths is None:
        return words["count_unknown"]
    parts = [words["count_unknown"]]
    if alert.ill is not None:
        parts = [_fill(words["ill"], {"ill": str(alert.ill)})]
    if alert.deaths:
        parts.append(_fill(words["deaths"], {"deaths": str(alert.deaths)}))
    return words["between"].join(parts)


def _fill(template: str, values: Mapping[str, str]) -> str:
    """Replace each name once; braces inside a value stay what they are."""
    return _PLACEHOLDER.sub(lambda match: values[match[1]], template)


def _clean(value: str) -> str:
    """Put a value on one line, without characters that cannot be seen."""
    spaced = "".join(" " if character.isspace() else character for character in value)
    seen = "".join(character for character in spaced if not _is_hidden(character))
    return " ".join(seen.split())


def _is_hidden(character: str) -> bool:
    """Say whether a character is a control, a format or an unassigned one (Unicode Cc to Cs)."""
    return unicodedata.category(character) in {"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"}


def _with_cost(text: str) -> str:
    """Say the number of segments when it is above one; what says it is counted too."""
    count = segments(text).count
    if count == 1:
        return text
    told = text + _fill(_words()["cost"], {"segments": str(count)})
    count = segments(told).count
    return text + _fill(_words()["cost"], {"segments": str(count)})
