"""The whole life of an incident in one table."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where an incident stands; the last three are aside from the main line."""

    REPORTED = "reported"
    GRADING = "grading"
    RESPONDING = "responding"
    CONSULTING = "consulting"
    DISPOSING = "disposing"
    REVIEWING = "reviewing"
    CLOSED = "closed"
    DISMISSED = "dismissed"
    MERGED = "merged"
    TRANSFERRED = "transferred"


class Role(StrEnum):
    """What a user may be; the last three exclude each other and all the others."""

    DUTY_OFFICER = "duty_officer"
    DUTY_LEADER = "duty_leader"
    COMMANDER = "commander"
    GROUP_MEMBER = "group_member"
    EXPERT = "expert"
    CHAIR = "chair"
    LEADER = "leader"
    PLAN_KEEPER = "plan_keeper"
    DIRECTOR = "director"
    EVALUATOR = "evaluator"
    OBSERVER = "observer"
    REPORTER = "reporter"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDITOR = "auditor"


class Action(StrEnum):
    """A step of the life, named as in the contract."""

    VERIFY = "verify"
    DISMISS = "dismiss"
    MERGE = "merge"
    TRANSFER = "transfer"
    PROPOSE_GRADE = "propose_grade"
    APPROVE_GRADE = "approve_grade"
    ACTIVATE = "activate"
    REGRADE = "regrade"
    CONVENE = "convene"
    CONCLUDE = "conclude"
    DISPOSE = "dispose"
    TERMINATE = "terminate"
    ARCHIVE = "archive"
    REOPEN = "reopen"


MAIN_LINE = (
    State.REPORTED,
    State.GRADING,
    State.RESPONDING,
    State.CONSULTING,
    State.DISPOSING,
    State.REVIEWING,
    State.CLOSED,
)
ASIDE = frozenset({State.DISMISSED, State.MERGED, State.TRANSFERRED})
EXCLUSIVE_ROLES = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One row: from where an action leads where, who takes it, what it must bring.

    `target` is None when the state stays. `proposers` may propose the step, which `role` then
    confirms. `second_person` says that whoever proposed may not be the one who takes the
    step. `only_ungraded` limits the row to an incident
    whose approved grade is "ungraded" (非级别).
    """

    action: Action
    source: State
    target: State | None
    role: Role
    requires: tuple[str, ...]
    proposers: tuple[Role, ...] = ()
    second_person: bool = False
    only_ungraded: bool = False

    def lands_in(self) -> State:
        """Return the state after the step."""
        return self.target or self.source


def _rows(
    action: Action,
    sources: Iterable[State],
    target: State | None,
    role: Role,
    requires: tuple[str, ...],
    *,
    proposers: tuple[Role, ...] = (),
    second_person: bool = False,
    only_ungraded: bool = False,
) -> Iterator[Transition]:
    for source in sources:
        yield Transition(
            action=action,
            source=source,
            target=target,
            role=role,
            requires=requires,
            proposers=proposers,
            second_person=second_person,
            only_ungraded=only_ungraded,
        )


S, A, R = State, Action, Role
UNSETTLED = (S.REPORTED, S.GRADING)
RUNNING = (S.RESPONDING, S.CONSULTING, S.DISPOSING)

TRANSITIONS: tuple[Transition, ...] = (
    *_rows(A.VERIFY, [S.REPORTED], S.GRADING, R.DUTY_OFFICER, ("conclusion",)),
    *_rows(
        A.DISMISS,
        UNSETTLED,
        S.DISMISSED,
        R.DUTY_LEADER,
        ("reason",),
        proposers=(R.DUTY_OFFICER,),
        second_person=True,
    ),
    *_rows(A.MERGE, UNSETTLED, S.MERGED, R.DUTY_LEADER, ("into", "reason")),
    *_rows(A.TRANSFER, UNSETTLED, S.TRANSFERRED, R.DUTY_LEADER, ("office", "acceptance")),
    *_rows(A.PROPOSE_GRADE, (S.GRADING, *RUNNING), None, R.DUTY_OFFICER, ("grade",)),
    *_rows(
        A.APPROVE_GRADE,
        [S.GRADING],
        None,
        R.COMMANDER,
        ("grade", "criterion", "expert_advice"),
        second_person=True,
    ),
    *_rows(
        A.ACTIVATE,
        [S.GRADING],
        S.RESPONDING,
        R.COMMANDER,
        ("matters", "level", "expected_until", "measures"),
    ),
    *_rows(A.REGRADE, RUNNING, None, R.COMMANDER, ("grade", "reason"), second_person=True),
    *_rows(
        A.CONVENE,
        (S.RESPONDING, S.DISPOSING),
        S.CONSULTING,
        R.COMMANDER,
        ("question", "evidence", "experts"),
    ),
    *_rows(A.CONCLUDE, [S.CONSULTING], S.DISPOSING, R.CHAIR, ("conclusion",)),
    *_rows(A.DISPOSE, [S.RESPONDING], S.DISPOSING, R.COMMANDER, ("reason",)),
    *_rows(A.DISPOSE, [S.GRADING], S.DISPOSING, R.COMMANDER, ("reason",), only_ungraded=True),
    *_rows(A.TERMINATE, [S.DISPOSING], S.REVIEWING, R.COMMANDER, ("findings",)),
    *_rows(
        A.ARCHIVE,
        [S.REVIEWING],
        S.CLOSED,
        R.DUTY_LEADER,
        ("review", "follow_ups", "personal_data"),
    ),
    *_rows(A.REOPEN, (S.REVIEWING, S.CLOSED), S.RESPONDING, R.COMMANDER, ("reason",)),
)


def find(state: State, action: Action) -> Transition | None:
    """Return the row for an action in a state, or None when the step is not open."""
    rows = (row for row in TRANSITIONS if row.source == state and row.action == action)
    return next(rows, None)


def open_steps(state: State, *, ungraded: bool = False) -> tuple[Transition, ...]:
    """Return the rows open in a state, in the order of the table.

    `ungraded` tells whether the approved grade is "ungraded" (非级别).
    """
    return tuple(
        row for row in TRANSITIONS if row.source == state and (ungraded or not row.only_ungraded)
    )
