"""The form of a plan file: which keys it has, and what may stand in each."""

import re
from collections.abc import Callable, Collection
from datetime import date, timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from workflows.facts import SETTINGS
from workflows.lifecycle import Role
from workflows.plan import (
    TRACKS,
    CalloutEvent,
    ChannelName,
    Confidence,
    Grade,
    Kind,
    Limit,
    Scope,
    Tier,
    Unit,
)

IMMEDIATE = "immediate"
LIMIT = re.compile(r"(?P<number>[1-9]\d{0,3})(?P<unit>m|h|d|wd)")
FIXED = {Unit.MINUTES: timedelta(minutes=1), Unit.HOURS: timedelta(hours=1)}


def _limit(raw: object) -> Limit | None:
    if raw == IMMEDIATE:
        return None
    found = LIMIT.fullmatch(raw) if isinstance(raw, str) else None
    if found is None:
        wanted = "a number with m, h, d or wd, such as 2h or 7wd; or immediate"
        raise PydanticCustomError("limit", "`{said}` is no limit", {"said": raw, "right": wanted})
    return Limit(number=int(found["number"]), unit=Unit(found["unit"]))


def _period(raw: object) -> timedelta:
    limit = _limit(raw)
    if limit is None or limit.unit not in FIXED:
        wanted = "a number with m or h, such as 24h"
        raise PydanticCustomError("limit", "`{said}` is no period", {"said": raw, "right": wanted})
    return limit.number * FIXED[limit.unit]


def _after(raw: object) -> timedelta:
    return timedelta(0) if raw == IMMEDIATE else _period(raw)


def _one_of(known: Collection[str]) -> Callable[[str], str]:
    def check(raw: str) -> str:
        if raw not in known:
            context = {"said": raw, "right": f"one of {', '.join(known)}"}
            raise PydanticCustomError("choice", "unknown `{said}`", context)
        return raw

    return check


Text = Annotated[str, Field(min_length=1)]
Within = Annotated[Limit | None, BeforeValidator(_limit)]
Setting = Annotated[str, AfterValidator(_one_of(SETTINGS))]
Track = Annotated[str, AfterValidator(_one_of(TRACKS))]


Period = Annotated[timedelta, BeforeValidator(_period)]


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class ItemForm(Form):
    id: Text
    basis: Text
    confidence: Confidence


class ScopedForm(ItemForm):
    kinds: frozenset[Kind] | None = None
    grades: frozenset[Grade] | None = None
    settings: frozenset[Setting] | None = None

    def scope(self) -> Scope:
        return Scope(kinds=self.kinds, grades=self.grades, settings=self.settings)


class CriterionForm(ItemForm):
    grade: Grade
    text: Text
    when: object


class NoteForm(ItemForm):
    text: Text
    when: object


class ClockForm(ScopedForm):
    title: Text
    actor: Text
    receiver: Text
    starts: Annotated[tuple[Text, ...], Field(min_length=1)]
    within: Within
    satisfied_by: tuple[Text, ...] = ()
    repeats: Period | None = None
    when: object = None


class GroupForm(ScopedForm):
    title: Text
    lead: Text
    members: tuple[Text, ...] = ()
    duties: Text


class MeasureForm(ScopedForm):
    text: Text
    lead: Text
    group: Text
    evidence: Text
    within: Within


class CalloutForm(ScopedForm):
    event: CalloutEvent
    roles: Annotated[tuple[Role, ...], Field(min_length=1)]


class EscalationStepForm(Form):
    after: Annotated[timedelta, BeforeValidator(_after)]
    to: Tier
    channels: Annotated[tuple[ChannelName, ...], Field(min_length=1)]


class LadderForm(ScopedForm):
    """How something climbs, whatever the event."""

    steps: Annotated[tuple[EscalationStepForm, ...], Field(min_length=1)]
    repeats: Annotated[int, Field(ge=0, le=10)] = 0
    every: Period
    remind: Period | None = None


class EscalationForm(LadderForm):
    event: CalloutEvent


class EndingForm(ItemForm):
    text: Text


class PlanForm(Form):
    id: Annotated[str, Field(pattern=r"^[a-z-]+-(CN|\d{2}|\d{4}|\d{6})@[\w-]+$")]
    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)]
    jurisdiction: Annotated[str, Field(pattern=r"^(CN|\d{2}|\d{4}|\d{6})$")]
    edition: Text
    track: Track
    title: Text
    document: Text
    remark: str = ""
    office: Annotated[tuple[Text, ...], Field(min_length=1)]
    in_force_from: date | None
    in_force_to: date | None
    criteria: Annotated[tuple[CriterionForm, ...], Field(min_length=1)]
    notes: tuple[NoteForm, ...] = ()
    clocks: tuple[ClockForm, ...]
    groups: tuple[GroupForm, ...]
    measures: tuple[MeasureForm, ...]
    callouts: tuple[CalloutForm, ...]
    escalations: tuple[EscalationForm, ...] = ()
    termination: tuple[EndingForm, ...]
