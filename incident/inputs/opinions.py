"""What an expert brings to a consultation."""

from typing import Literal

from incident.inputs.actions import GradeOrNone
from incident.inputs.base import Input, Line, Paragraph


class Declaration(Input):
    """利益冲突声明: what the conflict is; None declares that there is none."""

    conflict: Line | None = None


class OpinionInput(Input):
    """专家意见: grade, cause, measures, how sure, and the opinion in words."""

    grade: GradeOrNone | None = None
    cause: Paragraph | None = None
    measures: Paragraph | None = None
    confidence: Literal["low", "medium", "high"]
    text: Paragraph
