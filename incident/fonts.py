"""Which font file plays which part in an official document."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from fontTools.ttLib import TTCollection, TTFont, TTLibError  # type: ignore[import-untyped]
from pydantic import TypeAdapter

from templates import ROOT

FREE_FACES = ROOT / "documents" / "fonts"
_SUFFIXES = {".ttf", ".otf", ".ttc"}
_FAMILY_NAME, _FULL_NAME, _POSTSCRIPT_NAME = 1, 4, 6


@dataclass(frozen=True, slots=True, kw_only=True)
class _Free:
    family: str
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    standard: str
    known: tuple[str, ...]
    free: _Free
    system: str


_TABLE = TypeAdapter(dict[str, _Part])


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """The face in use for one part; `file` is None when only the system's own face is left."""

    part: str
    standard: str
    family: str
    file: Path | None
    system: str

    @property
    def stack(self) -> str:
        """Return the value of CSS's font-family."""
        return f"{self.family}, {self.system}" if self.file else self.system


def faces(office_folder: Path | None = None, *, free_folder: Path = FREE_FACES) -> tuple[Face, ...]:
    """Choose for each part: the office's own font, else the free one, else the system's.

    `office_folder` is where an administrator puts fonts that may not be given away, such as
    方正小标宋; it need not exist.
    """
    text = (ROOT / "documents" / "fonts.yaml").read_text("utf-8")
    table = _TABLE.validate_python(yaml.safe_load(text))
    own = dict(_named_files(office_folder)) if office_folder else {}
    return tuple(_choose(name, part, own, free_folder) for name, part in table.items())


def stylesheet(chosen: Iterable[Face]) -> str:
    """Return the @font-face rules, with addresses that only our own fetcher understands."""
    return "\n".join(
        f'@font-face {{ font-family: {face.family}; src: url("font:{face.part}") }}'
        for face in chosen
        if face.file
    )


def fonts_report(office_folder: Path | None = None) -> tuple[tuple[str, bool, str], ...]:
    """Say for each part which face is in use: (part, whether it is a true face of that kind, face).

    Not true means that Noto stands in; `setup/fonts.sh` fetches the free faces.
    """
    return tuple(
        (face.part, face.file is not None, f"{face.family} for {face.standard}")
        for face in faces(office_folder)
    )


def _choose(name: str, part: _Part, own: dict[str, Path], free_folder: Path) -> Face:
    free = free_folder / part.free.file
    candidates = [(known, own[known]) for known in part.known if known in own]
    if free.is_file():
        candidates.append((part.free.family, free))
    family, file = candidates[0] if candidates else (part.system, None)
    return Face(part=name, standard=part.standard, family=family, file=file, system=part.system)


def _named_files(folder: Path) -> Iterator[tuple[str, Path]]:
    for file in sorted(folder.glob("*"), reverse=True):
        if file.suffix.lower() in _SUFFIXES:
            yield from ((name, file) for name in _names(file))


def _names(file: Path) -> set[str]:
    """Return the names that the font gives itself; none when the file is no font."""
    try:
        font = TTCollection(file).fonts[0] if file.suffix.lower() == ".ttc" else TTFont(file)
        wanted = (_FAMILY_NAME, _FULL_NAME, _POSTSCRIPT_NAME)
        return {name.toUnicode() for name in font["name"].names if name.nameID in wanted}
    except (TTLibError, OSError, KeyError, UnicodeDecodeError):
        return set()
