"""A thousand alerts to a slow provider, and the same with the engine killed in the middle."""

import json
import secrets
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests
from sqlalchemy import func, insert, select

from bench import desks, processes
from bench.desks import Desk
from bench.figures import Figure, Scale
from incident.db import table
from incident.jobs.lanes import WORKERS
from incident.models import Incident, OutgoingMessage
from incident.stand_in import GATEWAY_JOURNAL, stand_in_account
from tests.support.desk import make_incident

SUBJECT = "alerts"
RATE_AIM, RESTART_AIM = 200, 30.0
FAULTS = [
    {"kind": "delay", "seconds": 0.02},
    {"kind": "throttle", "every": 10, "retry_after": 1},
]
PATIENCE = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What the provider has accepted: how often each message code, and when."""

    codes: Counter[str]
    moments: list[datetime]


def measure(scale: Scale) -> list[Figure]:
    return [
        f
        for dialect in desks.dialects(scale)
        for f in (*_whole(dialect, scale), *_killed(dialect, scale))
    ]


def _whole(dialect: str, scale: Scale) -> list[Figure]:
    count = scale.pick(1000, 20)
    with desks.desk(dialect, scale) as desk, desk.gateway() as provider:
        codes = _prepare(desk, provider, count)
        with desk.engine():
            taken = until_taken(desk, codes, count)
            _until_written(desk, count)
    seconds = (max(taken.moments) - min(taken.moments)).total_seconds()
    rate = count / seconds
    return [
        Figure(
            subject=SUBJECT,
            name=f"{dialect}, {count} alerts",
            value=round(rate, 1),
            unit="/s",
            aim=f"> {RATE_AIM}/s",
            met=rate > RATE_AIM,
        )
    ]


def _killed(dialect: str, scale: Scale) -> list[Figure]:
    count, before = scale.pick(1000, 20), scale.pick(300, 5)
    with desks.desk(dialect, scale) as desk, desk.gateway() as provider:
        codes = _prepare(desk, provider, count)
        with desk.engine() as engine:
            until_taken(desk, codes, before)
            processes.kill(engine)
        again = time.monotonic()
        with desk.engine():
            taken = until_taken(desk, codes, count)
            seconds = time.monotonic() - again
            _until_written(desk, count)
            taken = taken_of(desk, codes)
    doubled = sum(1 for times in taken.codes.values() if times > 1)
    often = max(taken.codes.values())
    name = f"{dialect}, killed after {before}"
    return [
        Figure(
            subject=SUBJECT,
            name=f"{name}: all {count} after the restart",
            value=round(seconds, 2),
            unit="s",
            aim=f"≤ {RESTART_AIM:g} s",
            met=seconds <= RESTART_AIM,
        ),
        Figure(
            subject=SUBJECT,
            name=f"{name}: seen twice by the provider",
            value=doubled,
            aim=f"≤ {WORKERS}, none thrice",
            met=doubled <= WORKERS and often <= 2,
        ),
        Figure(
            subject=SUBJECT,
            name=f"{name}: lost",
            value=count - len(taken.codes),
            aim="0",
            met=len(taken.codes) == count,
        ),
    ]


def _prepare(desk: Desk, provider: str, count: int) -> set[str]:
    """Set the provider's faults, and queue the alerts; return their codes."""
    set_faults(desk, provider, FAULTS)
    incident = make_incident(desk.services)
    with desk.services.transaction() as session:
        session.execute(table(OutgoingMessage).delete())
    return queue(desk, incident, count)


def set_faults(desk: Desk, provider: str, faults: Sequence[Mapping[str, Any]]) -> None:
    """Let the stand-in provider fail in these ways, and tell nobody what became of messages."""
    plan = {"requests": list(faults), "callbacks": {"send": False}}
    account = stand_in_account(desk.services.settings)
    requests.put(f"{provider}/faults", json=plan, auth=account, timeout=10).raise_for_status()


def queue(desk: Desk, incident: Incident, count: int, **changes: Any) -> set[str]:
    """Queue messages to as many people, all due now; return their codes."""
    now = desk.services.now()
    alike = {
        "incident_id": incident.id,
        "person": "值班员",
        "channel": "sms",
        "segments": 1,
        "priority": 1,
        "state": "queued",
        "rank": 0,
        "attempts": 0,
        "due_at": now,
        "resent": False,
        "created_at": now,
        "changed_at": now,
        "drill": incident.drill,
        **changes,
    }
    rows: list[dict[str, Any]] = [
        alike
        | {
            "code": secrets.token_hex(12),
            "reason": f"bench:{incident.id}:{number}",
            "address": f"+86100000{number:06d}",
            "body": f"【示例市市场监管局】接报：示例区食品事件，编号{number}，请回复收到。",
        }
        for number in range(count)
    ]
    with desk.services.transaction() as session:
        session.execute(insert(table(OutgoingMessage)), rows)
    return {row["code"] for row in rows}


def until_taken(desk: Desk, codes: set[str], count: int) -> Taken:
    """Return when the provider has taken so many messages.

    The journal is only searched while it is too short: to read it takes time from who is measured.
    """
    processes.until(
        lambda: _noted(desk) >= count and len(taken_of(desk, codes).codes) >= count,
        f"{count} messages came",
        seconds=PATIENCE,
    )
    return taken_of(desk, codes)


def _until_written(desk: Desk, count: int) -> None:
    """Return when the desk knows what came of all messages."""
    query = select(func.count()).where(OutgoingMessage.provider_id.is_not(None))

    def is_written() -> bool:
        with desk.services.reading() as session:
            return (session.scalar(query) or 0) >= count

    processes.until(is_written, "the desk knew of all messages", seconds=PATIENCE)


def _noted(desk: Desk) -> int:
    return (desk.folder / GATEWAY_JOURNAL).read_bytes().count(b'"accepted"')


def taken_of(desk: Desk, ours: set[str]) -> Taken:
    codes: Counter[str] = Counter()
    moments = []
    for line in (desk.folder / GATEWAY_JOURNAL).read_text(encoding="utf-8").splitlines():
        entry = json.loads(line) if line.endswith("}") else {}
        code = str(entry.get("callback")).rpartition("/")[2]
        if entry.get("event") == "accepted" and code in ours:
            codes[code] += 1
            moments.append(datetime.fromisoformat(entry["at"]))
    return Taken(codes=codes, moments=moments)
