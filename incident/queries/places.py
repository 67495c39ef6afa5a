"""Find a division by what somebody types: its code, its name, or the beginning of it."""

from collections.abc import Iterable

from workflows.divisions import Divisions

CODE = 6


def find(text: str, divisions: Divisions, home: str) -> tuple[str, ...]:
    """Return the codes that a text may mean; exactly one when it is clear.

    `home` is the office's own code: a name that many places bear means the one nearest to it.
    """
    text = text.strip()
    if text[:CODE].isascii() and text[:CODE].isdigit():
        return (text[:CODE],) if divisions.exists(text[:CODE]) else ()
    if not text:
        return ()
    named = [code for code, name in divisions.names.items() if name == text]
    return _nearest(named or _matching(text, divisions), home)


def choices(divisions: Divisions, home: str) -> list[tuple[str, str]]:
    """Return (code, name) of the divisions round an office, its own prefecture first."""
    province = [code for code in divisions.names if code[:2] == home[:2]]
    ordered = sorted(province, key=lambda code: (code[:4] != home[:4], code))
    return [(code, divisions.names[code]) for code in ordered]


def _matching(text: str, divisions: Divisions) -> list[str]:
    """Return the divisions whose full name is the text, else whose own name begins with it."""
    short = text.replace(" ", "")
    whole = [code for code in divisions.names if divisions.full_name(code) == short]
    if whole:
        return whole
    ending = [code for code, name in divisions.names.items() if short.endswith(name)]
    above = [code for code in ending if _contains(divisions, code, short)]
    return above or [code for code, name in divisions.names.items() if name.startswith(short)]


def _contains(divisions: Divisions, code: str, text: str) -> bool:
    """Tell whether a text such as 杭州市西湖区 names the division below the one above it."""
    full = divisions.full_name(code) or ""
    return len(text) > len(divisions.names[code]) and full.endswith(text)


def _nearest(codes: Iterable[str], home: str) -> tuple[str, ...]:
    found = tuple(codes)
    for digits in (6, 4, 2):
        near = tuple(code for code in found if code[:digits] == home[:digits])
        if len(near) == 1:
            return near
    return found
