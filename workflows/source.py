"""Read YAML and remember on which line everything stands."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn, cast

import yaml
from yaml.composer import ComposerError
from yaml.error import Mark

from workflows.problems import Mistake, Path

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # eight times as fast, where libyaml is
_DEEPEST = 100  # levels; libyaml's own limit is where the stack ends
_OPENS = (yaml.SequenceStartEvent, yaml.MappingStartEvent)
_CLOSES = (yaml.SequenceEndEvent, yaml.MappingEndEvent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A YAML file as plain values, the line of each, and what is wrong with it as YAML."""

    content: object
    lines: dict[Path, int]
    mistakes: tuple[Mistake, ...]


def parse(text: str) -> Source:
    """Read one document; text that is not YAML gives a mistake at its line."""
    try:
        _refuse_crooked(text)
        loader = LOADER(text)
        node = loader.get_single_node()
        content = loader.construct_document(node) if node else None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return _unreadable(error)
    lines: dict[Path, int] = {}
    mistakes = tuple(_walk(node, (), lines)) if node else ()
    return Source(content=content, lines=lines, mistakes=mistakes)


def _refuse_crooked(text: str) -> None:
    """Refuse aliases, which can bend a file into a circle and hide what a line says, and depths."""
    depth = 0
    for event in yaml.parse(text, Loader=LOADER):
        depth += isinstance(event, _OPENS) - isinstance(event, _CLOSES)
        if isinstance(event, yaml.AliasEvent):
            _refuse("aliases are not used in plans", event)
        if depth > _DEEPEST:
            _refuse(f"nested deeper than {_DEEPEST} levels", event)


def _refuse(why: str, event: yaml.Event) -> NoReturn:
    raise ComposerError(None, None, why, cast(Mark, event.start_mark))  # libyaml's are alike


def _unreadable(error: Exception) -> Source:
    told, line = str(error).partition("\n")[0], 1
    if isinstance(error, yaml.MarkedYAMLError):
        told = error.problem or told
        line = error.problem_mark.line + 1 if error.problem_mark else line
    mistake = Mistake((), f"not YAML: {told}", "mend the file's form")
    return Source(content=None, lines={(): line}, mistakes=(mistake,))


def _walk(node: yaml.Node, at: Path, lines: dict[Path, int]) -> Iterator[Mistake]:
    lines.setdefault(at, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for position, part in enumerate(node.value):
            yield from _walk(part, (*at, position), lines)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*at, str(key.value))
            if here in lines:
                lines[(*here, "again")] = key.start_mark.line + 1
                yield Mistake((*here, "again"), f"`{key.value}` stands twice", "keep one of them")
            lines[here] = key.start_mark.line + 1
            yield from _walk(value, here, lines)
