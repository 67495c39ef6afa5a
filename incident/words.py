"""The vocabulary that people read: labels, phrases and errors from templates/words."""

from collections.abc import Mapping
from functools import lru_cache

import yaml

from templates import ROOT
from workflows.source import LOADER

Vocabulary = dict[str, dict[str, dict[str, str]]]


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """Return {group: {key: {language: words}}}; a group is a file's name."""
    folder = ROOT / "words"
    return {
        path.stem: yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 - a safe one
        for path in sorted(folder.glob("*.yaml"))
    }


def label(group: str, key: object, language: str = "zh") -> str:
    """Return the words for a key; a key without words is shown as it is."""
    words = vocabulary().get(group, {}).get(str(key))
    return words[language] if words else str(key)


def phrase(group: str, key: str, values: Mapping[str, object], language: str = "zh") -> str:
    """Return a phrase with its values put in; what a user wrote is never read as a phrase."""
    return vocabulary()[group][key][language].format_map(values)
