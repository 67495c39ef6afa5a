"""What each step must bring, and transactions that are tried and taken back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from incident.models import Entry, GradeProposal, Incident
from incident.operations import consulting
from incident.services import Services
from incident.who import Who
from tests.support.desk import PASSWORD, act, make_person
from workflows.lifecycle import Action


class _Undone(Exception):
    """Takes a transaction back."""


@contextmanager
def undone(services: Services) -> Iterator[Session]:
    """Open a transaction that leaves no trace, whatever is done in it."""
    try:
        with services.transaction() as session:
            yield session
            raise _Undone
    except _Undone:
        pass


def brings(services: Services, incident: Incident, action: str, **changes: Any) -> dict[str, Any]:
    """Return what an action must bring on an incident of grade III; `into` must be given."""
    soon = (services.now() + timedelta(hours=4)).isoformat()
    plan = services.rules.library.plan(incident.plan)
    every: dict[str, dict[str, Any]] = {
        Action.VERIFY: {"conclusion": "属实"},
        Action.DISMISS: {"reason": "误报"},
        Action.MERGE: {"reason": "同一事件"},
        Action.TRANSFER: {"office": "示例省市场监督管理局", "acceptance": "已签收"},
        Action.PROPOSE_GRADE: {"grade": "III", "reason": "按预案标准"},
        Action.APPROVE_GRADE: {"grade": "III", "criterion": "NAT-III-2", "expert_advice": "同意"},
        Action.ACTIVATE: {
            "matters": "开展应急处置",
            "level": "III",
            "expected_until": soon,
            "measures": "救治患者",
        },
        Action.REGRADE: {"grade": "II", "reason": "病例增加"},
        Action.CONVENE: {"question": "致病因素？", "experts": ["expert"], "due_at": soon},
        Action.CONCLUDE: {"conclusion": "细菌性食物中毒", "password": PASSWORD},
        Action.DISPOSE: {"reason": "病因明确"},
        Action.TERMINATE: {"findings": {one.id: True for one in plan.termination}},
        Action.ARCHIVE: {
            "review": {"course": "经过", "well": "及时", "not_well": "偏晚"},
            "personal_data": {"decision": "destroy", "reason": "处置完毕"},
        },
        Action.REOPEN: {"reason": "再现病例"},
    }
    return {**every[action], **changes}


def propose(services: Services, incident: Incident, grade: str, who: Who) -> None:
    act(services, incident, "propose_grade", who, grade=grade, reason="按预案标准")


def second_officer(services: Services) -> Who:
    """Return another duty officer, for proposals that others decide."""
    return make_person(services, "second_officer", "duty_officer", number=61)


def entries(services: Services, incident: Incident) -> list[Entry]:
    """Return the entries of an incident, in order, but for what alerts tell by themselves."""
    with services.reading() as session:
        found = select(Entry).where(
            Entry.incident_id == incident.id, Entry.type.not_like("alert\\_%", escape="\\")
        )
        return list(session.scalars(found.order_by(Entry.seq)))


def last(services: Services, incident: Incident, type: str) -> Entry:
    """Return the newest entry of a type; what follows a step by itself may stand after it."""
    return [entry for entry in entries(services, incident) if entry.type == type][-1]


def types(services: Services, incident: Incident) -> list[str]:
    return [entry.type for entry in entries(services, incident)]


def trace(services: Services) -> tuple[Any, ...]:
    """Return what any change would move: the head of the entries, all versions and proposals."""
    with services.reading() as session:
        return (
            session.scalar(select(func.max(Entry.seq))),
            session.execute(select(Incident.number, Incident.state, Incident.version)).all(),
            session.execute(select(GradeProposal.id, GradeProposal.decision)).all(),
        )


def make_readable(session: Session, incident: Incident, services: Services) -> None:
    """Let the time of the running consultation be up."""
    running = consulting.running(session, incident.id)
    assert running is not None
    running.due_at = services.now()
