"""Change something once: the same key and body get the same answer again."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, request
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from incident.api import answering, finding, reading
from incident.crashpoints import crashpoint
from incident.errors import StaleVersion, TocsinError
from incident.models import Incident, Submission
from incident.operations import steps, submissions
from incident.queries import scope
from incident.web.access import who
from incident.web.desk import services
from incident.who import Who

REPLAYED = "Idempotent-Replayed"

Work = Callable[[Session], object]
"""Does the change in a transaction and returns the answer."""


def change(given: Mapping[str, Any], work: Work) -> Response:
    """Do a change in one transaction, once for each Idempotency-Key of the caller.

    `given` is what came in; the same key with another is refused.
    """
    return prepared(given, lambda: work)


def prepared(given: Mapping[str, Any], prepare: Callable[[], Work]) -> Response:
    """Do a change that needs something beforehand, outside of its transaction.

    `prepare` is called only when the key is new. An error is not kept under the key: nothing
    was done, and the caller may mend it and try again.
    """
    crashpoint("intake.before_begin")
    key = reading.submission_key()
    if key is None:
        return answering.send(_do(prepare(), None), answering.present().status)
    told = {"to": request.path, "by": request.method, "given": given}
    name, digest = f"{who().id}:{key}", submissions.body_digest(told)
    known = _recall(name, digest)
    if known is None:
        try:
            content = _do(prepare(), (name, digest))
            return answering.send(content, answering.present().status)
        except (TocsinError, IntegrityError):
            known = _recall(name, digest)  # a twin may have been faster
            if known is None:
                raise
    response = answering.send(known.answer, known.status)
    response.headers[REPLAYED] = "true"
    return response


def held(
    session: Session,
    number: str,
    person: Who,
    version: int | None,
    *,
    beside: str | None = None,
) -> Incident:
    """Return an incident for change: found, theirs, and still as they saw it.

    `beside` is another one that changes with it.
    """
    incident = steps.hold(session, finding.possible(number), beside=beside)
    if not scope.sees_all(person):
        scope.incident(session, number, person)
    if version is not None and version != incident.version:
        raise StaleVersion(incident.version)
    return incident


def _do(work: Work, submission: tuple[str, str] | None) -> Any:
    desk = services()
    with desk.transaction() as session:
        content = answering.plain(work(session))
        if submission is not None:
            submissions.remember(
                session,
                *submission,
                status=answering.present().status,
                answer=content,
                now=desk.now(),
            )
    crashpoint("intake.after_commit")
    return content


def _recall(name: str, digest: str) -> Submission | None:
    with services().reading() as session:
        return submissions.recall(session, name, digest)
