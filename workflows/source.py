"""Read YAML and remember on which line everything stands."""

from collections.abc import Iterator
from dataclasses import dataclass

import yaml
from yaml.composer import ComposerError

from workflows.problems import Mistake, Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A YAML file as plain values, the line of each, and what is wrong with it as YAML."""

    content: object
    lines: dict[Path, int]
    mistakes: tuple[Mistake, ...]


class _Loader(yaml.SafeLoader):
    """Refuses aliases: they can bend a file into a circle, and hide what a line says."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise ComposerError(None, None, "aliases are not used in plans", mark)
        return super().compose_node(parent, index)


def parse(text: str) -> Source:
    """Read one document; text that is not YAML gives a mistake at its line."""
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        content = loader.construct_document(node) if node else None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return _unreadable(error)
    lines: dict[Path, int] = {}
    mistakes = tuple(_walk(node, (), lines)) if node else ()
    return Source(content=content, lines=lines, mistakes=mistakes)


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
