"""What people may write into a briefing; numbers of persons are no part of it."""

from typing import Annotated, Literal

from pydantic import Field

from incident.inputs.base import Input, Line, Paragraph

BriefingKind = Literal["initial", "progress", "final", "special", "activation_order"]
Lines = Annotated[tuple[Line, ...], Field(max_length=20)]


class WrittenSection(Input):
    """A part of a special report in people's own words."""

    heading: Line
    text: Paragraph


class BriefingText(Input):
    """The parts that people write; what is left out stays, null or empty takes it back.

    `course`, `trend`, `next_steps`, `conclusion` and `lessons` stand in the place of what the
    desk would say from its records. `incubation` counts only where the times do not give it.
    """

    title: Line | None = None
    addressees: Lines = ()
    cc: Lines = ()
    contact: Line | None = None
    urgency: Literal["extra_urgent", "urgent"] | None = None
    publicity: Literal["public", "on_request", "internal"] | None = None
    course: Paragraph | None = None
    incubation: Line | None = None
    samples: Paragraph | None = None
    trend: Paragraph | None = None
    opinion: Paragraph | None = None
    loss: Paragraph | None = None
    next_steps: Lines = ()
    support: Paragraph | None = None
    conclusion: Paragraph | None = None
    responsibility: Paragraph | None = None
    rectification: Paragraph | None = None
    lessons: Paragraph | None = None
    reason: Paragraph | None = None
    sections: Annotated[tuple[WrittenSection, ...], Field(max_length=12)] = ()


class Withdraw(Input):
    """撤回 of a draft; the reason may be left out."""

    reason: Line | None = None


HEAD = ("addressees", "cc", "contact", "urgency", "publicity")
_REPORT = ("incubation", "samples", "opinion", "loss")
FIELDS: dict[str, tuple[str, ...]] = {
    "initial": ("course", *_REPORT, "trend", "next_steps", "support", *HEAD),
    "progress": (*_REPORT, "trend", "next_steps", "support", *HEAD),
    "final": (
        "course",
        *_REPORT,
        "conclusion",
        "responsibility",
        "rectification",
        "lessons",
        *HEAD,
    ),
    "special": ("title", "reason", "sections", *HEAD),
    "activation_order": HEAD,
}
