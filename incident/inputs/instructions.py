"""What a person brings to an instruction that was given."""

from typing import Annotated

from pydantic import Field

from incident.inputs.base import Id, Input, Reason


class InstructionReport(Input):
    """报办结: what was done, and the attachments that show it."""

    note: Reason
    evidence: Annotated[tuple[Id, ...], Field(max_length=30)] = ()


class InstructionClosing(Input):
    """销号: a last word, if any."""

    note: Reason | None = None


class InstructionReturn(Input):
    """退回: what is lacking."""

    note: Reason
