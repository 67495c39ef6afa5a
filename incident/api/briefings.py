"""Briefings: draft, revise, issue, and the printed document."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from incident.api import answering, finding, reading, writing
from incident.api.answers import Moment
from incident.api.asking import Listing, part
from incident.api.attachments import SANDBOX, disposition
from incident.api.contract import PREFIX, Match, Scope, operation
from incident.errors import Conflict, NotFound
from incident.gaps import missing
from incident.inputs.base import Input, Line, parse
from incident.inputs.briefings import BriefingKind, BriefingText, Withdraw
from incident.models import Briefing, Incident
from incident.operations import briefings
from incident.operations.briefing_names import file_name
from incident.operations.context import Context
from incident.queries import scope
from incident.web.access import Permission, requires, who
from incident.web.desk import services

blueprint = Blueprint("api_briefings", __name__, url_prefix=PREFIX)
ALL = "/incidents/<number>/briefings"
ONE = ALL + "/<int(max=2147483647):briefing>"
PDF = "application/pdf"


class NewBriefing(Input):
    """The kind of a briefing, and what people write into it."""

    kind: BriefingKind
    text: BriefingText = BriefingText()


class Issue(Input):
    """What the issuer looked at, by its fingerprint; null issues the draft as it stands."""

    seen: Line | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefingAnswer:
    """A briefing: draft or issued. `number` never repeats and comes with the issue.

    `missing` are facts that are still unknown and stand there as 〔待核〕; `fingerprint` tells
    what is shown now; `sha256` is that of the printed PDF, null while it is being printed.
    """

    id: int
    incident: str
    kind: str
    sequence: int
    number: str | None
    status: str
    title: str
    text: dict[str, Any]
    missing: tuple[str, ...]
    fingerprint: str
    facts_version: int
    head: str
    created_at: Moment
    issued_at: Moment | None
    sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """A draft that was taken back; nobody finds it any more."""

    id: int
    kind: str
    title: str
    withdrawn_at: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefings:
    """A part of the briefings, the newest first."""

    items: tuple[BriefingAnswer, ...]
    next: str | None


@blueprint.get(ALL)
@requires(Permission.BRIEFING)
@operation("List the briefings of an incident.", query=Listing, answer=Briefings)
def index(number: str) -> Response:
    asked = reading.query(Listing)
    context = services().context(who())
    with services().reading() as session:
        incident = finding.incident(session, number)
        shown, following = part(briefings.of(session, incident.id), asked)
        items = tuple(_answer(session, incident, row, context) for row in shown)
    return answering.respond(Briefings(items=items, next=following))


@blueprint.get(ONE)
@requires(Permission.BRIEFING)
@operation("Show one briefing.", answer=BriefingAnswer)
def show(number: str, briefing: int) -> Response:
    context = services().context(who())
    with services().reading() as session:
        incident = finding.incident(session, number)
        row = briefings.find(session, incident, briefing)
        return answering.respond(_answer(session, incident, row, context))


@blueprint.post(ALL)
@requires(Permission.BRIEFING)
@operation(
    "Draft a briefing from what is stored.",
    scope=Scope.ACT,
    body=(NewBriefing,),
    answer=BriefingAnswer,
    status=201,
    match=Match.OPTIONAL,
    changes=True,
    problems=(409,),
)
def draft(number: str) -> Response:
    raw = reading.body()
    new = parse(NewBriefing, raw)
    version = reading.seen_version(required=False)
    context = services().context(who())

    def work(session: Session) -> BriefingAnswer:
        incident = writing.held(session, number, context.who, version)
        row = briefings.draft(session, incident, new.kind, context, text=new.text)
        return _answer(session, incident, row, context)

    return writing.change(raw, work)


@blueprint.patch(ONE)
@requires(Permission.BRIEFING)
@operation(
    "Change what people wrote into a draft. What is left out stays.",
    scope=Scope.ACT,
    body=(BriefingText,),
    answer=BriefingAnswer,
    match=Match.OPTIONAL,
    changes=True,
    problems=(409,),
)
def revise(number: str, briefing: int) -> Response:
    raw = reading.body()
    text = parse(BriefingText, raw)
    version = reading.seen_version(required=False)
    context = services().context(who())

    def work(session: Session) -> BriefingAnswer:
        incident = writing.held(session, number, context.who, version)
        row = briefings.find(session, incident, briefing)
        briefings.revise(session, incident, row, text, context)
        return _answer(session, incident, row, context)

    return writing.change(raw, work)


@blueprint.post(ONE + "/issue")
@requires(Permission.BRIEFING)
@operation(
    "Issue a briefing: it is numbered and frozen.",
    scope=Scope.ACT,
    body=(Issue,),
    answer=BriefingAnswer,
    match=Match.OPTIONAL,
    changes=True,
    problems=(409,),
)
def issue(number: str, briefing: int) -> Response:
    raw = reading.body()
    wanted = parse(Issue, raw)
    version = reading.seen_version(required=False)
    context = services().context(who())

    def work(session: Session) -> BriefingAnswer:
        incident = writing.held(session, number, context.who, version)
        row = briefings.find(session, incident, briefing)
        briefings.issue(session, incident, row, context, seen=wanted.seen)
        return _answer(session, incident, row, context)

    return writing.change(raw, work)


@blueprint.post(ONE + "/withdraw")
@requires(Permission.BRIEFING)
@operation(
    "Take a draft back; what was issued never is.",
    scope=Scope.ACT,
    body=(Withdraw,),
    answer=Withdrawn,
    match=Match.OPTIONAL,
    changes=True,
    problems=(409,),
)
def withdraw(number: str, briefing: int) -> Response:
    raw = reading.body()
    wanted = parse(Withdraw, raw)
    version = reading.seen_version(required=False)
    context = services().context(who())

    def work(session: Session) -> Withdrawn:
        incident = writing.held(session, number, context.who, version)
        row = briefings.find(session, incident, briefing)
        briefings.withdraw(session, incident, row, context, reason=wanted.reason)
        return Withdrawn(id=row.id, kind=row.kind, title=row.title, withdrawn_at=context.now)

    return writing.change(raw, work)


@blueprint.get("/briefings/<int(max=2147483647):briefing>.pdf")
@requires(Permission.BRIEFING)
@operation(
    "Fetch the printed briefing; 409 while it is still being printed.",
    media=PDF,
    problems=(409,),
)
def fetch(briefing: int) -> Response:
    with services().reading() as session:
        row = session.get(Briefing, briefing)
        if row is None:
            raise NotFound
        incident = session.get_one(Incident, row.incident_id)
        scope.incident(session, incident.number, who())
        row = briefings.find(session, incident, briefing)
        digest, name = briefings.printed(session, row), file_name(incident, row)
    if digest is None:
        raise Conflict("not-printed")
    response = Response(services().store.get(digest), mimetype=PDF)
    response.headers["Content-Disposition"] = disposition(name)
    response.headers["Content-Security-Policy"] = SANDBOX
    return response


def _answer(
    session: Session, incident: Incident, row: Briefing, context: Context
) -> BriefingAnswer:
    session.flush()
    made = briefings.document(session, row, context.rules)
    return BriefingAnswer(
        id=row.id,
        incident=incident.number,
        kind=row.kind,
        sequence=row.sequence,
        number=row.number,
        status=row.status,
        title=row.title,
        text=row.content["text"],
        missing=tuple(missing(made)),
        fingerprint=briefings.fingerprint(made),
        facts_version=row.facts_version,
        head=row.head,
        created_at=row.created_at,
        issued_at=row.issued_at,
        sha256=row.digest,
    )
