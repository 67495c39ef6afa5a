"""Find plans: which edition is in force for a kind, a place and a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from workflows.plan import MAIN_TRACK, Kind, Plan

FOLDER = Path(__file__).parent / "plans"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong in a plan file, where, and what would be right; lines count from 1."""

    file: str
    line: int
    what: str
    right: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}; {self.right}"


class BadPlan(ValueError):
    """A plan file that cannot be used."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class PlanNotFound(LookupError):
    """No plan of that name, or none in force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """All plans, past editions too."""

    plans: tuple[Plan, ...]

    @classmethod
    def load(cls, folder: Path | None = None) -> "Library":
        """Read every plan of a folder, the shipped ones unless given; raise BadPlan."""
        raise NotImplementedError

    def plan(self, id: str) -> Plan:
        """Return a plan by its id; raise PlanNotFound."""
        raise NotImplementedError

    def in_force(self, kind: Kind | str, jurisdiction: str, day: date) -> Plan:
        """Return the main plan of a kind for a division and a day, local before national."""
        raise NotImplementedError

    def tracks(self, kind: Kind | str, jurisdiction: str, day: date) -> tuple[Plan, ...]:
        """Return the rule sets that apply beside the main one."""
        raise NotImplementedError


def load_file(path: Path) -> Plan:
    """Read one plan file; raise BadPlan."""
    raise NotImplementedError


def check(paths: Iterable[Path]) -> list[Problem]:
    """Return every problem of the files, in order of file and line."""
    raise NotImplementedError


_ = MAIN_TRACK
