"""What the roster's forms send, as the inputs want it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from incident.errors import NotFound

Form = MultiDict[str, str]


def moment(text: str, zone: ZoneInfo) -> str:
    """Return a local time with its zone; what is none stays as it is, to be refused."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (read if read.tzinfo else read.replace(tzinfo=zone)).isoformat()


def typed(value: datetime, zone: ZoneInfo) -> str:
    """Return a moment as a field shows it."""
    return f"{value.astimezone(zone):%Y-%m-%dT%H:%M}"


def filled(form: Mapping[str, str], *names: str) -> dict[str, str]:
    """Return the fields that have something in them."""
    return {name: text for name in names if (text := form.get(name, "").strip())}


def span(form: Mapping[str, str], zone: ZoneInfo) -> dict[str, str]:
    """Return the beginning and the end of a length of time."""
    return {name: moment(text, zone) for name, text in filled(form, "starts_at", "ends_at").items()}


def post(form: Form) -> dict[str, Any]:
    """Return a post; the times at which shifts change stand in one field."""
    raw: dict[str, Any] = filled(form, "name", "role", "handover_lead")
    changes = form.get("changes", "").replace("，", ",").replace("、", ",").replace("：", ":")
    raw["changes"] = tuple(_padded(one.strip()) for one in changes.split(",") if one.strip())
    raw["two_tiers"] = "two_tiers" in form
    return raw


def order(form: Form) -> list[dict[str, str]]:
    """Return the pairs of a rotation; places without anybody are passed over."""
    mains, seconds = form.getlist("main"), form.getlist("stand_in")
    pairs = zip(mains, [*seconds, *[""] * len(mains)], strict=False)
    return [
        {"main": main, **({"stand_in": second} if second else {})} for main, second in pairs if main
    ]


def day(text: str) -> date:
    """Return a day of an address; raise NotFound."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NotFound from error


def month(text: str, today: date) -> date:
    """Return the first day of a month such as 2026-11; the present one for anything else."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)


def _padded(text: str) -> str:
    return text if len(text.partition(":")[0]) > 1 else f"0{text}"
