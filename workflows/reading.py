"""Read a plan file: its form is checked key by key, then it becomes a Plan."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any

from pydantic import ValidationError

from workflows.conditions import compile_condition
from workflows.criteria import Condition, open_starts, without_caps
from workflows.escalation import of_form
from workflows.forms import CriterionForm, ItemForm, PlanForm, ScopedForm
from workflows.plan import Callout, Clock, Criterion, Ending, Group, Measure, Note, Plan
from workflows.problems import Mistake, Path, Problem
from workflows.source import Source, parse

CONDITIONED = ("criteria", "notes", "clocks")


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


def _form(source: Source) -> tuple[PlanForm | None, list[Mistake]]:
    if source.content is None and source.mistakes:
        return None, list(source.mistakes)
    try:
        return PlanForm.model_validate(source.content), list(source.mistakes)
    except ValidationError as error:
        return None, [*source.mistakes, *map(mistake_of, error.errors())]


def mistake_of(error: Mapping[str, Any]) -> Mistake:
    """Return what pydantic found wrong as a mistake with its remedy."""
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


def _plan(form: PlanForm, conditions: Mapping[Path, Condition], digest: str) -> Plan:
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
        escalations=tuple(of_form(item, event=item.event) for item in form.escalations),
        termination=tuple(Ending(**_own(item)) for item in form.termination),
    )


def _criteria(form: PlanForm, conditions: Mapping[Path, Condition]) -> tuple[Criterion, ...]:
    """Return the criteria, gravest first, each with its floor."""
    whens = {item.id: conditions["criteria", n, "when"] for n, item in enumerate(form.criteria)}

    def floor(item: CriterionForm) -> Condition:
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
    "office",
    "in_force_from",
    "in_force_to",
)
_SCOPE = frozenset({"kinds", "grades", "settings"})


def _own(item: ItemForm, **more: object) -> dict[str, Any]:
    """Return the fields of an item, its three fields of scope joined into one."""
    own = {name: getattr(item, name) for name in type(item).model_fields if name not in _SCOPE}
    scope = {"scope": item.scope()} if isinstance(item, ScopedForm) else {}
    return own | scope | more
