"""Find, read and check plans: which edition is in force for a kind, a place and a day."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path

from workflows import checking
from workflows.divisions import territory
from workflows.plan import MAIN_TRACK, Kind, Plan
from workflows.problems import BadPlan, Mistake, Problem
from workflows.reading import Read, read

__all__ = ["BadPlan", "Library", "PlanNotFound", "Problem", "check", "load_file", "released"]

FOLDER = Path(__file__).parent / "plans"
RELEASED = "RELEASED"
FRESH = "give the change a new edition and restore this file"


class PlanNotFound(LookupError):
    """No plan of that name, or none in force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """All plans, past editions too."""

    plans: tuple[Plan, ...]

    @classmethod
    def load(cls, folder: Path | None = None) -> "Library":
        """Read every plan of a folder, the shipped ones unless given.

        Raise BadPlan when any has a problem, a released edition that was changed among them.
        """
        paths = sorted((folder or FOLDER).glob("*.yaml"))
        found = [read(path) for path in paths]
        if problems := _problems(found):
            raise BadPlan(tuple(problems))
        return cls(plans=tuple(each.plan for each in found if each.plan))

    def plan(self, id: str) -> Plan:
        """Return a plan by its id; raise PlanNotFound."""
        for plan in self.plans:
            if plan.id == id:
                return plan
        raise PlanNotFound(id)

    def in_force(self, kind: Kind | str, jurisdiction: str, day: date) -> Plan:
        """Return the main plan of a kind for a division and a day.

        The plan of the smallest territory wins, local before national, and of its editions
        the one that came into force last; raise PlanNotFound.
        """
        kind = Kind(kind)
        held = [
            plan
            for plan in self._applying(kind, jurisdiction, day)
            if plan.track == MAIN_TRACK[kind]
        ]
        if not held:
            raise PlanNotFound(f"no {kind} plan for {jurisdiction} on {day}")
        return max(held, key=_precedence)

    def tracks(self, kind: Kind | str, jurisdiction: str, day: date) -> tuple[Plan, ...]:
        """Return the rule sets that apply beside the main one, of each track the most local."""
        kind = Kind(kind)
        beside: dict[str, Plan] = {}
        for plan in sorted(self._applying(kind, jurisdiction, day), key=_precedence):
            if plan.track != MAIN_TRACK[kind]:
                beside[plan.track] = plan
        return tuple(beside.values())

    def _applying(self, kind: Kind, jurisdiction: str, day: date) -> Iterator[Plan]:
        place = territory(jurisdiction)
        return (
            plan
            for plan in self.plans
            if kind in plan.kinds and plan.applies_in(place) and plan.is_in_force(day)
        )


def load_file(path: Path) -> Plan:
    """Read one plan file, draft or released; raise BadPlan."""
    found = read(path)
    if found.plan is None:
        raise BadPlan(found.problems)
    return found.plan


def check(paths: Iterable[Path]) -> list[Problem]:
    """Return every problem of the files, in order of file and line; none means they may be used."""
    return _problems([read(path) for path in paths])


def released(folder: Path) -> dict[str, str]:
    """Return the digest of each released edition by its file name, from the list in a folder."""
    listed = folder / RELEASED
    lines = listed.read_text(encoding="utf-8").splitlines() if listed.exists() else []
    pairs = (line.split() for line in lines if line.strip() and not line.startswith("#"))
    return {name: digest for digest, name in pairs}


def _problems(found: Sequence[Read]) -> list[Problem]:
    return sorted(
        {problem for each in found for problem in (*each.problems, *_deeper(each))}
        | set(_rivals(found))
    )


def _deeper(each: Read) -> Iterator[Problem]:
    """Return the problems that only a well-formed plan can have."""
    if each.plan is None:
        return
    path = Path(each.file)
    places = _places(each)
    for mistake in (
        *checking.mistakes(each.plan, places, path.name.removesuffix(".yaml")),
        *_tampering(each.plan, path),
    ):
        yield mistake.located(each.file, each.source.lines)


def _tampering(plan: Plan, path: Path) -> Iterator[Mistake]:
    digest = released(path.parent).get(path.name, plan.digest)
    if digest != plan.digest:
        yield Mistake(("edition",), f"the released edition {plan.id} was changed", FRESH)


def _places(each: Read) -> checking.Places:
    content = each.source.content
    assert isinstance(content, dict)  # noqa: S101 (a plan was made of it)
    return {
        str(item["id"]): (section, position)
        for section in checking.ITEMS
        for position, item in enumerate(content.get(section, ()))
    }


def _rivals(found: Sequence[Read]) -> Iterator[Problem]:
    """Return editions of one territory, track and kind of which none is the later one."""
    plans = [(each, each.plan) for each in found if each.plan]
    for (_, first), (each, second) in combinations(plans, 2):
        if _compete(first, second):
            what = f"{first.id} and {second.id} come into force on the same day"
            mistake = Mistake(("in_force_from",), what, "let the newer edition start later")
            yield mistake.located(each.file, each.source.lines)


def _compete(first: Plan, second: Plan) -> bool:
    return (
        first.track == second.track
        and first.jurisdiction == second.jurisdiction
        and first.in_force_from == second.in_force_from
        and bool(set(first.kinds) & set(second.kinds))
    )


def _precedence(plan: Plan) -> tuple[int, date]:
    local = 0 if plan.jurisdiction == "CN" else len(plan.jurisdiction)
    return local, plan.in_force_from or date.min
