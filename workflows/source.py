"""Read YAML and remember on which line everything stands."""

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from workflows.problems import Mistake, Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A YAML file as plain values, the line of each, and what is wrong with it as YAML."""

    content: object
    lines: dict[Path, int]
    mistakes: tuple[Mistake, ...]


def parse(text: str) -> Source:
    """Read one document; text that is not YAML gives a mistake at its line."""
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        content = loader.construct_document(node) if node else None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return _unreadable(error)
    finally:
        loader.dispose()
    lines: dict[Path, int] = {}
    mistakes = tuple(_walk(node, (), lines)) if node else ()
    return Source(content=content, lines=lines, mistakes=mistakes)


def _unreadable(error: Exception) -> Source:
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    mistake = Mistake((), f"not YAML: {str(error).splitlines()[0]}", "mend the file's form")
    return Source(content=None, lines={(): mark.line + 1 if mark else 1}, mistakes=(mistake,))


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
