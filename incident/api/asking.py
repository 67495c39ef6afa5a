"""What lists may be asked, and the pieces in which they are answered."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

from pydantic import BeforeValidator, Field

from incident.inputs.actions import GradeOrNone
from incident.inputs.base import Input, Line, Short
from incident.queries import paging
from workflows.lifecycle import State
from workflows.plan import Kind

LAST_SEQ = 2**31 - 1
Limit = Annotated[int, Field(ge=1, le=paging.LARGEST)]
Seq = Annotated[int, Field(ge=0, le=LAST_SEQ)]
Row = TypeVar("Row")


def _parted(value: object) -> object:
    return value.split(",") if isinstance(value, str) else value


class Listing(Input):
    """Which part of a list: the cursor of the answer before, and how many at most."""

    cursor: Line | None = None
    limit: Limit = paging.USUAL


class DeskListing(Listing):
    """Which incidents; several states are parted by commas."""

    state: Annotated[tuple[State, ...], BeforeValidator(_parted)] = ()
    grade: GradeOrNone | None = None
    kind: Kind | None = None
    drill: bool | None = None
    q: Short | None = None


class Following(Input):
    """What came after an entry; `cursor` is the same by the name that lists have."""

    after: Seq = 0
    cursor: Seq | None = None
    limit: Limit = paging.LARGEST

    @property
    def seq(self) -> int:
        """Return the seq that the caller has seen."""
        return self.after if self.cursor is None else self.cursor


def part(rows: Sequence[Row], asked: Listing) -> tuple[tuple[Row, ...], str | None]:
    """Return the asked part of a list that belongs to one incident, and the next cursor."""
    place = paging.decode(asked.cursor)
    start = place.id if place else 0
    end = start + asked.limit
    more = end < len(rows)
    return tuple(rows[start:end]), paging.encode(paging.Place(None, end)) if more else None
