"""The facts of an official document, each from something stored."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from incident import words
from incident.documents import Counts, Facts
from incident.inputs.facts import MOMENTS
from incident.inputs.report import COUNTS
from incident.models import Incident, Observation
from incident.operations import grading
from incident.operations.briefing_sources import Stored
from incident.operations.steps import UNGRADED
from incident.operations.tasks import DONE, OPEN, STARTED

Text = Mapping[str, Any]
COUNTED = tuple(name for name in COUNTS if name != "unexpected")
REACH = ("provinces", "cities", "counties", "towns")
STEPS_SHOWN = 3
MEASURES_SHOWN = 12
HOUR = 3600


def compose(stored: Stored, text: Text) -> Facts:
    """Return what is known; words of people stand beside it, never in the place of a number."""
    incident, told, values = stored.incident, stored.told, stored.values
    grade, grade_basis = _grade(stored)
    return Facts(
        name=incident.title,
        kind=incident.kind,  # type: ignore[arg-type]  # a report takes no other
        occurred_at=occurred_at(stored),
        received_at=incident.received_at,
        source=words.label("sources", told["source"]) if told["source"] else None,
        reporter=told.get("reporter"),
        reporter_contact=told.get("contact"),
        place=_place(stored),
        unit=incident.unit or told.get("unit"),
        licence=told.get("licence"),
        course=text.get("course") or _course(stored),
        counts=_counts(stored),
        symptoms=values.get("symptoms"),
        first_onset_at=_moment_of(values.get("first_onset_at")),
        last_onset_at=_moment_of(values.get("last_onset_at")),
        incubation=_incubation(stored) or text.get("incubation"),
        suspect=_suspect(values),
        samples=text.get("samples"),
        cause=values.get("cause"),
        scope=_scope(values),
        loss=text.get("loss"),
        trend=text.get("trend") or _trend(stored),
        opinion=text.get("opinion"),
        measures=_measures(stored),
        next_steps=tuple(text.get("next_steps", ())) or _next_steps(stored),
        support=text.get("support"),
        grade=grade,
        grade_basis=grade_basis,
        response=_response(stored),
    )


def say(key: str, **values: object) -> str:
    """Return a phrase of a briefing; papers are Chinese whatever the page's language."""
    return words.phrase("briefings", key, values)


def at(stored: Stored, moment: datetime) -> str:
    """Return a moment on the office's clock, as papers write it."""
    return say("moment", t=moment.astimezone(stored.rules.zone))


def level(grade: object) -> str:
    """Return a grade by its numeral alone."""
    return words.label("briefings", f"level_{grade}")


def occurred_at(stored: Stored) -> datetime | None:
    """Return when it happened, by the first report or by a later one that says so."""
    return stored.incident.occurred_at or _moment_of(stored.told.get("occurred_at"))


def _moment_of(value: object) -> datetime | None:
    return datetime.fromisoformat(str(value)) if value else None


def _place(stored: Stored) -> str | None:
    incident = stored.incident
    division = stored.rules.divisions.full_name(incident.division) or ""
    return division + (incident.address or stored.told.get("address") or "") or None


def _course(stored: Stored) -> str | None:
    lines = list(dict.fromkeys(stored.told["narratives"]))
    verified = stored.steps.get("verify")
    if verified is not None:
        lines.append(say("verified", at=at(stored, verified.at), text=verified.text))
    return "\n".join(lines) or None


def _counts(stored: Stored) -> Counts:
    known = {name: stored.known[name] for name in COUNTED if name in stored.known}
    if not known:
        return Counts()
    newest = max(row.as_of for row in known.values())
    return Counts(
        **{name: row.value for name, row in known.items()},
        basis=_basis(stored, known, newest),
        as_of=newest,
    )


def _basis(stored: Stored, known: Mapping[str, Observation], newest: datetime) -> str | None:
    """Return how persons were counted, and which numbers are older than the rest."""
    parts = []
    if basis := _how_counted(stored):
        parts.append(say("counted", basis=words.label("count_bases", basis)))
    older: dict[datetime, list[str]] = {}
    for name, row in known.items():
        if row.as_of < newest:
            older.setdefault(row.as_of, []).append(words.label("briefings", f"count_{name}"))
    for moment in sorted(older):
        names = say("gap").join(older[moment])
        parts.append(say("counted_then", names=names, at=at(stored, moment)))
    return say("stop").join(parts) or None


def _how_counted(stored: Stored) -> str | None:
    """Return the basis of the number of the ill, else of the counts altogether."""
    ill = stored.known.get("ill")
    return (ill.basis if ill else None) or stored.values.get("count_basis")


def _incubation(stored: Stored) -> str | None:
    """Return the hours from the event to the first and the last onset, where both came after."""
    start, values = occurred_at(stored), stored.values
    first, last = (_moment_of(values.get(f"{name}_onset_at")) for name in ("first", "last"))
    if start is None or first is None or last is None or not start < first <= last:
        return None
    hours = [f"{(moment - start).total_seconds() / HOUR:.1f}" for moment in (first, last)]
    return say("incubation", first=hours[0], last=hours[1])


def _suspect(values: Mapping[str, Any]) -> str | None:
    parts = [values.get(name) for name in ("meal", "suspect_product", "suspect_producer")]
    if batch := values.get("suspect_batch"):
        parts.append(say("batch", batch=batch))
    parts.append(values.get("approval_no"))
    return say("comma").join(str(part) for part in parts if part) or None


def _scope(values: Mapping[str, Any]) -> str | None:
    places = [say(f"reach_{name}", n=values[name]) for name in REACH if values.get(name)]
    if values.get("overseas"):
        places.append(say("reach_overseas"))
    return say("reach", places=say("gap").join(places)) if places else None


def _trend(stored: Stored) -> str | None:
    """Return how the number of the ill went between its first and its last observation."""
    if len(stored.ill) < 2:
        return None
    first, last = stored.ill[0], stored.ill[-1]
    key = "same" if first.value == last.value else "more" if first.value < last.value else "fewer"
    return say(
        f"trend_{key}",
        before=first.value,
        after=last.value,
        **{"from": at(stored, first.as_of), "until": _until(stored, first.as_of, last.as_of)},
    )


def _until(stored: Stored, start: datetime, end: datetime) -> str:
    """Return the end of a span; on the same day its hour is enough."""
    if stored.rules.day(start) != stored.rules.day(end):
        return at(stored, end)
    return say("hour", t=end.astimezone(stored.rules.zone))


def _measures(stored: Stored) -> tuple[str, ...]:
    found = split(str(stored.values.get("measures") or ""))
    if (activated := stored.steps.get("activate")) is not None:
        found.append(say("ordered", measures=activated.data["measures"]))
    found += [task.title for task in stored.tasks if task.status == DONE]
    return tuple(dict.fromkeys(found))[:MEASURES_SHOWN]


def _next_steps(stored: Stored) -> tuple[str, ...]:
    """Return the tasks that are still to be done, the nearest due first."""
    left = [task for task in stored.tasks if task.status in (OPEN, STARTED)]
    left.sort(key=lambda task: (task.due_at is None, task.due_at or task.created_at, task.id))
    return tuple(task.title for task in left[:STEPS_SHOWN])


def split(text: str) -> list[str]:
    """Return the points of a text that lists them."""
    return [part.strip() for part in re.split(r"[；;\r\n]+", text) if part.strip()]


def _grade(stored: Stored) -> tuple[str | None, str | None]:
    """Return the grade in words and what it rests on; before the approval it says what it is."""
    incident, proposal = stored.incident, stored.proposal
    if incident.grade is not None:
        return words.label("grades", incident.grade), _ground(stored)
    if proposal is not None:
        proposed = words.label("grades", proposal.grade)
        return say("grade_proposed", grade=proposed), proposal.reason
    said = grading.verdict(incident, stored.values, stored.rules)
    if said.grade is None:
        return None, None
    suggested = say("grade_suggested", grade=words.label("grades", said.grade))
    return suggested, said.because[0].text if said.because else None


def _ground(stored: Stored) -> str | None:
    return (stored.proposal.criterion or stored.proposal.reason) if stored.proposal else None


def _response(stored: Stored) -> str | None:
    moments, activated = stored.moments, stored.steps.get("activate")
    if activated is None:
        return _without_response(stored.incident)
    told: dict[str, object] = {
        "from": at(stored, activated.at),
        "level": level(activated.data["level"]),
    }
    if (ended := moments.get("terminated")) is None:
        return say("response_on", **told)
    return say("response_over", until=at(stored, ended), **told)


def _without_response(incident: Incident) -> str | None:
    return say("response_none") if incident.grade == UNGRADED else None


def differences(stored: Stored) -> Iterator[tuple[str, Any, Any]]:
    """Yield (name, before, now) of each fact that the previous report told otherwise."""
    if stored.previous is None:
        return
    before: Mapping[str, Any] = stored.previous.facts.get("known", {})
    names = dict.fromkeys((*COUNTS, *before, *stored.known))
    for name in names:
        old, new = before.get(name, {}).get("value"), stored.values.get(name)
        if old != new:
            yield name, old, new


def shown(stored: Stored, name: str, value: Any) -> str | int | None:
    """Return a fact's value as papers write it; None stays unknown."""
    if isinstance(value, bool):
        return words.label("common", "yes" if value else "no")
    if name == "setting":
        return value and words.label("settings", value)
    if name == "count_basis":
        return value and words.label("count_bases", value)
    if name in MOMENTS:
        moment = _moment_of(value)
        return at(stored, moment) if moment else None
    return value if isinstance(value, int) or value is None else str(value)
