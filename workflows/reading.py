"""Read a plan file: its form is checked key by key, then it becomes a Plan."""

import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path as File
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from workflows.conditions import compile_condition
from workflows.criteria import Condition, open_starts, without_caps
from workflows.facts import SETTINGS
from workflows.lifecycle import Role
from workflows.plan import (
    TRACKS,
    Callout,
    CalloutEvent,
    Clock,
    Confidence,
    Criterion,
    Ending,
    Grade,
    Group,
    Kind,
    Limit,
    Measure,
    Note,
    Plan,
    Scope,
    Unit,
)
from workflows.problems import Mistake, Path, Problem
from workflows.source import Source, parse

IMMEDIATE = "immediate"
CONDITIONED = ("criteria", "notes", "clocks")
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


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class _Item(_Form):
    id: Text
    basis: Text
    confidence: Confidence


class _Scoped(_Item):
    kinds: frozenset[Kind] | None = None
    grades: frozenset[Grade] | None = None
    settings: frozenset[Setting] | None = None

    def scope(self) -> Scope:
        return Scope(kinds=self.kinds, grades=self.grades, settings=self.settings)


class _Criterion(_Item):
    grade: Grade
    text: Text
    when: object


class _Note(_Item):
    text: Text
    when: object


class _Clock(_Scoped):
    title: Text
    actor: Text
    receiver: Text
    starts: Annotated[tuple[Text, ...], Field(min_length=1)]
    within: Within
    satisfied_by: tuple[Text, ...] = ()
    repeats: Annotated[timedelta, BeforeValidator(_period)] | None = None
    when: object = None


class _Group(_Scoped):
    title: Text
    lead: Text
    members: tuple[Text, ...] = ()
    duties: Text


class _Measure(_Scoped):
    text: Text
    lead: Text
    group: Text
    evidence: Text
    within: Within


class _Callout(_Scoped):
    event: CalloutEvent
    roles: Annotated[tuple[Role, ...], Field(min_length=1)]


class _Ending(_Item):
    text: Text


class _Plan(_Form):
    id: Annotated[str, Field(pattern=r"^[a-z-]+-(CN|\d{2}|\d{4}|\d{6})@[\w-]+$")]
    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)]
    jurisdiction: Annotated[str, Field(pattern=r"^(CN|\d{2}|\d{4}|\d{6})$")]
    edition: Text
    track: Track
    title: Text
    document: Text
    remark: str = ""
    in_force_from: date | None
    in_force_to: date | None
    criteria: Annotated[tuple[_Criterion, ...], Field(min_length=1)]
    notes: tuple[_Note, ...] = ()
    clocks: tuple[_Clock, ...]
    groups: tuple[_Group, ...]
    measures: tuple[_Measure, ...]
    callouts: tuple[_Callout, ...]
    termination: tuple[_Ending, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A plan file as read: the plan, or None when it has problems."""

    file: str
    source: Source
    plan: Plan | None
    problems: tuple[Problem, ...]


def read(path: File) -> Read:
    """Read one file; whatever is wrong becomes a problem with its line."""
    try:
        stored = path.read_bytes()
        source = parse(stored.decode("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        return _unreadable(path, error)
    form, mistakes = _form(source)
    conditions = _conditions(source.content, mistakes)
    problems = tuple(sorted(m.located(str(path), source.lines) for m in mistakes))
    digest = hashlib.sha256(stored).hexdigest()
    plan = _plan(form, conditions, digest) if form and not problems else None
    return Read(file=str(path), source=source, plan=plan, problems=problems)


def _unreadable(path: File, error: Exception) -> Read:
    what = "not UTF-8" if isinstance(error, UnicodeDecodeError) else "cannot be read"
    mistake = Mistake((), what, "give the path of a plan, a YAML file in UTF-8")
    source = Source(content=None, lines={}, mistakes=(mistake,))
    problem = mistake.located(str(path), source.lines)
    return Read(file=str(path), source=source, plan=None, problems=(problem,))


def _form(source: Source) -> tuple[_Plan | None, list[Mistake]]:
    if source.content is None and source.mistakes:
        return None, list(source.mistakes)
    try:
        return _Plan.model_validate(source.content), list(source.mistakes)
    except ValidationError as error:
        return None, [*source.mistakes, *map(_mistake, error.errors())]


def _mistake(error: Mapping[str, Any]) -> Mistake:
    at: Path = tuple(error["loc"])
    name, context = at[-1] if at else "file", error.get("ctx", {})
    match error["type"]:
        case _ if error["input"] in (None, "") and error["type"] != "extra_forbidden":
            return Mistake(at, f"`{name}` is empty", "fill it in")
        case "missing":
            return Mistake(at, f"`{name}` is missing", f"add `{name}:`")
        case "extra_forbidden":
            return Mistake(at, f"unknown key `{name}`", "leave it out or correct its spelling")
        case "enum":
            return Mistake(at, f"unknown `{error['input']}`", f"one of {context['expected']}")
        case "limit" | "choice":
            return Mistake(at, error["msg"], context["right"])
    return Mistake(at, f"`{name}` does not suit", error["msg"].lower())


def _conditions(content: object, mistakes: list[Mistake]) -> dict[Path, Condition]:
    """Compile every `when`, even where other keys are wrong, so that all is told at once."""
    found: dict[Path, Condition] = {}
    if not isinstance(content, dict):
        return found
    for section in CONDITIONED:
        items = content.get(section)
        for position, item in enumerate(items if isinstance(items, list) else ()):
            if isinstance(item, dict) and "when" in item:
                at = (section, position, "when")
                found[at], wrong = compile_condition(item["when"], at)
                mistakes.extend(wrong)
    return found


def _plan(form: _Plan, conditions: Mapping[Path, Condition], digest: str) -> Plan:
    return Plan(
        **{name: getattr(form, name) for name in _PLAIN},
        digest=digest,
        criteria=_criteria(form, conditions),
        notes=tuple(
            Note(**_own(item, when=conditions["notes", n, "when"]))
            for n, item in enumerate(form.notes)
        ),
        clocks=tuple(
            Clock(**_own(item, when=conditions.get(("clocks", n, "when"))))
            for n, item in enumerate(form.clocks)
        ),
        groups=tuple(Group(**_own(item)) for item in form.groups),
        measures=tuple(Measure(**_own(item)) for item in form.measures),
        callouts=tuple(Callout(**_own(item)) for item in form.callouts),
        termination=tuple(Ending(**_own(item)) for item in form.termination),
    )


def _criteria(form: _Plan, conditions: Mapping[Path, Condition]) -> tuple[Criterion, ...]:
    """Return the criteria, gravest first, each with its floor."""
    whens = {item.id: conditions["criteria", n, "when"] for n, item in enumerate(form.criteria)}

    def floor(item: _Criterion) -> Condition:
        graver = (each for each in form.criteria if each.grade.severity > item.grade.severity)
        starts: dict[str, int] = {}
        for each in (each for each in graver if each.confidence.acts):
            for fact, number in open_starts(whens[each.id]).items():
                starts[fact] = min(number, starts.get(fact, number))
        return without_caps(whens[item.id], starts)

    gravest_first = sorted(form.criteria, key=lambda item: -item.grade.severity)
    return tuple(
        Criterion(**_own(item, when=whens[item.id], floor=floor(item))) for item in gravest_first
    )


_PLAIN = (
    "id",
    "kinds",
    "jurisdiction",
    "edition",
    "track",
    "title",
    "document",
    "remark",
    "in_force_from",
    "in_force_to",
)
_SCOPE = frozenset({"kinds", "grades", "settings"})


def _own(item: _Item, **more: object) -> dict[str, Any]:
    """Return the fields of an item, its three fields of scope joined into one."""
    own = {name: getattr(item, name) for name in type(item).model_fields if name not in _SCOPE}
    scope = {"scope": item.scope()} if isinstance(item, _Scoped) else {}
    return own | scope | more
