"""File a report by the API."""

from flask import Blueprint, Response
from sqlalchemy.orm import Session

from incident.api import reading, showing, writing
from incident.api.answers import Filed
from incident.api.contract import PREFIX, Match, Scope, operation
from incident.api.spooling import SpooledAnswer
from incident.errors import FieldError, InvalidInput, NotFound
from incident.inputs.base import parse
from incident.inputs.report import ReportInput, check_report
from incident.operations import facts, reporting
from incident.operations.context import Context
from incident.web.access import Permission, requires, who
from incident.web.desk import services

blueprint = Blueprint("api_reports", __name__, url_prefix=PREFIX)


@blueprint.post("/reports")
@requires(Permission.REPORT)
@operation(
    "File a report; with `incident` set it adds to that one.",
    scope=Scope.REPORT,
    body=(ReportInput,),
    answer=Filed,
    status=201,
    match=Match.OPTIONAL,
    changes=True,
    problems=(409,),
    also=((202, "Taken while the database is away; entered by itself later.", SpooledAnswer),),
)
def create() -> Response:
    raw = reading.body()
    report = parse(ReportInput, raw)
    context = services().context(who())
    if report.incident is not None:
        return writing.change(raw, lambda session: _add(session, report, context))
    check_report(report, now=context.now, divisions=context.rules.divisions)
    return writing.prepared(raw, lambda: _opening(report, context))


def _opening(report: ReportInput, context: Context) -> writing.Work:
    """Take the number of a new incident, in a transaction of its own."""
    number = services().take_number(report.kind, drill=False)
    return lambda session: _open(session, report, number, context)


def _open(session: Session, report: ReportInput, number: str, context: Context) -> Filed:
    who, now = context.who, context.now
    opened = reporting.open_incident(
        session, report, number=number, who=who, now=now, rules=context.rules
    )
    stated = facts.of_report(report)
    return Filed(
        report=showing.report(opened.report, number),
        incident=showing.opened(opened, who, now, known=stated),
    )


def _add(session: Session, report: ReportInput, context: Context) -> Filed:
    version = reading.seen_version(required=False)
    try:
        incident = writing.held(session, report.incident or "", context.who, version)
    except NotFound as error:
        raise InvalidInput([FieldError("incident", "no-such-incident")]) from error
    who, now = context.who, context.now
    filed = reporting.add(session, incident, report, who=who, now=now, rules=context.rules)
    session.flush()
    return Filed(
        report=showing.report(filed, incident.number),
        incident=showing.incident(session, incident, who, now),
    )
