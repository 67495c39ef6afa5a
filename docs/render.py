"""Write the parts of the papers that the code knows better; a test fails when they are stale."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

from incident.settings import SETTINGS

DOCS = Path(__file__).resolve().parent


def settings() -> str:
    """Return the table of all settings."""
    rows = [
        f"| `{one.name}` | {f'`{one.default}`' if one.default else '–'} | {one.purpose} |"
        for one in SETTINGS
    ]
    return "\n".join(["| name | default | what it says |", "|---|---|---|", *rows])


# Paper -> section -> what makes it. A section stands between `<!-- name -->` and `<!-- /name -->`.
SECTIONS: dict[str, dict[str, Callable[[], str]]] = {
    "running.md": {"settings": settings},
}


def rendered(paper: str) -> str:
    """Return the paper with its sections made anew; raise ValueError when a section is missing."""
    text = (DOCS / paper).read_text()
    for name, make in SECTIONS[paper].items():
        section = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.S)
        if not section.search(text):
            raise ValueError(f"{paper} has no section {name}")
        body = make()
        text = section.sub(lambda match, body=body: f"{match[1]}\n{body}\n\n{match[2]}", text)
    return text


def main() -> None:
    for paper in SECTIONS:
        (DOCS / paper).write_text(rendered(paper))
        sys.stdout.write(f"{paper}\n")


if __name__ == "__main__":
    main()
