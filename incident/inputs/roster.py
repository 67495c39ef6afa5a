"""Posts, rotations and changes of a roster as they come in."""

from collections.abc import Mapping
from datetime import time
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from incident.errors import FieldError, InvalidInput
from incident.inputs.base import Day, Id, Input, Moment, Reason, Short, parse
from workflows.lifecycle import EXCLUSIVE_ROLES, Role

MANNED = tuple(role for role in Role if role not in EXCLUSIVE_ROLES | {Role.REPORTER})
"""The roles whose people can be on duty."""
MOST_SHIFTS, MOST_TURNS = 4, 60
TimeOfDay = Annotated[str, StringConstraints(max_length=8)]


class PostInput(Input):
    """A post. `changes` are the local times at which people relieve each other, HH:MM."""

    name: Annotated[Short, StringConstraints(max_length=40)]
    role: Role
    changes: Annotated[tuple[TimeOfDay, ...], Field(min_length=1, max_length=MOST_SHIFTS)]
    handover_lead: Annotated[int, Field(ge=0, le=120)] = 10
    two_tiers: bool = True


class Pair(Input):
    """A person of a rotation and his stand-in."""

    main: Id
    stand_in: Id | None = None


class RotationInput(Input):
    """Who follows whom from a day on."""

    days: Literal["every", "work", "free"] = "every"
    turn_days: Annotated[int, Field(ge=1, le=31)] = 1
    starts_on: Day
    order: Annotated[tuple[Pair, ...], Field(min_length=1, max_length=MOST_TURNS)]


class ChangeInput(Input):
    """Others than the rotation says for a while; a tier that is left out stays as it is."""

    starts_at: Moment
    ends_at: Moment
    main: Id | None = None
    stand_in: Id | None = None
    reason: Annotated[Reason, StringConstraints(max_length=200)]


class SwapInput(Input):
    """Somebody's duty that another should take, and perhaps one of his in return.

    A duty is told by the moment at which its shift begins.
    """

    starts_at: Moment
    other: Id
    back_starts_at: Moment | None = None
    reason: Annotated[Reason, StringConstraints(max_length=200)]


class AbsenceInput(Input):
    """When somebody cannot be on duty."""

    starts_at: Moment
    ends_at: Moment


def post(raw: Mapping[str, Any]) -> PostInput:
    """Return a post, its changes in the order of the day; raise InvalidInput."""
    read = parse(PostInput, raw)
    if read.role not in MANNED:
        raise _wrong("role", "role-not-manned")
    try:
        told = sorted(f"{time.fromisoformat(change):%H:%M}" for change in read.changes)
    except ValueError as error:
        raise _wrong("changes", "bad-time-of-day") from error
    if len(set(told)) < len(told):
        raise _wrong("changes", "time-of-day-twice")
    return read.model_copy(update={"changes": tuple(told)})


def rotation(raw: Mapping[str, Any]) -> RotationInput:
    """Return a rotation in which nobody stands in for himself; raise InvalidInput."""
    read = parse(RotationInput, raw)
    for place, pair in enumerate(read.order):
        if pair.main == pair.stand_in:
            raise _wrong(f"order.{place}", "own-stand-in")
    return read


def _wrong(field: str, code: str) -> InvalidInput:
    return InvalidInput([FieldError(field, code)])
