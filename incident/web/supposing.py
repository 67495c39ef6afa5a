"""The form of a supposition, and its answer in words: what would have been otherwise, and how."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from incident.models import Incident
from incident.queries import what_if
from incident.queries.dial import Dial
from incident.web.desk import services
from incident.web.looks import duration, label, phrase
from workflows.ringing import Ring, Rings
from workflows.supposing import Compared, Fate, Shift

MINUTES = 40  # as the question is mostly put
MOST = 7 * 24 * 60
EARLIER, LATER = "earlier", "later"


def read(
    session: Session, incident: Incident, dial: Dial, asked: Mapping[str, str]
) -> dict[str, object]:
    """Return the form as it was filled, and what follows; nothing follows before a step is told."""
    desk = services()
    steps = what_if.steps(session, incident, dial, rules=desk.rules)
    step = asked.get("step", "")
    minutes, wrong = _minutes(asked.get("minutes"))
    way = LATER if asked.get("way") == LATER else EARLIER
    along = asked.get("along") == "yes"
    found = None
    if step in steps and wrong is None:
        found = what_if.what_if(
            session,
            incident,
            dial,
            step=step,
            by=timedelta(minutes=minutes if way == LATER else -minutes),
            along=along,
            now=desk.now(),
            rules=desk.rules,
        )
    return {
        "steps": steps,
        "asked": {"step": step if step in steps else _usual(steps), "way": way, "along": along},
        "minutes": asked.get("minutes", str(MINUTES)),
        "most": MOST,
        "wrong": wrong,
        "found": found,
        "clocks": [_clock(one) for one in found.clocks] if found else [],
        "rings": [_ring(one) for one in found.rings] if found else [],
        "moved": _moved(found.shift) if found else None,
    }


def _minutes(asked: str | None) -> tuple[int, str | None]:
    if asked is None:
        return MINUTES, None
    if asked.isascii() and asked.isdigit() and int(asked) <= MOST:
        return int(asked), None
    return 0, phrase("replay", "wrong_minutes", most=MOST)


def _usual(steps: tuple[str, ...]) -> str | None:
    if "graded" in steps:
        return "graded"
    return steps[0] if steps else None


def _moved(shift: Shift) -> dict[str, object]:
    """Return the finding's head: what is supposed, and what stood in the way of more."""
    step = label("moments", shift.step)
    told = phrase("replay", "supposed", step=step, how=_by(shift.by))
    bound = None
    if shift.bound is not None:
        key = "bound_earlier" if shift.asked < timedelta() else "bound_later"
        bound = phrase("replay", key, step=step, bound=label("moments", shift.bound))
    return {
        "text": told if shift.by else phrase("replay", "not_moved", step=step),
        "bound": bound,
        "along": [label("moments", name) for name in shift.along],
        "before": shift.before,
        "after": shift.after,
    }


def _clock(one: Compared) -> dict[str, object]:
    return {
        "clock": one.ran.clock,
        "before": one.before,
        "after": one.after,
        "differs": one.differs,
        "what": _differences(one.before, one.after),
    }


def _differences(before: Fate | None, after: Fate | None) -> list[str]:
    """Return in words how a clock would have been otherwise."""
    if before is None or after is None:
        return [phrase("replay", "only_before" if after is None else "only_after")]
    told = []
    if before.starts_at != after.starts_at:
        told.append(_shifted("starts_moved", before.starts_at, after.starts_at))
    elif before.since != after.since:
        told.append(_shifted("known_moved", before.since, after.since))
    if before.due_at and after.due_at and before.due_at != after.due_at:
        told.append(_shifted("due_moved", before.due_at, after.due_at))
    if before.done_at and after.done_at and before.done_at != after.done_at:
        told.append(_shifted("done_moved", before.done_at, after.done_at))
    if before.how != after.how:
        how = {"before": label("replay", before.how), "after": label("replay", after.how)}
        told.append(phrase("replay", "became", **how))
    return told


def _ring(one: Rings) -> dict[str, object]:
    return {
        "event": one.any.event,
        "clock": one.any.clock,
        "before": one.before,
        "after": one.after,
        "differs": one.differs,
        "what": _called_otherwise(one.before, one.after),
    }


def _called_otherwise(before: Ring | None, after: Ring | None) -> list[str]:
    if before is None or after is None:
        return [phrase("replay", "no_call" if after is None else "new_call")]
    told = []
    if before.at != after.at:
        told.append(_shifted("call_moved", before.at, after.at))
    fewer = len(before.rungs) - len(after.rungs)
    if fewer:
        told.append(phrase("replay", "fewer" if fewer > 0 else "more", n=abs(fewer)))
    if before.siren_at and not after.siren_at:
        told.append(phrase("replay", "no_siren"))
    if after.siren_at and not before.siren_at:
        told.append(phrase("replay", "new_siren"))
    if before.policy != after.policy:
        told.append(phrase("replay", "other_policy"))
    return told


def _shifted(what: str, before: datetime, after: datetime) -> str:
    return phrase("replay", what, how=_by(after - before))


def _by(length: timedelta) -> str:
    return phrase("replay", EARLIER if length < timedelta() else LATER, time=duration(abs(length)))
