"""Who may open what: each route declares its permission, and what declares none is closed."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar, cast

from flask import Flask, current_app, g, request

from incident.errors import Forbidden, Unauthenticated
from incident.who import Who
from workflows.lifecycle import Role

R = Role


class Permission(StrEnum):
    """What a person may do, independent of any one incident; objects are checked by scope."""

    SIGNED_IN = "signed_in"
    DESK = "desk"
    CALL = "call"
    LEAD = "lead"
    INCIDENT = "incident"
    REPORT = "report"
    ACT = "act"
    TASK = "task"
    GRADE = "grade"
    CONSULT = "consult"
    BRIEFING = "briefing"
    REVIEW = "review"
    PLANS = "plans"
    PEOPLE = "people"
    ACCOUNTS = "accounts"
    ROLES = "roles"
    AUDIT = "audit"
    SYSTEM = "system"
    DRILL = "drill"
    DIRECT = "direct"
    LEARN = "learn"
    IMPROVE = "improve"
    COMM_TEST = "comm_test"
    ROSTER = "roster"
    ROSTER_EDIT = "roster_edit"
    WATCH = "watch"
    WATCH_KEEP = "watch_keep"
    PREEMPT = "preempt"


DESK = frozenset({R.DUTY_OFFICER, R.DUTY_LEADER, R.COMMANDER, R.GROUP_MEMBER, R.LEADER})
LEADING = frozenset({R.DUTY_LEADER, R.COMMANDER})
EXPERTS = frozenset({R.EXPERT, R.CHAIR})
DRILLS = frozenset({R.DIRECTOR, R.EVALUATOR, R.OBSERVER})
BUSINESS = DESK | EXPERTS | DRILLS | {R.PLAN_KEEPER, R.REPORTER}

GRANTS: Mapping[Permission, frozenset[Role]] = {
    Permission.SIGNED_IN: frozenset(Role),
    Permission.DESK: DESK,
    Permission.CALL: LEADING | {R.DUTY_OFFICER},
    Permission.LEAD: LEADING | {R.LEADER},
    Permission.INCIDENT: DESK | EXPERTS | DRILLS | {R.REPORTER},
    Permission.REPORT: frozenset({R.DUTY_OFFICER, R.DUTY_LEADER, R.GROUP_MEMBER, R.REPORTER}),
    Permission.ACT: DESK | EXPERTS,
    Permission.TASK: DESK - {R.LEADER},
    Permission.GRADE: DESK | EXPERTS,
    Permission.CONSULT: DESK | EXPERTS,
    Permission.BRIEFING: DESK,
    Permission.REVIEW: DESK,
    Permission.PLANS: BUSINESS,
    Permission.PEOPLE: frozenset({R.SYSTEM_ADMIN, R.SECURITY_ADMIN}),
    Permission.ACCOUNTS: frozenset({R.SYSTEM_ADMIN}),
    Permission.ROLES: frozenset({R.SECURITY_ADMIN}),
    Permission.AUDIT: frozenset({R.AUDITOR}),
    Permission.SYSTEM: frozenset({R.SYSTEM_ADMIN}),
    Permission.DRILL: DRILLS,
    Permission.DIRECT: frozenset({R.DIRECTOR}),
    Permission.LEARN: BUSINESS,
    Permission.IMPROVE: LEADING | {R.DIRECTOR, R.EVALUATOR, R.PLAN_KEEPER},
    Permission.COMM_TEST: frozenset({R.DUTY_LEADER, R.DIRECTOR}),
    Permission.ROSTER: DESK | EXPERTS | DRILLS | {R.PLAN_KEEPER},
    Permission.ROSTER_EDIT: frozenset({R.DUTY_LEADER}),
    Permission.WATCH: DESK,
    Permission.WATCH_KEEP: frozenset({R.DUTY_OFFICER, R.DUTY_LEADER}),
    Permission.PREEMPT: LEADING | {R.DUTY_OFFICER, R.LEADER, R.DIRECTOR},
}
NAVIGATION_ORDER: tuple[tuple[str, Permission], ...] = (
    ("desk.show", Permission.DESK),
    ("reports.new", Permission.REPORT),
    ("incidents.index", Permission.INCIDENT),
    ("roster.index", Permission.ROSTER),
    ("duty_log.index", Permission.WATCH),
    ("leaders.show", Permission.LEAD),
    ("plans.index", Permission.PLANS),
    ("drills.index", Permission.DRILL),
    ("drills.improvements", Permission.LEARN),
    ("people.index", Permission.PEOPLE),
    ("audit.show", Permission.AUDIT),
    ("system.show", Permission.SYSTEM),
)
PUBLIC = "public"
SIGN_OUT = "access.sign_out"
MACHINES = frozenset(
    {"api", "callbacks", "socket.io", "health", "healthz", "readyz", "metrics", "pulse"}
)
DECLARED = "_tocsin_permission"

View = TypeVar("View", bound=Callable[..., Any])


def requires(permission: Permission) -> Callable[[View], View]:
    """Declare which permission a route needs."""

    def declare(view: View) -> View:
        setattr(view, DECLARED, permission)
        return view

    return declare


def public(view: View) -> View:
    """Declare that a route is open to everybody."""
    setattr(view, DECLARED, PUBLIC)
    return view


def declared(view: Callable[..., Any]) -> str | None:
    """Return what a route declared, None when it forgot."""
    return cast("str | None", getattr(view, DECLARED, None))


def grants(who: Who, permission: Permission) -> bool:
    """Tell whether a person has a permission; to be signed in needs no role."""
    return permission is Permission.SIGNED_IN or who.may_be(*GRANTS[permission])


def who() -> Who:
    """Return who makes the present request; raise Unauthenticated."""
    found: Who | None = g.get("who")
    if found is None:
        raise Unauthenticated
    return found


def guard() -> None:
    """Let a request through only when its route declared a permission that the person has."""
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None:
        return
    wanted = declared(view)
    if wanted == PUBLIC:
        return
    if wanted is None:
        raise Forbidden
    if not grants(who(), Permission(wanted)):
        raise Forbidden


def is_harmless() -> bool:
    """Tell whether a request changes nothing that needs to know who sits there."""
    view = current_app.view_functions.get(request.endpoint or "")
    return view is None or declared(view) == PUBLIC or request.endpoint == SIGN_OUT


def comes_from_page() -> bool:
    """Tell whether a request is a page's: not the API's, not a provider's callback."""
    first = request.path.split("/", 2)[1]
    return first not in MACHINES


def open_static(app: Flask) -> None:
    """Declare Flask's own static route as public."""
    if "static" in app.view_functions:
        setattr(app.view_functions["static"], DECLARED, PUBLIC)
