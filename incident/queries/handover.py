"""Handovers as pages show them: the packet with its times, what changed since, who signed what."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.errors import NotFound
from incident.models import Handover, HandoverItem, User
from incident.operations import handover, relief, signing

MOST = 30
VOLATILE = frozenset({"lines"})  # the hour at which a channel last worked is no change


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One matter of a packet; `decision` is None before it was signed.

    `stays_with` is who kept it from an earlier watch, None for nobody.
    """

    kind: str
    key: str
    title: str
    facts: Mapping[str, Any]
    stays_with: str | None
    decision: HandoverItem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What is otherwise now than when the packet was frozen."""

    new: tuple[Item, ...]
    gone: tuple[Item, ...]
    changed: tuple[Item, ...]

    def __bool__(self) -> bool:
        return bool(self.new or self.gone or self.changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One handover with its items by kind, in the order of the packet.

    `rostered_from` and `rostered_to` are names, None where the roster names nobody. `is_whole`
    says that the packet is still what was frozen.
    """

    row: Handover
    items: tuple[Item, ...]
    rostered_from: str | None
    rostered_to: str | None
    is_whole: bool

    @property
    def by_kind(self) -> Sequence[tuple[str, tuple[Item, ...]]]:
        """Return the items of each kind."""
        return [
            (kind, tuple(found)) for kind, found in groupby(self.items, key=lambda one: one.kind)
        ]

    @property
    def left(self) -> tuple[Item, ...]:
        """Return what was not taken."""
        return tuple(
            one
            for one in self.items
            if one.decision is not None and one.decision.state == relief.REFUSED
        )

    @property
    def offered(self) -> tuple[Item, ...]:
        """Return what can still be taken."""
        return tuple(
            one
            for one in self.items
            if one.decision is not None and one.decision.state != relief.ACCEPTED
        )


def recent(session: Session) -> Sequence[Handover]:
    """Return the latest handovers, the newest first."""
    return session.scalars(select(Handover).order_by(Handover.id.desc()).limit(MOST)).all()


def sheet(session: Session, number: int) -> Sheet:
    """Return one handover; raise NotFound."""
    row = session.get(Handover, number)
    if row is None:
        raise NotFound
    decisions = {one.key: one for one in handover.items(session, row)}
    return Sheet(
        row=row,
        items=tuple(read(one, decisions.get(one["key"])) for one in row.packet["items"]),
        rostered_from=_name(session, row.rostered_from),
        rostered_to=_name(session, row.rostered_to),
        is_whole=signing.digest(row.packet) == row.digest,
    )


def since(frozen: Mapping[str, Any], present: Mapping[str, Any]) -> Since:
    """Compare a frozen packet with the present one, item by item."""
    before = {one["key"]: one for one in frozen["items"]}
    after = {one["key"]: one for one in present["items"]}
    return Since(
        new=tuple(read(one) for key, one in after.items() if key not in before),
        gone=tuple(read(one) for key, one in before.items() if key not in after),
        changed=tuple(
            read(one)
            for key, one in after.items()
            if key in before and _steady(one) != _steady(before[key])
        ),
    )


def names(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """Return the names of people by their ids."""
    rows = session.execute(select(User.id, User.display).where(User.id.in_(set(ids))))
    return dict(rows.all())


def read(item: Mapping[str, Any], decision: HandoverItem | None = None) -> Item:
    """Return an item of a packet with moments for its times."""
    return Item(
        kind=item["kind"],
        key=item["key"],
        title=item["title"],
        facts=_with_times(item["facts"]),
        stays_with=item["stays_with"],
        decision=decision,
    )


def _with_times(facts: Mapping[str, Any]) -> dict[str, Any]:
    return dict(_timed(name, value) for name, value in facts.items())


def _timed(name: str, value: Any) -> tuple[str, Any]:
    if isinstance(value, str) and (name == "at" or name.endswith("_at")):
        return name, datetime.fromisoformat(value)
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return name, [_with_times(one) for one in value]
    return name, value


def _steady(item: Mapping[str, Any]) -> list[object]:
    """Return what of an item is a change when it differs."""
    facts = item["facts"]
    lines = [(line["name"], line["state"]) for line in facts.get("lines", ())]
    rest = {name: value for name, value in facts.items() if name not in VOLATILE}
    return [item["title"], rest, lines]


def _name(session: Session, user: int | None) -> str | None:
    return session.get_one(User, user).display if user else None
