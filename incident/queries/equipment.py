"""What the desk itself knows of its equipment, for who takes the watch over."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from incident.operations import providers
from incident.queries import oversight, shell, sirens
from notifications.health import rests_for

GOOD, BAD, UNKNOWN = "good", "bad", "unknown"
CHANNELS = ("sms", "voice", "mail")
SELF_TEST_HOLDS = timedelta(hours=24)  # once a shift day

Line = dict[str, Any]


def lines(session: Session, now: datetime) -> list[Line]:
    """Return how each part stands: `state`, and `at`, when it was last seen to work, if known."""
    return [
        _engine(session, now),
        *_channels(session, now),
        _audit(session, now),
        _siren(session, now),
    ]


def _engine(session: Session, now: datetime) -> Line:
    turned = oversight.turned_at(session)
    alive = shell.engine(session, now).alive
    return _line("engine", GOOD if alive else BAD if turned else UNKNOWN, turned)


def _channels(session: Session, now: datetime) -> Iterator[Line]:
    """A channel is good while one of its providers is; one that was never tried is unknown."""
    known = providers.known(session)
    for channel in CHANNELS:
        ways = [
            (row, providers.standing(row))
            for row in known
            if row.channel == channel and row.paused_at is None
        ]
        tried = [row.ok_at for row, _ in ways if row.ok_at]
        works = any(row.ok_at and not rests_for(standing, now) for row, standing in ways)
        rests = any(rests_for(standing, now) for _, standing in ways)
        state = GOOD if works else BAD if rests else UNKNOWN
        yield _line(channel, state, max(tried, default=None))


def _audit(session: Session, now: datetime) -> Line:
    rounds = oversight.rounds(session, now)
    held = all(finding.holds for finding in oversight.findings(session))
    state = UNKNOWN if rounds.late else GOOD if held else BAD
    return _line("audit", state, rounds.checked_at)


def _siren(session: Session, now: datetime) -> Line:
    tested = sirens.self_test(session)
    is_fresh = tested is not None and now - tested.at < SELF_TEST_HOLDS
    return _line("siren", GOOD if is_fresh else UNKNOWN, tested.at if tested else None)


def _line(name: str, state: str, at: datetime | None) -> Line:
    return {"name": name, "state": state, "at": at.isoformat() if at else None}
