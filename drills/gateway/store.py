"""What the stand-in provider has taken: messages and calls, kept in memory and in its journal."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from threading import Lock

from drills.gateway.journal import Journal

MESSAGE, CALL, GATEWAY, REPLY, GROUP, MAIL = (
    "message",
    "call",
    "gateway",
    "reply",
    "group",
    "mail",
)
_PREFIX = {MESSAGE: "SM", CALL: "CA", GATEWAY: "ML", REPLY: "SM", GROUP: "GR", MAIL: "MA"}
AT_ONCE = frozenset({REPLY, GROUP, MAIL})  # nothing becomes of these: they are there
FINAL = frozenset({"delivered", "undelivered", "failed", "completed", "busy", "no-answer"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One message or call; `sent_at` is None until it has left, `callback` if none is wanted.

    `to` is the telephone where it shows, of a reply the one that it came from. A call rings for
    `ring` seconds, asks for a key at `keys_url`, and `heard` is what it said last. `reference`
    is what the sender calls it.
    """

    sid: str
    kind: str
    to: str
    sender: str
    body: str
    callback: str | None
    created_at: datetime
    updated_at: datetime
    status: str = "queued"
    sent_at: datetime | None = None
    error_code: int | None = None
    keys_url: str | None = None
    ring: int = 0
    reference: str | None = None
    heard: str | None = None


class Store:
    """Everything that was accepted, in order; what the journal holds outlives the process."""

    def __init__(self, journal: Journal, *, now: Callable[[], datetime]) -> None:
        self._journal = journal
        self._now = now
        self._lock = Lock()
        self._items: dict[str, Item] = {}
        self._by_number: dict[str, list[str]] = {}
        for entry in journal.entries():
            self._replay(entry)

    def accept(
        self,
        *,
        kind: str,
        to: str,
        sender: str,
        body: str,
        callback: str | None,
        keys_url: str | None = None,
        ring: int = 0,
        reference: str | None = None,
    ) -> Item:
        """Take something in; it is on disk before this returns."""
        now = self._now()
        item = Item(
            sid=_PREFIX[kind] + secrets.token_hex(16),
            kind=kind,
            to=to,
            sender=sender,
            body=body,
            callback=callback,
            created_at=now,
            updated_at=now,
            status="delivered" if kind in AT_ONCE else "queued",
            sent_at=now if kind in AT_ONCE else None,
            keys_url=keys_url,
            ring=ring,
            reference=reference,
        )
        self._journal.write({"event": "accepted", **_as_text(item)})
        self._keep(item)
        return item

    def advance(self, sid: str, *, status: str, error_code: int | None = None) -> Item:
        """Move on; the journal hears of it with its next sync, for it can be told again."""
        now = self._now()
        with self._lock:
            item = _moved(self._items[sid], status=status, error_code=error_code, at=now)
            self._items[sid] = item
        self._note_move(item, now)
        return item

    def change(self, sid: str, *, since: str, status: str) -> Item | None:
        """Move on from one status alone; None when it stands elsewhere by now."""
        now = self._now()
        with self._lock:
            if self._items[sid].status != since:
                return None
            item = _moved(self._items[sid], status=status, error_code=None, at=now)
            self._items[sid] = item
        self._note_move(item, now)
        return item

    def hear(self, sid: str, words: str) -> None:
        """Keep what a call said last, for as long as the process lives."""
        with self._lock:
            self._items[sid] = replace(self._items[sid], heard=words)

    def find(self, sid: str) -> Item | None:
        return self._items.get(sid)

    def get(self, sid: str, *, kind: str) -> Item | None:
        item = self._items.get(sid)
        return item if item is not None and item.kind == kind else None

    def newest(self, *, kind: str | None = None, to: str | None = None) -> list[Item]:
        """Return what was taken, newest first; None does not narrow."""
        with self._lock:
            sids = list(self._items) if to is None else list(self._by_number.get(to, ()))
            found = [self._items[sid] for sid in reversed(sids)]
        return [item for item in found if kind is None or item.kind == kind]

    def numbers(self, *, at_most: int) -> list[str]:
        """Return the numbers that something came for, the latest first."""
        with self._lock:
            return list(islice(reversed(self._by_number), at_most))

    def count_numbers(self) -> int:
        return len(self._by_number)

    def unfinished(self) -> list[Item]:
        return [item for item in self.newest() if item.status not in FINAL]

    def __len__(self) -> int:
        return len(self._items)

    def close(self) -> None:
        self._journal.close()

    def _note_move(self, item: Item, now: datetime) -> None:
        code = None if item.error_code is None else str(item.error_code)
        entry = {"sid": item.sid, "error_code": code, "at": now.isoformat()}
        self._journal.note({"event": item.status, **entry})

    def _keep(self, item: Item) -> None:
        with self._lock:
            self._items[item.sid] = item
            sids = self._by_number.pop(item.to, [])
            sids.append(item.sid)
            self._by_number[item.to] = sids  # at the end: the latest number

    def _replay(self, entry: Mapping[str, str | None]) -> None:
        if entry["event"] == "accepted":
            self._keep(_from_text(entry))
            return
        known = self._items.get(str(entry["sid"]))
        if known is not None:
            code = entry["error_code"]
            moved = _moved(
                known,
                status=str(entry["event"]),
                error_code=None if code is None else int(code),
                at=datetime.fromisoformat(str(entry["at"])),
            )
            self._items[known.sid] = moved


def _moved(item: Item, *, status: str, error_code: int | None, at: datetime) -> Item:
    sent_at = item.sent_at or (at if status != "queued" else None)
    return replace(item, status=status, error_code=error_code, updated_at=at, sent_at=sent_at)


def _as_text(item: Item) -> dict[str, str | None]:
    return {
        "sid": item.sid,
        "kind": item.kind,
        "to": item.to,
        "from": item.sender,
        "body": item.body,
        "callback": item.callback,
        "at": item.created_at.isoformat(),
        "keys_url": item.keys_url,
        "ring": str(item.ring),
        "reference": item.reference,
    }


def _from_text(entry: Mapping[str, str | None]) -> Item:
    at, kind = datetime.fromisoformat(str(entry["at"])), str(entry["kind"])
    return Item(
        sid=str(entry["sid"]),
        kind=kind,
        to=str(entry["to"]),
        sender=str(entry["from"]),
        body=str(entry["body"]),
        callback=entry["callback"],
        created_at=at,
        updated_at=at,
        status="delivered" if kind in AT_ONCE else "queued",
        sent_at=at if kind in AT_ONCE else None,
        keys_url=entry.get("keys_url"),
        ring=int(entry.get("ring") or 0),
        reference=entry.get("reference"),
    )
