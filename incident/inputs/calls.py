"""A telephone call made by hand, as it comes in."""

from typing import Annotated, Literal

from pydantic import AfterValidator, StringConstraints

from incident.inputs.base import Input, printable

CallNote = Annotated[
    str, StringConstraints(min_length=1, max_length=200), AfterValidator(printable)
]
CallResult = Literal["answered", "no_answer", "busy", "wrong_number"]
Answer = Literal["received", "under_way", "cannot"]


class CallMade(Input):
    """电话已通知: what came of the call; `said` is what the person answered, if he did."""

    result: CallResult
    said: Answer = "received"
    note: CallNote | None = None
