"""What each operation of the API says of itself; the checks and the OpenAPI document read it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar, cast

from incident.inputs.base import Input

PREFIX = "/api/v1"
JSON = "application/json"
OPERATION = "_tocsin_operation"


class Scope(StrEnum):
    """What a token may be used for, within what its user may do."""

    READ = "read"
    REPORT = "report"
    ACT = "act"


SCOPES: Mapping[Scope, str] = {
    Scope.READ: "look at what the user may see",
    Scope.REPORT: "file reports and attach files",
    Scope.ACT: "take steps, give and do tasks, consult, write briefings",
}


class Match(StrEnum):
    """Whether a change wants the version of the incident that the caller saw."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation: what goes in, what comes out, and which problems it knows.

    `answer` is the type of the body, None for bytes of the kind `media`. `body` lists the
    inputs of which one is sent. `changes` says that it writes and takes an Idempotency-Key.
    `problems` are statuses beside those that follow from the rest; `also` are other successes,
    each with its status, what it means, and the type of its body.
    """

    summary: str
    scope: Scope | None = Scope.READ
    answer: Any = None
    status: int = 200
    media: str = JSON
    query: type[Input] | None = None
    body: tuple[type[Input], ...] = ()
    upload: bool = False
    match: Match = Match.NONE
    changes: bool = False
    problems: tuple[int, ...] = ()
    also: tuple[tuple[int, str, Any], ...] = ()


View = TypeVar("View", bound=Callable[..., Any])


def operation(summary: str, **said: Any) -> Callable[[View], View]:
    """Declare what a view is; the names are those of Operation."""

    def declare(view: View) -> View:
        setattr(view, OPERATION, Operation(summary=summary, **said))
        return view

    return declare


def described(view: Callable[..., Any] | None) -> Operation | None:
    """Return what a view declared, None when it declared nothing."""
    return cast("Operation | None", getattr(view, OPERATION, None))
