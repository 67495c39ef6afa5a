"""File a report by the API while the database is away, and look up what became of one."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, g, request, url_for
from sqlalchemy.orm import Session

from incident import spool
from incident.api import answering, reading
from incident.api.answers import Moment
from incident.api.contract import PREFIX, Scope, described, operation
from incident.errors import Forbidden, NotFound
from incident.inputs.base import parse
from incident.inputs.report import ReportInput, check_report
from incident.models import SpooledReport
from incident.operations import spooling as operations
from incident.operations import submissions
from incident.queries import scope
from incident.web import spooling
from incident.web.access import Permission, requires, who
from incident.web.desk import services

blueprint = Blueprint("api_spooling", __name__, url_prefix=PREFIX)
CREATE, SHOW = "api_reports.create", "api_spooling.show"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpooledAnswer:
    """A report that was taken while the database was away, under its temporary number.

    `state` is waiting, entered (`incident` and `report` say as what), or person: the desk could
    not enter it by itself for the reasons in `problem`, and somebody looks at it.
    """

    number: str
    state: str
    spooled_at: Moment
    incident: str | None
    report: int | None
    problem: tuple[str, ...]


@blueprint.get("/spooled/<number>")
@requires(Permission.REPORT)
@operation(
    "Look up a report by its temporary number; the number stays good.",
    scope=Scope.REPORT,
    answer=SpooledAnswer,
)
def show(number: str) -> Response:
    with services().reading() as session:
        found = _entered(session, number)
    return answering.respond(found or _waiting(number))


def instead() -> Response | None:
    """Do without the database what can be done without it; None for everything else."""
    if request.endpoint == CREATE:
        return _take()
    if request.endpoint == SHOW:
        _allowed()
        return answering.respond(_waiting(str((request.view_args or {})["number"])))
    return None


def _take() -> Response:
    """Take a report: judged as far as its rules need no database, then onto the disk."""
    spooling.present().note_away()
    _allowed()
    raw = reading.body()
    report = parse(ReportInput, raw)
    if report.incident is None:
        desk = services()
        check_report(report, now=desk.now(), divisions=desk.rules.divisions)
    one = spooling.take(
        key=f"{who().id}:{reading.submission_key() or secrets.token_hex(16)}",
        body=submissions.body_digest({"to": request.path, "by": request.method, "given": raw}),
        answered=operations.API,
        content=report.model_dump(mode="json", exclude_none=True),
        incident=report.incident,
        version=reading.seen_version(required=False),
    )
    content: dict[str, Any] = operations.answer(one.number, one.spooled_at)
    response = answering.send(content, operations.TAKEN)
    response.headers["Location"] = url_for(SHOW, number=one.number)
    return response


def _allowed() -> None:
    """Raise Forbidden where the token is not for what is asked."""
    spooling.caller()
    declared = described(current_app.view_functions[request.endpoint or ""])
    scopes = g.get("scopes")
    if scopes and declared is not None and declared.scope not in scopes:
        raise Forbidden("wrong-scope", scope=declared.scope)


def _entered(session: Session, number: str) -> SpooledAnswer | None:
    row = session.get(SpooledReport, number)
    if row is None:
        return None
    _refuse_others(row.user_id)
    return SpooledAnswer(
        number=number,
        state=operations.ENTERED if row.incident else operations.PERSON,
        spooled_at=row.spooled_at,
        incident=row.incident,
        report=row.report_id,
        problem=tuple(row.problem),
    )


def _waiting(number: str) -> SpooledAnswer:
    one = spool.find(services().settings.spool_dir, number)
    if one is None:
        raise NotFound
    _refuse_others(one.user_id)
    return _still_waiting(one.number, one.spooled_at)


def _still_waiting(number: str, spooled_at: datetime) -> SpooledAnswer:
    return SpooledAnswer(
        number=number,
        state=operations.WAITING,
        spooled_at=spooled_at,
        incident=None,
        report=None,
        problem=(),
    )


def _refuse_others(user_id: int) -> None:
    """Raise NotFound for who neither filed it nor sits at the desk."""
    if user_id != who().id and not scope.sees_all(who()):
        raise NotFound
