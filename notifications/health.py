"""How a provider stands: what came of its last sendings, and whether it is left in peace."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from notifications.message import Accepted, NotProcessed, Outcome, Refused, Uncertain

FAILURES = 3  # in a row, after which it is left in peace
REST = timedelta(seconds=30)  # until one message may try it again
REMEMBERED = 20
CONFIGURATION, NO_CONNECTION, BUSY, NOT_KNOWN = (
    "configuration",
    "no-connection",
    "busy",
    "not-known",
)
TOOK, FAILED = "1", "0"
LONGEST = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of a provider; a moment is None for what never was.

    `recent` holds the last sendings, "1" for one that it answered and "0" for a failure, the
    newest last. `failures` counts those in a row. The circuit is open since `opened_at`.
    `problem` is a key of the words for problems, `error` what it said itself, of the last
    failure, which may be long mended.
    """

    recent: str = ""
    failures: int = 0
    opened_at: datetime | None = None
    problem: str | None = None
    error: str | None = None
    ok_at: datetime | None = None
    failed_at: datetime | None = None

    @property
    def score(self) -> float | None:
        """The share of the last sendings that it answered; None before the first."""
        return self.recent.count(TOOK) / len(self.recent) if self.recent else None


def rests_for(standing: Standing, now: datetime) -> float:
    """Return the seconds for which it is still left in peace; 0 when it may be tried.

    A clock that was set back counts as a rest that is over.
    """
    if standing.opened_at is None or now < standing.opened_at:
        return 0
    return max(0.0, (standing.opened_at + REST - now).total_seconds())


def after(standing: Standing, outcome: Outcome, now: datetime) -> Standing:
    """Say how it stands once this came of a sending.

    A refused number proves that the provider is well; a closed route says nothing of it, and
    a wish for patience opens no circuit.
    """
    match outcome:
        case Accepted() | Refused():
            return replace(
                standing, recent=_more(standing, TOOK), failures=0, opened_at=None, ok_at=now
            )
        case NotProcessed(route=True):
            return standing
        case NotProcessed(configuration=True, reason=reason):
            return _failed(standing, CONFIGURATION, reason, now, at_once=True)
        case NotProcessed(retry_after=float() | int(), reason=reason):
            return replace(_marked(standing, BUSY, reason, now), failures=standing.failures)
        case NotProcessed(reason=reason):
            return _failed(standing, NO_CONNECTION, reason, now)
        case Uncertain(reason=reason):
            return _failed(standing, NOT_KNOWN, reason, now)


def _failed(
    standing: Standing, problem: str, reason: str, now: datetime, *, at_once: bool = False
) -> Standing:
    failures = standing.failures + 1
    opens = at_once or failures >= FAILURES or standing.opened_at is not None
    marked = _marked(standing, problem, reason, now)
    return replace(marked, failures=failures, opened_at=now if opens else None)


def _marked(standing: Standing, problem: str, reason: str, now: datetime) -> Standing:
    return replace(
        standing,
        recent=_more(standing, FAILED),
        problem=problem,
        error=reason[:LONGEST],
        failed_at=now,
    )


def _more(standing: Standing, mark: str) -> str:
    return (standing.recent + mark)[-REMEMBERED:]
