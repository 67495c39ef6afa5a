"""Likely duplicates of a report: the same batch, unit, product or place within a week."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from incident.models import Incident
from incident.queries import scope
from incident.who import Who
from workflows.lifecycle import ASIDE

WINDOW = timedelta(days=7)
NEAR_IN_TIME = timedelta(hours=24)
LOOKED_AT = 500
SHOWN = 5
SHORTEST_PART = 4
WEIGHTS = {"batch": 6, "unit": 5, "product": 3, "address": 3, "place": 2, "time": 1}
TELLING = frozenset({"batch", "unit", "product", "address"})
ENOUGH_WITHOUT = 3  # the same place, kind and day


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What is known of a report so far; None is not known. `at` is when it came in."""

    at: datetime
    kind: str | None = None
    division: str | None = None
    address: str | None = None
    unit: str | None = None
    product: str | None = None
    batch: str | None = None
    drill: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """An incident that a report may repeat; `reasons` are keys of WEIGHTS, the weightiest first."""

    number: str
    title: str
    state: str
    grade: str | None
    received_at: datetime
    reasons: tuple[str, ...]

    @property
    def weight(self) -> int:
        """Return how likely it is; larger is likelier."""
        return sum(WEIGHTS[reason] for reason in self.reasons)


def likely(session: Session, who: Who, probe: Probe) -> tuple[Similar, ...]:
    """Return the incidents that this person may know of and the report may repeat."""
    found = [_compare(row, probe) for row in _candidates(session, who, probe)]
    held = [one for one in found if one is not None]
    held.sort(key=lambda one: (-one.weight, probe.at - one.received_at))
    return tuple(held[:SHOWN])


def _candidates(session: Session, who: Who, probe: Probe) -> list[Incident]:
    drill = Incident.drill.is_not(None) if probe.drill else Incident.drill.is_(None)
    query = scope.incidents(who).where(
        drill,
        Incident.received_at >= probe.at - WINDOW,
        Incident.received_at <= probe.at + WINDOW,
        Incident.state.not_in(ASIDE),
    )
    if probe.kind:
        query = query.where(Incident.kind == probe.kind)
    return list(session.scalars(query.order_by(Incident.received_at.desc()).limit(LOOKED_AT)))


def _compare(row: Incident, probe: Probe) -> Similar | None:
    reasons = tuple(sorted(_reasons(row, probe), key=lambda reason: -WEIGHTS[reason]))
    told = TELLING.intersection(reasons)
    if not told and sum(WEIGHTS[reason] for reason in reasons) < ENOUGH_WITHOUT:
        return None
    return Similar(
        number=row.number,
        title=row.title,
        state=row.state,
        grade=row.grade,
        received_at=row.received_at,
        reasons=reasons,
    )


def _reasons(row: Incident, probe: Probe) -> Iterator[str]:
    if _same(row.batch, probe.batch):
        yield "batch"
    if _overlap(row.unit, probe.unit) or _overlap(row.unit, probe.address):
        yield "unit"
    if _overlap(row.product, probe.product):
        yield "product"
    if _overlap(row.address, probe.address):
        yield "address"
    if row.division == probe.division:
        yield "place"
    if abs(row.received_at - probe.at) <= NEAR_IN_TIME:
        yield "time"


def _same(one: str | None, other: str | None) -> bool:
    return bool(one and other) and plain(one) == plain(other)


def _overlap(one: str | None, other: str | None) -> bool:
    """Tell whether one text contains the other; a few characters alone say nothing."""
    first, second = sorted((plain(one), plain(other)), key=len)
    return first == second != "" or (len(first) >= SHORTEST_PART and first in second)


def plain(text: str | None) -> str:
    """Return a text as it is compared: one width, one case, no spaces or punctuation."""
    folded = unicodedata.normalize("NFKC", text or "").casefold()
    return "".join(character for character in folded if character.isalnum())
