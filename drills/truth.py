"""When something came true in a drill, read from what the desk has stored.

Every condition is asked for its first moment by the wall clock. `by` limits it to what some people
did: a step that they took, a call or an inject that they answered. Everything else, such as a
state or a fact, is the desk's, whoever is asked for.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from drills.models import DrillInject, DrillRun
from drills.scenario.conditions import (
    ActionTaken,
    AllOf,
    AnyOf,
    BriefingIssued,
    ClockKept,
    Condition,
    ConsultationConcluded,
    FactIs,
    InjectAnswered,
    InState,
    MessageAnswered,
    TaskDone,
)
from incident.models import (
    Alert,
    AlertPerson,
    Briefing,
    Consultation,
    Entry,
    Evidence,
    Incident,
    IncidentClock,
    Observation,
    Role,
    Task,
)
from incident.operations.alert_states import SPARED
from workflows.lifecycle import TRANSITIONS, State

REPORTED, ANSWERED = "reported", "alert_answered"
People = Collection[int] | None


@dataclass(slots=True)
class Desk:
    """The desk as one drill left it; what was read once is not read again."""

    session: Session
    run: DrillRun
    _seen: dict[tuple[Condition, frozenset[int] | None], datetime | None] = field(
        default_factory=dict
    )

    def first_true(self, condition: Condition, by: People = None) -> datetime | None:
        """Return when a condition first was true; None while it has not been."""
        key = (condition, None if by is None else frozenset(by))
        if key not in self._seen:
            self._seen[key] = self._moment(condition, by)
        return self._seen[key]

    def _moment(self, condition: Condition, by: People) -> datetime | None:
        match condition:
            case AllOf(parts=parts):
                return _last(self.first_true(part, by) for part in parts)
            case AnyOf(parts=parts):
                return _first(self.first_true(part, by) for part in parts)
            case InState(state=state):
                return self._state(state)
            case ActionTaken(action=action):
                return self._first(
                    self._own(select(Entry.entered_at), Entry.incident_id).where(
                        Entry.type == str(action), _of(Entry.actor_id, by)
                    )
                )
            case FactIs():
                return self._fact(condition)
            case TaskDone():
                return self._task(condition)
            case ClockKept(clock=clock):
                return self._clock(clock)
            case MessageAnswered():
                return self._message(condition, by)
            case BriefingIssued():
                return self._briefing(condition)
            case ConsultationConcluded():
                return self._first(
                    self._own(select(Consultation.signed_at), Consultation.incident_id)
                )
            case InjectAnswered(inject=inject):
                return self._first(
                    select(DrillInject.answered_at).where(
                        DrillInject.run_id == self.run.id,
                        DrillInject.inject == inject,
                        _of(DrillInject.answered_by, by),
                    )
                )

    def _state(self, state: State) -> datetime | None:
        """Return when an incident came into a state; the first report opens one."""
        leading = {str(row.action) for row in TRANSITIONS if row.lands_in() == state}
        rows = self.session.execute(
            self._own(select(Entry.entered_at, Entry.type, Entry.data), Entry.incident_id)
            .where(Entry.type.in_([*leading, REPORTED]))
            .order_by(Entry.seq)
        )
        for at, type, data in rows:
            opens = state == State.REPORTED and type == REPORTED
            if opens or ("from" in data and data.get("to") == str(state)):
                return _moment_of(at)
        return None

    def _fact(self, wanted: FactIs) -> datetime | None:
        rows = self.session.execute(
            self._own(select(Observation.entered_at, Observation.value), Observation.incident_id)
            .where(Observation.name == wanted.fact)
            .order_by(Observation.id)
        )
        return next((_moment_of(at) for at, value in rows if _fits(value, wanted)), None)

    def _task(self, wanted: TaskDone) -> datetime | None:
        query = self._own(select(Task.done_at), Task.incident_id).where(Task.measure == wanted.task)
        if wanted.evidence:
            shown = select(Evidence.task_id).where(Evidence.task_id == Task.id)
            query = query.where(shown.exists())
        return self._first(query)

    def _clock(self, rule: str) -> datetime | None:
        return self._first(
            self._own(select(IncidentClock.satisfied_at), IncidentClock.incident_id).where(
                IncidentClock.rule == rule,
                IncidentClock.satisfied_at.is_not(None),
                (IncidentClock.due_at.is_(None))
                | (IncidentClock.satisfied_at <= IncidentClock.due_at),
            )
        )

    def _message(self, wanted: MessageAnswered, by: People) -> datetime | None:
        """Return when any one, or the last, of those called in a role first answered.

        Whom another's answer spared is not asked any more.
        """
        in_role = select(Role.user_id).where(
            Role.user_id == AlertPerson.user_id, Role.role == str(wanted.role)
        )
        called = self.session.scalars(
            self._own(select(AlertPerson.id), AlertPerson.incident_id)
            .join(Alert, Alert.id == AlertPerson.alert_id)
            .where(
                Alert.event == str(wanted.event),
                AlertPerson.called_at.is_not(None),
                AlertPerson.state != SPARED,
                in_role.exists(),
                _of(AlertPerson.user_id, by),
            )
        ).all()
        answered = self._answers() if called else {}
        return (_last if wanted.of == "all" else _first)(answered.get(id) for id in called)

    def _answers(self) -> dict[int, datetime]:
        """Return when each person of an alert first answered: he may answer otherwise later."""
        rows = self.session.execute(
            self._own(select(Entry.entered_at, Entry.data), Entry.incident_id)
            .where(Entry.type == ANSWERED)
            .order_by(Entry.seq.desc())
        )
        return {data["person"]: at for at, data in rows}

    def _briefing(self, wanted: BriefingIssued) -> datetime | None:
        rows = self.session.execute(
            self._own(
                select(Briefing.issued_at, Briefing.content, Briefing.facts), Briefing.incident_id
            )
            .where(Briefing.kind == wanted.kind, Briefing.issued_at.is_not(None))
            .order_by(Briefing.issued_at)
        )
        for at, content, facts in rows:
            known = {name: fact["value"] for name, fact in facts.get("known", {}).items()}
            told = {**known, **content.get("text", {})}
            if all(told.get(name) not in (None, "", []) for name in wanted.contains):
                return _moment_of(at)
        return None

    def _own(self, query: Any, incident_id: Any) -> Any:
        """Limit a query to what belongs to the drill's incidents."""
        own = select(Incident.id).where(Incident.drill == self.run.key)
        return query.where(incident_id.in_(own))

    def _first(self, query: Any) -> datetime | None:
        return _first(self.session.scalars(query))


def _of(column: Any, by: People) -> ColumnElement[bool]:
    return true() if by is None else column.in_(by)


def _fits(value: object, wanted: FactIs) -> bool:
    if wanted.at_least is None:
        return value == wanted.equals
    return isinstance(value, int) and not isinstance(value, bool) and value >= wanted.at_least


def _first(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _last(moments: Iterable[datetime | None]) -> datetime | None:
    """Return the last moment, None where one is missing or there is none at all."""
    found = list(moments)
    if not found or any(moment is None for moment in found):
        return None
    return max(moment for moment in found if moment is not None)


def _moment_of(value: Any) -> datetime:
    moment: datetime = value
    return moment
