"""What each action must bring."""

from typing import Annotated, Any, Literal

from pydantic import Field

from incident.inputs.base import Day, Id, Input, Line, Moment, Paragraph, Reason, Short
from incident.inputs.report import CountBasis, Source
from incident.inputs.tasks import TaskTitle

Preset = Literal["report", "verify", "plan", "come"]
Graded = Literal["I", "II", "III", "IV"]
GradeOrNone = Literal["I", "II", "III", "IV", "ungraded"]
Password = Annotated[str, Field(min_length=1, max_length=1000)]


class Verify(Input):
    """核实: what was found, and what differs from the first report."""

    conclusion: Paragraph
    differences: Paragraph | None = None


class Dismiss(Input):
    """排除: why it is none; the duty officer proposes, the duty leader confirms."""

    reason: Paragraph


class Merge(Input):
    """并案: the number of the incident that this one goes into."""

    into: Short
    reason: Paragraph


class Transfer(Input):
    """移交: the receiving office, and who there accepted, when and how."""

    office: Line
    acceptance: Paragraph


class ProposeGrade(Input):
    """建议级别: the verdict's grade, or another with reasons."""

    grade: GradeOrNone
    reason: Paragraph | None = None


class ApproveGrade(Input):
    """核定: the grade, the criterion it rests on, and expert advice or why without."""

    grade: GradeOrNone
    criterion: Short
    expert_advice: Paragraph
    reason: Paragraph | None = None


class Activate(Input):
    """启动: matters, level, expected end and measures (突发事件应对法 art. 72).

    `reason` is needed where the level of the response is not the approved grade.
    """

    matters: Paragraph
    level: Graded
    expected_until: Moment
    measures: Paragraph
    reason: Reason | None = None


class Regrade(Input):
    """调级: the new grade and why."""

    grade: Graded
    reason: Paragraph


class Convene(Input):
    """会商: the question, the evidence (attachment ids), the experts (account names)."""

    question: Paragraph
    evidence: Annotated[tuple[Id, ...], Field(max_length=50)] = ()
    experts: Annotated[tuple[Short, ...], Field(min_length=1, max_length=30)]
    due_at: Moment


class Adopted(Input):
    """The points of the opinions that go on into grade, measures and briefing."""

    grade: GradeOrNone | None = None
    measures: Annotated[tuple[Line, ...], Field(max_length=30)] = ()
    briefing: Paragraph | None = None


class Conclude(Input):
    """形成意见: the conclusion, dissent kept, signed by the chair's password."""

    conclusion: Paragraph
    dissent: Paragraph | None = None
    adopted: Adopted = Adopted()
    password: Password = Field(repr=False)


class Dispose(Input):
    """转处置: why experts are not needed."""

    reason: Paragraph


class Terminate(Input):
    """终止: an answer to each criterion; an override says why although some are not met.

    Only an override is signed, by the commander's own password.
    """

    findings: Annotated[dict[Short, bool | None], Field(max_length=50)]
    override: Paragraph | None = None
    password: Password | None = Field(default=None, repr=False)


class ReviewText(Input):
    """总结评估: the course, what went well, what did not."""

    course: Paragraph
    well: Paragraph
    not_well: Paragraph


class FollowUpInput(Input):
    """整改: what, by whom, until when."""

    what: Reason
    owner: Short
    due_on: Day


class PersonalData(Input):
    """个人信息处置 (突发事件应对法 art. 85): destroy, or keep with the reason."""

    decision: Literal["destroy", "keep"]
    reason: Paragraph


class Archive(Input):
    """归档: the review, the follow-ups, the decision on personal data."""

    review: ReviewText
    follow_ups: Annotated[tuple[FollowUpInput, ...], Field(max_length=50)] = ()
    personal_data: PersonalData


class Reopen(Input):
    """重启: why."""

    reason: Paragraph


class UpdateFacts(Input):
    """Facts as they are now; null withdraws one. `reason` is needed where a count falls."""

    facts: Annotated[dict[Short, Any], Field(min_length=1, max_length=60)]
    source: Source
    basis: CountBasis | None = None
    as_of: Moment | None = None
    reason: Reason | None = None


class Note(Input):
    """Something to remember; `corrects` strikes an earlier entry of the same incident."""

    text: Paragraph
    at: Moment | None = None
    corrects: Id | None = None


class Instruct(Input):
    """批示: what is asked, of whom, until when; it becomes a numbered instruction with a task.

    `preset` says which ready-made text it is.
    """

    text: TaskTitle
    preset: Preset | None = None
    owner: Short | None = None
    due_at: Moment | None = None


class Acknowledge(Input):
    """收到, 已动身 or 不能到: what the caller answers to being called."""

    answer: Literal["received", "under_way", "cannot"] = "received"
    note: Line | None = None
