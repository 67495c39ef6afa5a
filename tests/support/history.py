"""What went in must come out: clients' notes, the desk's rows and the provider's journal in one.

held = check(services, journal, attempted={"k1", "k2"}, acked={"k1": number})
assert not held.lost and held.unlabelled == 0
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from incident.models import AlertPerson, Incident, OutgoingMessage, SpooledReport, Submission
from incident.operations import audit
from incident.services import Services

AGAIN = "重发"
KEPT_BACK = frozenset({"withdrawn", "folded", "held", "refused", "dead"})


@dataclass(slots=True)
class History:
    """What was found. `duplicates` counts what came again at the provider by its cause."""

    reports: int = 0
    messages: int = 0
    lost: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    duplicates: Counter[str] = field(default_factory=Counter)

    @property
    def unlabelled(self) -> int:
        """Return how many came twice without saying so."""
        return self.duplicates["unlabelled"]

    def __str__(self) -> str:
        counts = ", ".join(f"{cause}: {count}" for cause, count in self.duplicates.items())
        return (
            f"{self.reports} reports, {self.messages} messages, {len(self.lost)} lost,"
            f" duplicates {{{counts}}}"
        )


def check(
    services: Services,
    journal: Path,
    *,
    attempted: Collection[str] = (),
    acked: Mapping[str, str] | None = None,
) -> History:
    """Hold everything against everything, after the engine has nothing left to do.

    `attempted` are the keys under which reports were sent, `acked` the numbers that clients were
    shown. What may never be is an assertion here; what a caller judges is counted.
    """
    found = History()
    accepted = acceptances(journal)
    with services.reading() as session:
        _reports(session, found, attempted, acked or {})
        _messages(session, found, accepted)
        _people(session, found, accepted)
        chain = audit.verify(session)
    assert chain.is_whole, chain
    return found


def acceptances(journal: Path) -> dict[str, list[dict[str, Any]]]:
    """Return what the provider took, in order, by the code of our message."""
    taken: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in journal.read_text("utf-8").splitlines():
        entry = json.loads(line)
        if entry["event"] == "accepted":
            taken[_code(entry)].append(entry)
    return taken


def _code(entry: Mapping[str, Any]) -> str:
    """Return the code of a message that was taken: the mainland's dialect calls it a reference."""
    return str(entry.get("reference") or str(entry["callback"]).rpartition("/")[2])


def _reports(
    session: Session, found: History, attempted: Collection[str], acked: Mapping[str, str]
) -> None:
    """What was answered is stored, under the same number; what is stored was sent."""
    numbers = session.scalars(select(Incident.number)).all()
    assert len(numbers) == len(set(numbers))
    rows = session.scalars(select(Submission)).all()
    stored = {row.key.partition(":")[2]: _number(session, row.answer) for row in rows}
    found.reports = len(stored)
    found.lost += [key for key, number in acked.items() if stored.get(key) != number]
    assert set(stored) <= set(attempted) or not attempted, set(stored) - set(attempted)
    assert len(set(stored.values())) == len(stored)


def _number(session: Session, answer: Mapping[str, Any]) -> str | None:
    """Return the incident that an answer names, or that its temporary number came to be."""
    if "number" in answer:
        return session.get_one(SpooledReport, answer["number"]).incident
    return str(answer["incident"]["number"])


def _messages(
    session: Session, found: History, accepted: Mapping[str, Sequence[Mapping[str, Any]]]
) -> None:
    """Each message that should leave was taken, and what was taken is one of ours."""
    rows = {row.code: row for row in session.scalars(select(OutgoingMessage))}
    found.messages = len(rows)
    found.strangers = sorted(accepted.keys() - rows.keys())
    assert not found.strangers, found.strangers
    for code, row in rows.items():
        taken = accepted.get(code, ())
        if not taken and row.state not in KEPT_BACK and row.channel == "sms":
            found.lost.append(f"message {row.id} {row.state}")
        if len(taken) > 1:
            found.duplicates[_cause(row, taken)] += len(taken) - 1


def _cause(row: OutgoingMessage, taken: Sequence[Mapping[str, Any]]) -> str:
    """Say whether a message that came twice said so, whichever of the two was faster."""
    is_labelled = row.resent and any(AGAIN in str(one["body"]) for one in taken)
    return "uncertain, labelled" if is_labelled else "unlabelled"


def _people(
    session: Session, found: History, accepted: Mapping[str, Sequence[Mapping[str, Any]]]
) -> None:
    """Whoever is called was reached by at least one message that the provider took."""
    reached = {
        row.alert_person_id
        for row in session.scalars(select(OutgoingMessage))
        if accepted.get(row.code) or row.state in KEPT_BACK
    }
    called = session.scalars(
        select(AlertPerson).where(AlertPerson.called_at.is_not(None), AlertPerson.step > 0)
    )
    found.lost += [f"person {one.id}" for one in called if one.id not in reached]
