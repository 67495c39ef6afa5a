"""What a check found, in a form that page and command put into words."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check. `state` is a key of templates/words/checks.yaml, with `values` put in."""

    check: str
    ok: bool
    state: str
    values: dict[str, object] = field(default_factory=dict)


def judged(check: str, good: str, bad: str, *, ok: bool, **values: object) -> Finding:
    return Finding(check=check, ok=ok, state=good if ok else bad, values=values)


def found(check: str, state: str, **values: object) -> Finding:
    return Finding(check=check, ok=True, state=state, values=values)


def missed(check: str, state: str, **values: object) -> Finding:
    return Finding(check=check, ok=False, state=state, values=values)
