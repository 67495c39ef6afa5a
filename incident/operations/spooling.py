"""Enter what was taken while the database was away: once, in order, and nothing is ever lost."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from incident.errors import Forbidden, InvalidInput, NotFound, TocsinError
from incident.inputs.base import parse
from incident.inputs.report import ReportInput
from incident.models import (
    Incident,
    Report,
    SpooledReport,
    Submission,
    Token,
    User,
    WebSession,
)
from incident.operations import drafts, people, reporting, steps, submissions, timeline
from incident.rulebook import Rulebook
from incident.spool import Spooled
from incident.who import DESK, Who
from workflows.lifecycle import Role

PAGE, API = "page", "api"
WAITING, ENTERED, PERSON = "waiting", "entered", "person"
MAY_REPORT = frozenset({Role.DUTY_OFFICER, Role.DUTY_LEADER, Role.GROUP_MEMBER, Role.REPORTER})
FILED, TAKEN = 201, 202
ENDED = "credential-ended"
INTERNAL = "internal"

Filed = tuple[Report, Incident]


def answer(number: str, spooled_at: datetime) -> dict[str, Any]:
    """Return what the API says of a report that it put into the spool."""
    return {
        "number": number,
        "state": WAITING,
        "spooled_at": spooled_at.isoformat(),
        "incident": None,
        "report": None,
        "problem": [],
    }


def is_known(session: Session, one: Spooled) -> bool:
    """Tell whether the database has it: its number is taken."""
    return session.get(SpooledReport, one.number) is not None


def enter(
    session: Session, one: Spooled, *, number: str | None, now: datetime, rules: Rulebook
) -> None:
    """Enter a report as its reporter would have; raise TocsinError where the rules refuse it.

    What the desk had filed all the same before the database went is found, and not filed twice.
    `number` is the one for a new incident, None for a report that adds to one.
    """
    who = _reporter(session, one)
    filed = _filed_before(session, one) or _file(session, one, number, who, now=now, rules=rules)
    report, incident = filed
    session.flush()
    session.add(_row(one, now, incident=incident.number, report=report.id))
    timeline.write(
        session,
        incident,
        "spooled",
        who=DESK,
        now=now,
        at=one.spooled_at,
        words_for={
            "number": one.number,
            "spooled": _clock(one.spooled_at, rules),
            "entered": _clock(now, rules),
        },
        data={"number": one.number, "spooled_at": one.spooled_at.isoformat()},
    )


def put_aside(session: Session, one: Spooled, problem: Sequence[str], now: datetime) -> None:
    """Keep a report that cannot be entered by itself, until a person has looked at it.

    `problem` are codes of templates/words/errors.yaml or, with a field, of fields.yaml.
    """
    session.add(_row(one, now, content=one.content, problem=list(problem)))
    timeline.write(
        session,
        None,
        "spool_aside",
        who=DESK,
        now=now,
        words_for={"number": one.number},
        data={"number": one.number, "problem": list(problem)},
    )


def tell(
    session: Session, taken: Sequence[Spooled], *, aside: int, now: datetime, rules: Rulebook
) -> None:
    """Write on the desk's timeline that the spool was entered."""
    first = min(one.spooled_at for one in taken)
    timeline.write(
        session,
        None,
        "spool_entered",
        who=DESK,
        now=now,
        words_for={"count": len(taken) - aside, "aside": aside, "first": _clock(first, rules)},
        data={"numbers": [one.number for one in taken], "first": first.isoformat()},
    )


def settle(session: Session, number: str, how: str, *, who: Who, now: datetime) -> None:
    """Say how a report that was put aside was dealt with; its content is not needed any more."""
    row = session.scalars(
        select(SpooledReport).where(SpooledReport.number == number).with_for_update()
    ).one_or_none()
    if row is None or row.incident is not None:
        raise NotFound
    if row.settled_at is not None:
        return
    row.settled_at, row.settled_by, row.settled_how = now, who.person, how
    timeline.write(
        session,
        None,
        "spool_settled",
        who=who,
        now=now,
        words_for={"number": number, "how": how},
        data={"number": number},
    )


def problem_of(error: TocsinError) -> list[str]:
    """Return an error as codes; what is wrong with a field names it, after a colon."""
    if isinstance(error, InvalidInput):
        return [f"{item.field}:{item.code}" for item in error.errors]
    return [error.code]


def _reporter(session: Session, one: Spooled) -> Who:
    """Return who reported; raise Forbidden when he might not when it came."""
    user = session.get(User, one.user_id)
    if user is None or user.disabled_at is not None or not _was_good(session, one):
        raise Forbidden(ENDED)
    who = people.who_is(user)
    if not who.may_be(*MAY_REPORT):
        raise Forbidden
    return who


def _was_good(session: Session, one: Spooled) -> bool:
    """Tell whether the token or session by which it came had not ended by then."""
    at = one.spooled_at
    token = select(Token.id).where(
        Token.digest == one.credential,
        or_(Token.revoked_at.is_(None), Token.revoked_at > at),
        Token.expires_at > at,
    )
    web = select(WebSession.id).where(
        WebSession.digest == one.credential,
        or_(WebSession.ended_at.is_(None), WebSession.ended_at > at),
    )
    return any(session.scalar(query) is not None for query in (token, web))


def _filed_before(session: Session, one: Spooled) -> Filed | None:
    """Return what was filed under the same key, or came in whole while the database went away."""
    known = submissions.recall(session, one.key, one.body)
    if known is not None:
        return _of_submission(session, known)
    alike = select(Report).where(
        and_(
            Report.filed_by == one.user_id,
            Report.filed_at >= one.began_at,
            Report.filed_at <= one.spooled_at,
        )
    )
    stated = _parsed(one).model_dump(mode="json", exclude_none=True)
    for report in session.scalars(alike):
        if report.content == stated:
            return report, session.get_one(Incident, report.incident_id)
    return None


def _of_submission(session: Session, known: Submission) -> Filed | None:
    report = known.answer.get("report")
    found = session.get(Report, report["id"] if isinstance(report, dict) else report)
    return None if found is None else (found, session.get_one(Incident, found.incident_id))


def _file(
    session: Session,
    one: Spooled,
    number: str | None,
    who: Who,
    *,
    now: datetime,
    rules: Rulebook,
) -> Filed:
    report = _parsed(one)
    report = report.model_copy(update={"received_at": report.received_at or one.spooled_at})
    if one.incident is not None:
        incident = steps.hold(session, one.incident, version=one.version)
        filed = reporting.add(session, incident, report, who=who, now=now, rules=rules)
    else:
        filed, incident = reporting.receive(
            session, report, number=number or "", who=who, now=now, rules=rules
        )
    session.flush()
    _remember(session, one, filed, incident, now)
    return filed, incident


def _parsed(one: Spooled) -> ReportInput:
    return parse(ReportInput, one.content)


def _remember(
    session: Session, one: Spooled, filed: Report, incident: Incident, now: datetime
) -> None:
    """Answer a second try of the same key: the page with the number, the API as it did."""
    told: dict[str, Any] = answer(one.number, one.spooled_at)
    if one.answered == PAGE:
        told = {"report": filed.id, "incident": incident.number}
        drafts.forget(session, one.key.rpartition(":")[2])
    status = FILED if one.answered == PAGE else TAKEN
    submissions.remember(session, one.key, one.body, status=status, answer=told, now=now)


def _row(
    one: Spooled,
    now: datetime,
    *,
    incident: str | None = None,
    report: int | None = None,
    content: dict[str, Any] | None = None,
    problem: Sequence[str] = (),
) -> SpooledReport:
    return SpooledReport(
        number=one.number,
        user_id=one.user_id,
        person=one.person,
        content=content,
        spooled_at=one.spooled_at,
        entered_at=now,
        incident=incident,
        report_id=report,
        problem=list(problem),
    )


def _clock(moment: datetime, rules: Rulebook) -> str:
    return f"{moment.astimezone(rules.zone):%m-%d %H:%M:%S}"
