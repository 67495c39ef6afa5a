"""Consultations: the question, the experts, blind opinions, the signed conclusion."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from incident.api import answering, finding, reading, writing
from incident.api.answers import Moment
from incident.api.asking import Listing, part
from incident.api.contract import PREFIX, Match, Scope, operation
from incident.inputs.actions import Convene
from incident.inputs.base import parse
from incident.inputs.opinions import Declaration, OpinionInput
from incident.models import Consultation
from incident.operations import consulting
from incident.operations.context import Context
from incident.queries import conference
from incident.web.access import Permission, requires, who
from incident.web.desk import services

blueprint = Blueprint("api_consultations", __name__, url_prefix=PREFIX)
ALL = "/incidents/<number>/consultations"
ONE = ALL + "/<int(max=2147483647):consultation>"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpertAnswer:
    """An expert who was asked; `standing` is asked, declared, conflict, given or late."""

    name: str
    organisation: str | None
    specialty: str | None
    standing: str
    conflict: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionAnswer:
    """An opinion that the caller may read; `is_mine` says that it is the caller's own.

    One that `is_late` came after `due_at`, when the others were open; it counts for nothing.
    """

    expert: str
    grade: str | None
    cause: str | None
    measures: str | None
    confidence: str
    text: str
    given_at: Moment
    is_mine: bool
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultationAnswer:
    """A consultation as the caller may see it.

    Until `is_open` the opinions of others are blind; `given` of `waited` came in time. `digest`
    covers question and evidence, `signature` also the opinions and the conclusion.
    """

    id: int
    question: str
    evidence: dict[str, Any]
    digest: str
    opened_by: str
    opened_at: Moment
    due_at: Moment
    is_open: bool
    given: int
    waited: int
    experts: tuple[ExpertAnswer, ...]
    opinions: tuple[OpinionAnswer, ...]
    conclusion: str | None
    dissent: str | None
    adopted: dict[str, Any]
    signed_by: str | None
    signed_at: Moment | None
    signature: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consultations:
    """A part of the consultations, the newest first."""

    items: tuple[ConsultationAnswer, ...]
    next: str | None


@blueprint.get(ALL)
@requires(Permission.CONSULT)
@operation("List the consultations of an incident.", query=Listing, answer=Consultations)
def index(number: str) -> Response:
    asked = reading.query(Listing)
    context = services().context(who())
    with services().reading() as session:
        rows = conference.of(session, finding.incident(session, number).id)
        shown, following = part(rows, asked)
        items = tuple(_answer(session, row, context) for row in shown)
    return answering.respond(Consultations(items=items, next=following))


@blueprint.get(ONE)
@requires(Permission.CONSULT)
@operation("Show one consultation.", answer=ConsultationAnswer)
def show(number: str, consultation: int) -> Response:
    context = services().context(who())
    with services().reading() as session:
        found = conference.find(session, finding.incident(session, number), consultation)
        return answering.respond(_answer(session, found, context))


@blueprint.post(ALL)
@requires(Permission.ACT)
@operation(
    "Convene experts; the same as the action convene.",
    scope=Scope.ACT,
    body=(Convene,),
    answer=ConsultationAnswer,
    status=201,
    match=Match.REQUIRED,
    changes=True,
    problems=(409,),
)
def convene(number: str) -> Response:
    raw = reading.body()
    version = reading.seen_version(required=True)
    context = services().context(who())

    def work(session: Session) -> ConsultationAnswer:
        incident = writing.held(session, number, context.who, version)
        opened = consulting.convene(session, incident, parse(Convene, raw), context)
        session.flush()
        return _answer(session, opened, context)

    return writing.change(raw, work)


@blueprint.post(ONE + "/declarations")
@requires(Permission.CONSULT)
@operation(
    "Declare one's interests; a conflict of null says that there is none.",
    scope=Scope.ACT,
    body=(Declaration,),
    answer=ConsultationAnswer,
    status=201,
    match=Match.OPTIONAL,
    changes=True,
    problems=(409,),
)
def declare(number: str, consultation: int) -> Response:
    raw = reading.body()
    brought = parse(Declaration, raw)
    return _join(
        number,
        consultation,
        raw,
        lambda session, row, context: consulting.declare(session, row, brought, context),
    )


@blueprint.post(ONE + "/opinions")
@requires(Permission.CONSULT)
@operation(
    "Give one's opinion; it is locked at once.",
    scope=Scope.ACT,
    body=(OpinionInput,),
    answer=ConsultationAnswer,
    status=201,
    match=Match.OPTIONAL,
    changes=True,
    problems=(409,),
)
def give(number: str, consultation: int) -> Response:
    raw = reading.body()
    brought = parse(OpinionInput, raw)
    return _join(
        number,
        consultation,
        raw,
        lambda session, row, context: consulting.give(session, row, brought, context),
    )


def _join(
    number: str,
    consultation: int,
    raw: dict[str, Any],
    do: Callable[[Session, Consultation, Context], object],
) -> Response:
    """Let an expert take part, with the incident held so that two steps do not meet."""
    version = reading.seen_version(required=False)
    context = services().context(who())

    def work(session: Session) -> ConsultationAnswer:
        incident = writing.held(session, number, context.who, version)
        found = conference.find(session, incident, consultation)
        do(session, found, context)
        session.flush()
        return _answer(session, found, context)

    return writing.change(raw, work)


def _answer(session: Session, row: Consultation, context: Context) -> ConsultationAnswer:
    seen = conference.view(session, row, context.who, context.now)
    return ConsultationAnswer(
        id=seen.id,
        question=seen.question,
        evidence=dict(seen.evidence),
        digest=seen.digest,
        opened_by=seen.opened_by,
        opened_at=seen.opened_at,
        due_at=seen.due_at,
        is_open=seen.is_open,
        given=seen.given,
        waited=seen.waited,
        experts=tuple(
            ExpertAnswer(
                name=one.display,
                organisation=one.organisation,
                specialty=one.specialty,
                standing=one.standing,
                conflict=one.conflict,
            )
            for one in seen.experts
        ),
        opinions=tuple(
            OpinionAnswer(
                expert=one.expert,
                grade=one.grade,
                cause=one.cause,
                measures=one.measures,
                confidence=one.confidence,
                text=one.text,
                given_at=one.given_at,
                is_mine=one.is_mine,
                is_late=one.is_late,
            )
            for one in seen.opinions
        ),
        conclusion=seen.conclusion,
        dissent=seen.dissent,
        adopted=dict(seen.adopted),
        signed_by=seen.signed_by,
        signed_at=seen.signed_at,
        signature=seen.signature,
    )
