"""The words of what is made up for drills."""

from incident.words import phrase


def word(key: str, **values: object) -> str:
    """Return a phrase of made-up outbreaks, in Chinese, with its values."""
    return phrase("outbreak", key, values)
