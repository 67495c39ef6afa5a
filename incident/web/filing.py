"""File a report of the pages exactly once, however often it is sent."""

from collections.abc import Callable

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from incident.errors import TocsinError
from incident.inputs.report import ReportInput
from incident.models import Incident, Report, Submission
from incident.operations import drafts, reporting, steps, submissions
from incident.operations.context import Context
from incident.web import writing_report
from incident.web.access import who
from incident.web.desk import services
from incident.web.writing_report import Writing

Work = Callable[[Session], tuple[Report, Incident]]
CREATED = 201


def file(writing: Writing) -> Submission:
    """File what is written, or return how it was filed before; raise InvalidInput."""
    known = writing.filed
    if known is not None:
        return known
    report = writing_report.check(writing)
    context = services().context(who())
    try:
        return _do(writing, _work(writing, report, context), context)
    except (TocsinError, IntegrityError):
        with services().reading() as session:
            twin = drafts.filed(session, writing.key, who())
        if twin is None:
            raise
        return twin


def _work(writing: Writing, report: ReportInput, context: Context) -> Work:
    """Return what files the report; a new incident takes its number beforehand."""
    if writing.incident is not None:
        number = writing.incident.number
        return lambda session: _add(session, number, report, context)
    number = services().take_number(report.kind, drill=False)
    return lambda session: reporting.receive(
        session, report, number=number, who=context.who, now=context.now, rules=context.rules
    )


def _add(
    session: Session, number: str, report: ReportInput, context: Context
) -> tuple[Report, Incident]:
    incident = steps.hold(session, number)
    filed = reporting.add(
        session, incident, report, who=context.who, now=context.now, rules=context.rules
    )
    return filed, incident


def _do(writing: Writing, work: Work, context: Context) -> Submission:
    key = drafts.submission_key(writing.key, context.who)
    digest = submissions.body_digest(writing.sent)
    with services().transaction() as session:
        known = submissions.recall(session, key, digest)
        if known is not None:
            return known
        filed, incident = work(session)
        session.flush()
        answer = {"report": filed.id, "incident": incident.number}
        submissions.remember(session, key, digest, status=CREATED, answer=answer, now=context.now)
        drafts.forget(session, writing.key)
        session.flush()
        return session.get_one(Submission, key)
