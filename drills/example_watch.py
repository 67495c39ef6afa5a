"""The watch of the example desk: how it was handed over last, and what was typed since."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import yaml

from drills.example_people import example_password
from drills.story import FOLDER, length
from incident.clock import FrozenClock
from incident.inputs.base import parse
from incident.inputs.watchkeeping import CloseInput, DayInput, LogInput, SignInput, TakeInput
from incident.operations import duty_log, handover, relief
from incident.operations.relief import Change
from incident.queries import duty_log as logs
from incident.queries.packet import packet
from incident.services import Services
from incident.who import Who

LOGGED = frozenset(LogInput.model_fields)


def hand_over(services: Services, people: Mapping[str, Who]) -> None:
    """Let the officer on duty have relieved the one before him, every item taken."""
    told, password = _told()["handover"], example_password(services.settings.data_dir)
    by_id = {one.id: one for one in people.values()}
    with services.reading() as session:
        (post,) = relief.posts(session)
        change, _ = relief.changes(session, post, services.now(), services.rules)
    if change is None:
        return
    leaves, comes = by_id[change.leaves], by_id[change.comes]
    night = _log_night(services, change, told["night"], leaves)
    number = _begin(_at(services, change, told["begin"]), change, leaves)
    signing = _at(services, change, told["sign"])
    brought = {"checklist": told["checklist"], "note": told["note"], "password": password}
    with signing.transaction() as session:
        row = handover.hold(session, number)
        handover.sign(session, row, parse(SignInput, brought), signing.context(leaves))
        accepted = frozenset(one.id for one in handover.items(session, row))
    taking = _at(services, change, told["take"])
    with taking.transaction() as session:
        row = handover.hold(session, number)
        taken = TakeInput(accepted=accepted, password=password)
        handover.take(session, row, taken, taking.context(comes))
    _keep_promise(services, change, told["night"], night, comes)


def write_log(services: Services, who: Who) -> None:
    """Type the entries of the log, and the head of the day."""
    told, now = _told(), services.now()
    for one in told["log"]:
        at = now - length(one["ago"])
        raw = {name: value for name, value in one.items() if name in LOGGED}
        raw |= {"at": _iso(now, one["ago"])}
        if "reported_at" in one:
            raw["reported_at"] = _iso(now, one["reported_at"])
        if "callback" in one:
            raw["callback_due_at"] = _iso(now, one["callback"])
        past = replace(services, clock=FrozenClock(at))
        with past.transaction() as session:
            duty_log.add(session, parse(LogInput, raw), past.context(who))
    with services.transaction() as session:
        day = logs.today(session, now, services.rules)
        duty_log.note_day(session, day, parse(DayInput, told["day"]), services.context(who))


def _log_night(services: Services, change: Change, told: Mapping[str, Any], who: Who) -> int:
    """Write down the call that the watch before promised to answer; return its number."""
    past = _at(services, change, told["at"])
    raw = {name: value for name, value in told.items() if name in LOGGED}
    due = change.due_at - length(told["callback"])
    raw |= {"at": past.now().isoformat(), "callback_due_at": due.isoformat()}
    with past.transaction() as session:
        return duty_log.add(session, parse(LogInput, raw), past.context(who)).id


def _keep_promise(
    services: Services, change: Change, told: Mapping[str, Any], number: int, who: Who
) -> None:
    """Let the call be made, when its hour has come already."""
    then = _at(services, change, told["kept"])
    if then.now() > services.now():
        return
    with then.transaction() as session:
        bring = CloseInput(at=then.now(), summary=told["answer"])
        duty_log.close(session, duty_log.find(session, number), bring, then.context(who))


def _begin(services: Services, change: Change, leaves: Who) -> int:
    with services.transaction() as session:
        content = packet(session, change.began_at, services.now())
        return handover.begin(session, change, content, services.context(leaves)).id


def _at(services: Services, change: Change, before: str) -> Services:
    return replace(services, clock=FrozenClock(change.due_at - length(before)))


def _iso(now: datetime, ago: str) -> str:
    return (now - length(ago)).isoformat()


def _told() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / "watch.yaml").read_text(encoding="utf-8"))
    return found
