"""The example of docs/plans.md, as it stands and with a part replaced."""

import re
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs" / "plans.md"
NAME = "food-3205@2026.yaml"


def example() -> str:
    """Return the plan that the guide shows."""
    found = re.search(r"```yaml\n(id: .+?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return found[1]


def write(folder: Path, text: str, name: str = NAME) -> Path:
    """Write a plan file into a folder."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def replaced(old: str, new: str) -> tuple[str, int]:
    """Return the example with one passage replaced, and the line where the change starts."""
    text = example()
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the example"
    return text.replace(old, new), text[: text.index(old)].count("\n") + 1
