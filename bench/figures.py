"""A figure with its aim and its floor; the table of many; and the file of a subject."""

import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.samples import median, milliseconds, percentile

RESULTS = Path(__file__).parent / "results"
HEADS = ("subject", "figure", "result", "floor", "aim", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured value. `floor` is the bare thing in the same run, `met` None without an aim."""

    subject: str
    name: str
    value: float
    unit: str = ""
    floor: float | None = None
    aim: str = ""
    met: bool | None = None

    @property
    def verdict(self) -> str:
        return "" if self.met is None else "met" if self.met else "NOT MET"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much to do: `quick` proves that the harness runs, its figures say little."""

    quick: bool
    folder: Path

    def pick(self, full: int, quick: int) -> int:
        return quick if self.quick else full


def delays(subject: str, name: str, times: Sequence[float], most: float) -> list[Figure]:
    """Return the median of delays and their p99, which should be under `most` seconds."""
    p99 = percentile(times, 0.99)
    return [
        Figure(subject=subject, name=f"{name}, p50", value=milliseconds(median(times)), unit="ms"),
        Figure(
            subject=subject,
            name=f"{name}, p99",
            value=milliseconds(p99),
            unit="ms",
            aim=f"< {most:g} s",
            met=p99 < most,
        ),
    ]


def rows(figures: Iterable[Figure]) -> list[tuple[str, ...]]:
    return [
        (
            figure.subject,
            figure.name,
            f"{shown(figure.value)} {figure.unit}".strip(),
            "" if figure.floor is None else shown(figure.floor),
            figure.aim,
            figure.verdict,
        )
        for figure in figures
    ]


def shown(value: float) -> str:
    """Write a number with three figures that mean something."""
    if value == int(value) and abs(value) < 1e6:
        return f"{int(value)}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def table(figures: Iterable[Figure]) -> str:
    """Return the figures as a table for a terminal."""
    lines = [HEADS, *rows(figures)]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    return "\n".join(_line(line, widths) for line in lines)


def markdown(figures: Iterable[Figure]) -> str:
    """Return the figures as a table for a document."""
    lines = [HEADS, ("---",) * len(HEADS), *rows(figures)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def save(subject: str, figures: Sequence[Figure], about: dict[str, Any], folder: Path) -> None:
    """Write the file of a subject."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {"about": about, "figures": [asdict(figure) for figure in figures]}
    text = json.dumps(content, ensure_ascii=False, indent=2)
    (folder / f"{subject}.json").write_text(text + "\n", encoding="utf-8")


def read(subject: str, folder: Path) -> tuple[list[Figure], dict[str, Any]]:
    """Return what was saved of a subject; nothing when it never ran."""
    path = folder / f"{subject}.json"
    if not path.exists():
        return [], {}
    content = json.loads(path.read_text(encoding="utf-8"))
    return [Figure(**figure) for figure in content["figures"]], content["about"]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (wide - _width(cell)) for cell, wide in zip(cells, widths, strict=True))
    return "  ".join(padded).rstrip()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
