"""A task as it comes in."""

from typing import Annotated, Literal

from pydantic import Field

from incident.inputs.base import Id, Input, Moment, Paragraph, Short


class NewTask(Input):
    """A task that a person adds; `owner` is an account's name."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    group: Short | None = None
    owner: Short | None = None
    due_at: Moment | None = None
    note: Paragraph | None = None


class TaskChange(Input):
    """What to change; what is left out stays. `evidence` are attachment ids to add."""

    status: Literal["open", "started", "done", "cancelled"] | None = None
    owner: Short | None = None
    due_at: Moment | None = None
    note: Paragraph | None = None
    evidence: Annotated[tuple[Id, ...], Field(max_length=30)] = ()
    version: Annotated[int, Field(ge=1)] | None = None
