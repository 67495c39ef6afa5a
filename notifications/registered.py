"""The texts as a mainland gateway has registered them: a template, its parameters, a signature.

A gateway of the mainland sends no free text. What the desk composes is taken apart into what was
registered; `docs/running.md` lists the texts to register.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from templates import ROOT

TAIL = "tail"  # what may follow every text: how to answer, that it comes twice or late, its cost
DRILL, ANSWER = "drill-", "answer-"
_NAME = re.compile(r"\{(\w+)\}")
_BRACKETED = re.compile(r"【(?P<signature>[^】]+)】(?P<content>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parted:
    """A text taken apart: `signature` without brackets, and what a template is filled with."""

    template: str
    signature: str
    parameters: Mapping[str, str]


@cache
def registered() -> Mapping[str, str]:
    """Return the texts to register, by name; those of drills say the office after the mark."""
    words, replies = _yaml("sms"), _yaml("replies")
    texts = {**words["texts"], "folded": words["folded"]}
    texts |= {f"{ANSWER}{name}": text for name, text in replies["answers"].items()}
    plain = {name: f"{text}{{{TAIL}}}" for name, text in texts.items()}
    drills = {f"{DRILL}{name}": words["signature"] + text for name, text in plain.items()}
    return plain | drills


def part(body: str) -> Parted | None:
    """Take a composed text apart; None when no registered text fits it."""
    bracketed = _BRACKETED.fullmatch(body)
    if bracketed is None:
        return None
    for name, pattern in _patterns().items():
        found = pattern.fullmatch(bracketed["content"])
        if found:
            return Parted(
                template=name, signature=bracketed["signature"], parameters=found.groupdict()
            )
    return None


def join(parted: Parted) -> str:
    """Put a text together again, as the telephone shows it; raises KeyError for a stranger."""
    content = _NAME.sub(lambda match: parted.parameters[match[1]], registered()[parted.template])
    return f"【{parted.signature}】{content}"


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    """The texts as patterns, those with the most fixed words first."""
    texts = sorted(registered().items(), key=lambda item: -len(_NAME.sub("", item[1])))
    return {name: _pattern(text) for name, text in texts}


def _pattern(text: str) -> re.Pattern[str]:
    pieces, seen, end = [], set[str](), 0
    for match in _NAME.finditer(text):
        pieces.append(re.escape(text[end : match.start()]))
        pieces.append(_place(match[1], seen))
        end = match.end()
    return re.compile("".join([*pieces, re.escape(text[end:])]), re.DOTALL)


def _place(name: str, seen: set[str]) -> str:
    """Return the pattern of a parameter: the same each time that it occurs."""
    if name in seen:
        return f"(?P={name})"
    seen.add(name)
    return f"(?P<{name}>.*)" if name == TAIL else f"(?P<{name}>.+?)"


def _yaml(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(
        (ROOT / "messages" / f"{name}.yaml").read_text(encoding="utf-8")
    )
    return found
