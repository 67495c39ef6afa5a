"""Write the parts of the papers that the code knows better; a test fails when they are stale."""

import re
import runpy
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from incident import words
from incident.settings import SETTINGS
from notifications.registered import DRILL
from notifications.registered import registered as texts
from workflows.lifecycle import TRANSITIONS

DOCS = Path(__file__).resolve().parent
PROOFS = runpy.run_path(str(DOCS / "proofs.py"))


def settings() -> str:
    """Return the table of all settings."""
    rows = [
        f"| `{one.name}` | {f'`{one.default}`' if one.default else '–'} | {one.purpose} |"
        for one in SETTINGS
    ]
    return "\n".join(["| name | default | what it says |", "|---|---|---|", *rows])


def registered() -> str:
    """Return the texts that a gateway of the mainland must have registered."""
    rows = [
        f"| `{name}` | {text.replace('{', '${')} |"
        for name, text in texts().items()
        if not name.startswith(DRILL)
    ]
    return "\n".join(["| name | text |", "|---|---|", *rows])


def diagram() -> str:
    """Return the life of an incident as a Mermaid diagram."""
    arrows = dict.fromkeys(
        f"    {row.source} --> {row.lands_in()}: {words.label('actions', row.action)} {row.action}"
        for row in TRANSITIONS
        if row.lands_in() != row.source
    )
    names = [
        f"    {state}: {words.label('states', state)} {state}"
        for state in dict.fromkeys(row.lands_in() for row in TRANSITIONS)
    ]
    return "\n".join(
        ["```mermaid", "stateDiagram-v2", "    [*] --> reported", *names, *arrows, "```"]
    )


def transitions() -> str:
    """Return the table of all steps."""
    rows = [
        f"| {words.label('actions', row.action)} `{row.action}` | `{row.source}` |"
        f" `{row.lands_in()}` | {_people(row.role, row.proposers)} | {', '.join(row.requires)} |"
        for row in TRANSITIONS
    ]
    return "\n".join(["| action | from | to | who | must bring |", "|---|---|---|---|---|", *rows])


def _people(role: str, proposers: tuple[str, ...]) -> str:
    confirms = words.label("roles", role)
    if not proposers:
        return confirms
    return (
        f"{'、'.join(words.label('roles', one) for one in proposers)} proposes, {confirms} confirms"
    )


def vocabulary() -> str:
    """Return the words of states, actions, roles and kinds in both languages."""
    rows = [
        f"| `{key}` | {both['zh']} | {both['en']} |"
        for group in ("states", "actions", "roles", "kinds", "grades")
        for key, both in words.vocabulary()[group].items()
    ]
    return "\n".join(["| word | 中文 | English |", "|---|---|---|", *rows])


# Paper -> section -> what makes it. A section stands between `<!-- name -->` and `<!-- /name -->`.
SECTIONS: dict[str, dict[str, Callable[[], str]]] = {
    "running.md": {"settings": settings, "registered": registered},
    "lifecycle.md": {"diagram": diagram, "transitions": transitions},
    "words.md": {"words": vocabulary},
    "reliability.md": {
        section: partial(PROOFS["table"], section) for section in ("promises", "crashes", "faults")
    },
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
