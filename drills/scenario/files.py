"""Scenario files: read one, check it with lines, and find those that are shipped."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path as File
from typing import Any

from pydantic import ValidationError

from drills.scenario import content, flow, hopes, names
from drills.scenario.condition_reading import BadCondition
from drills.scenario.schema import Scenario
from workflows.library import Library
from workflows.problems import Mistake, Problem
from workflows.reading import mistake_of
from workflows.source import Source, parse

FOLDER = File(__file__).parents[1] / "scenarios"
LARGEST = 1024 * 1024
KEPT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A scenario file as read: the scenario, or None when its form is wrong."""

    file: str
    source: Source
    scenario: Scenario | None
    wrong: tuple[Mistake, ...]

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return what is wrong with its form, by line."""
        return tuple(sorted(self.located(self.wrong)))

    def located(self, mistakes: Iterable[Mistake]) -> Iterator[Problem]:
        """Return mistakes with the lines of the file."""
        return (one.located(self.file, self.source.lines) for one in mistakes)


class BadScenario(ValueError):
    """A scenario file that cannot be played."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def load(path: File) -> Scenario:
    """Return a scenario, well formed though not yet checked; raise BadScenario."""
    stat = path.stat()
    found = _read_once(path, stat.st_mtime_ns, stat.st_size)
    if found.scenario is None:
        raise BadScenario(found.problems)
    return found.scenario


def shipped(folder: File = FOLDER) -> Mapping[str, Scenario]:
    """Return the scenarios of a folder by their id."""
    found = (load(path) for path in sorted(folder.glob("*.yaml")))
    return {scenario.id: scenario for scenario in found}


def check(paths: Iterable[File], library: Library) -> list[Problem]:
    """Return every problem of the files, by file and line; none means that they can be played."""
    return sorted({problem for path in paths for problem in _problems(read(path), library)})


def mistakes(scenario: Scenario, library: Library) -> list[Mistake]:
    """Return what is wrong in a scenario that is well formed."""
    return [
        *names.mistakes(scenario, library),
        *flow.mistakes(scenario),
        *content.mistakes(scenario),
        *hopes.mistakes(scenario, library),
    ]


def read(path: File) -> Read:
    """Read one file; whatever is wrong with its form becomes a problem with its line."""
    try:
        if path.stat().st_size > LARGEST:
            return _unreadable(path, "is larger than 1 MiB")
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return _unreadable(path, "not UTF-8")
    except OSError:
        return _unreadable(path, "cannot be read")
    return read_text(path.name, text)


def read_text(name: str, text: str) -> Read:
    """Read a scenario from text; `name` stands for its file."""
    source = parse(text)
    wrong, scenario = list(source.mistakes), None
    if source.content is not None or not wrong:
        try:
            scenario = Scenario.model_validate(source.content)
        except ValidationError as error:
            wrong += [mistake_from(dict(item)) for item in error.errors()]
    return Read(file=name, source=source, scenario=scenario, wrong=tuple(wrong))


@lru_cache(maxsize=KEPT)
def _read_once(path: File, changed: int, size: int) -> Read:
    """Read a file again only when it was changed: the engine asks every second."""
    return read(path)


def _problems(found: Read, library: Library) -> list[Problem]:
    if found.scenario is None:
        return list(found.problems)
    wrong = mistakes(found.scenario, library)
    if found.scenario.id != found.file.removesuffix(".yaml"):
        right = f"name the file {found.scenario.id}.yaml"
        wrong.append(Mistake(("id",), f"the file is named {found.file}", right))
    return [*found.problems, *found.located(wrong)]


def mistake_from(error: Mapping[str, Any]) -> Mistake:
    """Return what pydantic found wrong in a scenario as a mistake with its remedy."""
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, BadCondition):
        return Mistake((*error["loc"], *cause.at), cause.what, cause.right)
    at, told = tuple(error["loc"]), error["input"]
    if error["type"] == "string_pattern_mismatch":
        right = f"write it as {error['ctx']['pattern']}"
        return Mistake(at, f"{at[-1]} `{told}` does not suit", right)
    if error["type"] == "literal_error":
        return Mistake(at, f"unknown {at[-1]} `{told}`", f"one of {error['ctx']['expected']}")
    return mistake_of(error)


def _unreadable(path: File, what: str) -> Read:
    mistake = Mistake((), what, "give the path of a scenario, a YAML file in UTF-8")
    source = Source(content=None, lines={}, mistakes=(mistake,))
    return Read(file=path.name, source=source, scenario=None, wrong=(mistake,))
