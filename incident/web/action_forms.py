"""From the fields of a page's form to the input of an action."""

from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from incident.inputs.facts import MOMENTS
from incident.operations.facts import Facts
from workflows.facts import FACTS

Form = MultiDict[str, str]
Raw = dict[str, Any]
ANSWERS = {"met": True, "not_met": False, "unknown": None}
FLAGS = {"yes": True, "no": False}
FOLLOW_UPS = 50


def read(name: str, form: Form, zone: ZoneInfo) -> Raw:
    """Return what the fields of an action's form bring; an empty field brings nothing."""
    reader = _READERS.get(name)
    if reader is not None:
        return reader(form, zone)
    return plain(form, _PLAIN[name], zone)


def fields_of(facts: Facts, zone: ZoneInfo) -> Mapping[str, str]:
    """Return the known facts as the values of their fields."""
    return {f"facts.{name}": _field(name, value, zone) for name, value in facts.items()}


def moment(text: str, zone: ZoneInfo) -> str:
    """Return a local time of a form with its zone; what is no time stays as it is."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone).isoformat()
    except ValueError:
        return text


_PLAIN: Mapping[str, tuple[str, ...]] = {
    "verify": ("conclusion", "differences"),
    "dismiss": ("reason",),
    "merge": ("into", "reason"),
    "transfer": ("office", "acceptance"),
    "propose_grade": ("grade", "reason"),
    "approve_grade": ("grade", "criterion", "expert_advice", "reason"),
    "activate": ("matters", "level", "expected_until", "measures", "reason"),
    "regrade": ("grade", "reason"),
    "dispose": ("reason",),
    "reopen": ("reason",),
    "note": ("text", "at", "corrects"),
    "instruct": ("text", "preset", "owner", "due_at"),
    "acknowledge": ("answer", "note"),
}
_TIMES = ("expected_until", "at", "due_at", "as_of")


def plain(form: Form, names: tuple[str, ...], zone: ZoneInfo) -> Raw:
    """Return the named fields that are filled, times with their zone."""
    raw = {name: value for name in names if (value := form.get(name, "").strip())}
    return {name: moment(v, zone) if name in _TIMES else v for name, v in raw.items()}


def _convene(form: Form, zone: ZoneInfo) -> Raw:
    return {
        **plain(form, ("question", "due_at"), zone),
        "evidence": [_number(item) for item in form.getlist("evidence")],
        "experts": form.getlist("experts"),
    }


def _conclude(form: Form, zone: ZoneInfo) -> Raw:
    adopted = {
        "grade": form.get("adopted.grade", "") or None,
        "measures": form.get("adopted.measures", "").split("\n"),
        "briefing": form.get("adopted.briefing", "").strip() or None,
    }
    adopted["measures"] = [line.strip() for line in adopted["measures"] or () if line.strip()]
    return {
        **plain(form, ("conclusion", "dissent"), zone),
        "adopted": adopted,
        "password": form.get("password") or "-",
    }


def _terminate(form: Form, zone: ZoneInfo) -> Raw:
    findings = {
        name.removeprefix("findings."): ANSWERS.get(value)
        for name, value in form.items()
        if name.startswith("findings.")
    }
    return {**plain(form, ("override", "password"), zone), "findings": findings}


def _archive(form: Form, zone: ZoneInfo) -> Raw:
    return {
        "review": review(form),
        "follow_ups": follow_ups(form),
        "personal_data": _under("personal_data", form, ("decision", "reason")),
    }


def review(form: Form) -> Raw:
    """Return the text of a review."""
    return _under("review", form, ("course", "well", "not_well"))


def _under(prefix: str, form: Form, names: tuple[str, ...]) -> Raw:
    found = {name: form.get(f"{prefix}.{name}", "").strip() for name in names}
    return {name: value for name, value in found.items() if value}


def follow_ups(form: Form) -> list[Raw]:
    """Return the rows in which something is written, in their order."""
    rows: list[Raw] = []
    for index in count():
        if f"follow_ups.{index}.what" not in form or index >= FOLLOW_UPS:
            return rows
        row = _under(f"follow_ups.{index}", form, ("what", "owner", "due_on"))
        if row:
            rows.append(row)
    return rows


def _update_facts(form: Form, zone: ZoneInfo) -> Raw:
    """Return the facts whose fields differ from what the writer was shown (`was.NAME`)."""
    stated = {
        name.removeprefix("facts."): text.strip()
        for name, text in form.items()
        if name.startswith("facts.")
    }
    changed = {
        name: _value(name, text, zone)
        for name, text in stated.items()
        if _one_line(text) != _one_line(form.get(f"was.{name}", ""))
    }
    return {**plain(form, ("source", "basis", "as_of", "reason"), zone), "facts": changed}


def rebased(form: Form, stored: Mapping[str, str]) -> Mapping[str, str]:
    """Return a form's values over facts that somebody else has changed meanwhile.

    What the writer changed stays as typed; the other fields show the facts as they now are.
    """
    values = {name: value for name, value in form.items() if not name.startswith("was.")}
    for field in [name for name in values if name.startswith("facts.")]:
        was = form.get(f"was.{field.removeprefix('facts.')}", "")
        if _one_line(values[field]) == _one_line(was):
            values[field] = stored.get(field, "")
    return {**{n: v for n, v in stored.items() if n not in values}, **values}


def _value(name: str, text: str, zone: ZoneInfo) -> Any:
    """Return what a field says: a number, a yes or no, a moment or words; None when empty."""
    if not text:
        return None
    fact = FACTS.get(name)
    if fact is not None and fact.kind == "count":
        return _number(text)
    if fact is not None and fact.kind == "flag":
        return FLAGS.get(text, text)
    return moment(text, zone) if name in MOMENTS else text


def _one_line(text: str) -> str:
    """Return a text without the ways in which browsers send a line break."""
    return "\n".join(text.strip().splitlines())


def _field(name: str, value: Any, zone: ZoneInfo) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name in MOMENTS:
        try:
            return f"{datetime.fromisoformat(str(value)).astimezone(zone):%Y-%m-%dT%H:%M}"
        except ValueError:
            return str(value)
    return str(value)


def _number(text: str) -> int | str:
    """Return a whole number; what is none stays as it is and is refused where it is read."""
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 12 else text


Reader = Callable[[Form, ZoneInfo], Raw]
_READERS: Mapping[str, Reader] = {
    "convene": _convene,
    "conclude": _conclude,
    "terminate": _terminate,
    "archive": _archive,
    "update_facts": _update_facts,
}
