"""What of a text can be put on paper."""

import unicodedata

# Format characters steer a line from within (direction, joining); none is needed in Chinese.
_REPLACED = {"Cs": "\ufffd", "Co": "\ufffd", "Cn": "\ufffd", "Cc": "", "Cf": ""}


def printable(text: str) -> str:
    """Return the text without what would not show or would mislead: controls, steering, halves."""
    return "".join(" " if c.isspace() else _REPLACED.get(unicodedata.category(c), c) for c in text)


def is_blank(text: str) -> bool:
    """Say whether nothing of it would show."""
    return not printable(text).strip()
