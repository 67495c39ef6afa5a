"""A task as it comes in."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from incident.inputs.base import Id, Input, Moment, Paragraph, Short, printable

TaskTitle = Annotated[
    str, StringConstraints(min_length=1, max_length=200), AfterValidator(printable)
]


class NewTask(Input):
    """A task that a person adds; `owner` is an account's name."""

    title: TaskTitle
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
