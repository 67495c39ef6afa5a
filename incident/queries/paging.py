"""Pages of a long list: the cursor says where the page before ended."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from incident.errors import FieldError, InvalidInput

LARGEST = 200
USUAL = 50
LAST_ID = 2**63 - 1

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[Row]):
    """Rows in order; `next` is the cursor of the page after, None at the end."""

    rows: Sequence[Row]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the moment it is sorted by, None for rows without one, and the id."""

    moment: datetime | None
    id: int


def encode(place: Place) -> str:
    """Return a cursor; to the caller it is only a word."""
    told = f"{place.moment.isoformat() if place.moment else ''}~{place.id}"
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def decode(cursor: str | None) -> Place | None:
    """Return where the page before ended, None for the first; raise InvalidInput."""
    if not cursor:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        told = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
        moment, _, number = told.partition("~")
        place = Place(datetime.fromisoformat(moment) if moment else None, int(number))
    except (binascii.Error, UnicodeError, ValueError) as error:
        raise bad_cursor() from error
    naive = place.moment is not None and place.moment.tzinfo is None
    if naive or not 0 <= place.id <= LAST_ID:
        raise bad_cursor()
    return place


def bad_cursor() -> InvalidInput:
    """Return the error for a cursor that was not given out here."""
    return InvalidInput([FieldError("cursor", "bad-cursor")])
