"""How many SMS segments a text costs, after 3GPP TS 23.038 (alphabet) and 23.040 (joining)."""

from collections.abc import Iterable
from dataclasses import dataclass

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")
_ALONE = {"GSM-7": 160, "UCS-2": 70}
_JOINED = {"GSM-7": 153, "UCS-2": 67}


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """The cost of a text: `units` are septets in GSM-7, 16-bit units in UCS-2."""

    encoding: str
    units: int
    count: int


def segments(text: str) -> Segments:
    """Count the segments; one character is never split between two of them."""
    gsm = all(character in _BASIC or character in _EXTENDED for character in text)
    encoding = "GSM-7" if gsm else "UCS-2"
    widths = [_width(character, encoding) for character in text]
    units = sum(widths)
    count = 1 if units <= _ALONE[encoding] else _packed(widths, _JOINED[encoding])
    return Segments(encoding=encoding, units=units, count=count)


def _width(character: str, encoding: str) -> int:
    if encoding == "GSM-7":
        return 2 if character in _EXTENDED else 1
    return 2 if ord(character) > 0xFFFF else 1


def _packed(widths: Iterable[int], room: int) -> int:
    count, used = 1, 0
    for width in widths:
        if used + width > room:
            count, used = count + 1, 0
        used += width
    return count
