"""What is typed into a handover and into the duty log."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, Field, StringConstraints

from incident.errors import FieldError, InvalidInput
from incident.inputs.base import Id, Input, Line, Moment, Reason, Short, parse, printable

Check = Literal[
    "phone", "fax", "printer", "sound", "network", "radio", "vehicle", "seal", "documents"
]
CheckState = Literal["good", "fault", "unchecked"]
Channel = Literal["phone", "fax", "12345", "12315", "platform", "media", "web", "superior"]
Category = Literal["urgent", "warning", "document", "inquiry"]
CHECKS: tuple[str, ...] = get_args(Check)
CHECK_STATES: tuple[str, ...] = get_args(CheckState)
CHANNELS: tuple[str, ...] = get_args(Channel)
CATEGORIES: tuple[str, ...] = get_args(Category)
OLDEST = timedelta(days=7)  # a log is written down soon, or not as a log


Told = Annotated[str, StringConstraints(min_length=1, max_length=1000), AfterValidator(printable)]
Phone = Annotated[str, StringConstraints(min_length=1, max_length=20), AfterValidator(printable)]
DIALLED = frozenset("0123456789+-() ")


class Checked(Input):
    """One line of the equipment list; a fault says which."""

    name: Check
    state: CheckState
    note: Short | None = None


class SignInput(Input):
    """What the officer who leaves puts his name to beside the packet."""

    checklist: tuple[Checked, ...] = ()
    note: Told | None = None
    password: str | None = None


class TakeInput(Input):
    """What the officer who comes takes over: the ids of items, and why not the others."""

    accepted: frozenset[Id] = frozenset()
    reasons: Mapping[Id, Reason] = Field(default_factory=dict)
    password: str | None = None


class RefuseInput(Input):
    """Why nothing is taken over."""

    reason: Reason
    password: str | None = None


class LogInput(Input):
    """One call, fax or letter that came in, told to the minute."""

    at: Moment
    channel: Channel
    category: Category
    caller: Short | None = None
    organisation: Line | None = None
    phone: Phone | None = None
    summary: Told
    done: Told | None = None
    reported_to: Short | None = None
    reported_at: Moment | None = None
    instruction: Told | None = None
    feedback: Told | None = None
    callback_due_at: Moment | None = None


class CloseInput(Input):
    """How and when a promised call back was made."""

    at: Moment
    summary: Told


class DayInput(Input):
    """The weather and the great events of a day."""

    weather: Short | None = None
    events: Annotated[Line, StringConstraints(max_length=200)] | None = None


def log(raw: Mapping[str, Any], now: datetime) -> LogInput:
    """Return an entry of the log with all its times possible; raise InvalidInput."""
    read = parse(LogInput, raw)
    wrong = [*_past("at", read.at, now), *_past("reported_at", read.reported_at, now)]
    if read.reported_at is not None and read.reported_at < read.at:
        wrong.append(FieldError("reported_at", "before", {"other": "at"}))
    if read.reported_at is not None and read.reported_to is None:
        wrong.append(FieldError("reported_to", "required"))
    if read.callback_due_at is not None and read.callback_due_at < read.at:
        wrong.append(FieldError("callback_due_at", "before", {"other": "at"}))
    if read.phone is not None and not DIALLED.issuperset(read.phone):
        wrong.append(FieldError("phone", "bad-phone"))
    if wrong:
        raise InvalidInput(wrong)
    return read


def closing(raw: Mapping[str, Any], now: datetime) -> CloseInput:
    """Return how a promise was kept; raise InvalidInput."""
    read = parse(CloseInput, raw)
    if wrong := _past("at", read.at, now):
        raise InvalidInput(wrong)
    return read


def _past(name: str, moment: datetime | None, now: datetime) -> list[FieldError]:
    """Refuse what has not been yet, and what is too long ago."""
    if moment is None:
        return []
    if moment > now:
        return [FieldError(name, "in-future")]
    return [FieldError(name, "log-too-old", {"days": OLDEST.days})] if moment < now - OLDEST else []
