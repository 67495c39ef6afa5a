"""What is wrong in a plan file, and where."""

from collections.abc import Mapping
from dataclasses import dataclass

Path = tuple[int | str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """What is wrong, where, and what would be right; lines count from 1."""

    file: str
    line: int
    what: str
    right: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}; {self.right}"


@dataclass(frozen=True, slots=True)
class Mistake:
    """The same before its line is looked up: `at` is the path of keys and positions."""

    at: Path
    what: str
    right: str

    def located(self, file: str, lines: Mapping[Path, int]) -> Problem:
        """Find the line of the path, or of the nearest thing around it."""
        at = self.at
        while at not in lines and at:
            at = at[:-1]
        return Problem(file=file, line=lines.get(at, 1), what=self.what, right=self.right)


class BadPlan(ValueError):
    """A plan file that cannot be used."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems
