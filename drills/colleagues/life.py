"""The steps of an incident's life that colleagues take, as soon as the desk lets them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from drills import schedule
from drills.colleagues.casting import Cast
from drills.colleagues.sight import Chance, Sight
from drills.example_people import PASSWORD_FILE, example_password
from drills.scenario.schema import minutes
from incident.errors import Conflict
from incident.models import Consultation, Entry, Incident, Observation, Task, User
from incident.operations import actions, consulting, facts, grading, settling, steps, tasks
from incident.operations.clocks import moments_of
from incident.operations.context import Context
from incident.operations.steps import UNGRADED
from workflows.lifecycle import Role, State
from workflows.plan import Grade

RUNNING = (State.RESPONDING, State.CONSULTING, State.DISPOSING)
UNSETTLED = (State.REPORTED, State.GRADING)
OFFICER, LEADER, COMMANDER, CHAIR = (
    Role.DUTY_OFFICER,
    Role.DUTY_LEADER,
    Role.COMMANDER,
    Role.CHAIR,
)


def chances(sight: Sight) -> Iterator[Chance]:
    """Return the steps that colleagues will take as things stand."""
    for other in sight.incidents:
        if sight.main is not None and other.id != sight.main.id:
            yield from _merge(sight, other, sight.main)
    main = sight.main
    if main is None:
        return
    yield from _settle(sight, main)
    yield from _grade(sight, main)
    yield from _respond(sight, main)
    yield from _consult(sight, main)
    yield from _end(sight, main)


def _merge(sight: Sight, other: Incident, main: Incident) -> Iterator[Chance]:
    if other.state in UNSETTLED and main.state not in (State.CLOSED, State.DISMISSED):
        brings = {"into": main.number, **sight.brings("merge")}
        act = partial(_perform, other.number, "merge", brings)
        yield from sight.chance("merge", LEADER, act, since=other.received_at, target=other.id)


def _settle(sight: Sight, main: Incident) -> Iterator[Chance]:
    """Verify; dismiss where the script knows that there was nothing."""
    if main.state == State.REPORTED:
        yield from _step(sight, main, "verify", OFFICER, since=main.received_at)
    if main.state not in UNSETTLED:
        return
    proposer = settling.dismissal_proposer(sight.session, main)
    if proposer is None:
        yield from _step(sight, main, "dismiss", OFFICER, since=main.received_at)
    elif (leader := sight.cast.colleagues.get(LEADER)) and leader.id != proposer:
        at = _last_entry(sight, main, settling.PROPOSED)
        brings = sight.brings("confirm_dismissal")
        act = partial(_perform, main.number, "dismiss", brings)
        yield from sight.chance("confirm_dismissal", LEADER, act, since=at, target=at)


def _grade(sight: Sight, main: Incident) -> Iterator[Chance]:
    """Propose what the rules say, once and whenever it becomes graver; another approves it."""
    if main.state != State.GRADING and main.state not in RUNNING:
        return
    proposal = grading.open_proposal(sight.session, main.id)
    wanted = _wanted_grade(sight, main)
    said = wanted["grade"]
    had = proposal.grade if proposal is not None else main.grade
    if had is None or _is_graver(said, had):
        yield from sight.chance(
            "propose_grade",
            OFFICER,
            partial(_perform, main.number, "propose_grade", wanted),
            since=_known_since(sight, main),
            target=f"{said}:{had}",
        )
    elif proposal is not None and proposal.grade != main.grade:
        deed = "approve_grade" if main.state == State.GRADING else "regrade"
        brings = {"grade": proposal.grade, **sight.brings(deed)}
        act = partial(_perform, main.number, deed, brings)
        at = proposal.proposed_at
        yield from sight.chance(deed, COMMANDER, act, since=at, target=proposal.id)


def _wanted_grade(sight: Sight, main: Incident) -> dict[str, Any]:
    """Return what is to be proposed: the verdict, or what the script thinks graver, and why."""
    known = facts.current(sight.session, main.id)
    said = grading.verdict(main, known, sight.services.rules).grade or UNGRADED
    told = sight.brings("propose_grade")
    return told if told and _is_graver(told["grade"], said) else {"grade": said}


def _respond(sight: Sight, main: Incident) -> Iterator[Chance]:
    if main.state != State.GRADING or main.grade is None:
        return
    graded = moments_of(main).get("graded")
    if main.grade == UNGRADED:
        act = partial(_perform, main.number, "dispose", sight.brings("dispose_ungraded"))
        yield from sight.chance("dispose_ungraded", COMMANDER, act, since=graded)
        return
    act = partial(_activate, sight, main.number, main.grade)
    yield from sight.chance("activate", COMMANDER, act, since=graded)


def _consult(sight: Sight, main: Incident) -> Iterator[Chance]:
    if main.state == State.CONSULTING:
        yield from _conclude(sight, main)
    if main.state not in (State.RESPONDING, State.DISPOSING):
        return
    experts = _experts(sight)
    if experts and not _was_consulted(sight, main):
        act = partial(_convene, sight, main.number, experts)
        yield from sight.chance("convene", COMMANDER, act)
    elif main.state == State.RESPONDING:
        yield from _step(sight, main, "dispose", COMMANDER)


def _conclude(sight: Sight, main: Incident) -> Iterator[Chance]:
    asked = consulting.running(sight.session, main.id)
    now = sight.services.now()
    if asked is None or not consulting.is_open_to_read(sight.session, asked, now):
        return
    given = [one.given_at for one in consulting.opinions(sight.session, asked)]
    since = max(given, default=asked.due_at)
    act = partial(_sign, sight, main.number)
    yield from sight.chance("conclude", CHAIR, act, since=since, target=asked.id)


def _end(sight: Sight, main: Incident) -> Iterator[Chance]:
    moments = moments_of(main)
    if main.state == State.REVIEWING:
        yield from _step(sight, main, "archive", LEADER, since=moments.get("terminated"))
    if main.state != State.DISPOSING or _is_more_to_come(sight, main):
        return
    done = sight.session.scalar(select(func.max(Task.done_at)).where(Task.incident_id == main.id))
    last = [row.fired_at for row in sight.injects if row.fired_at is not None]
    begun = [moments[name] for name in ("concluded", "disposed", "regraded") if name in moments]
    since = max([*last, *begun, *([done] if done else [])], default=None)
    act = partial(_terminate, sight, main.number)
    yield from sight.chance("terminate", COMMANDER, act, since=since)


def _is_more_to_come(sight: Sight, main: Incident) -> bool:
    """Tell whether something is planned yet, or a task is open."""
    is_planned = any(row.state == schedule.PLANNED and not row.is_held for row in sight.injects)
    undone = any(
        task.status in (tasks.OPEN, tasks.STARTED) for task in tasks.of(sight.session, main.id)
    )
    return is_planned or undone


def _step(
    sight: Sight,
    incident: Incident,
    name: str,
    role: Role,
    *,
    since: datetime | None = None,
) -> list[Chance]:
    """Return the chance of a step that brings what the script says."""
    brings = sight.brings(name)
    if "follow_ups" in brings:
        brings["follow_ups"] = [_dated(sight, item) for item in brings["follow_ups"]]
    act = partial(_perform, incident.number, name, brings)
    return sight.chance(name, role, act, since=since, target=incident.id)


def _perform(
    number: str, name: str, brings: dict[str, Any], session: Session, context: Context
) -> None:
    held = steps.hold(session, number, beside=actions.also_held(name, brings))
    actions.perform(session, held, name, brings, context)


def _activate(sight: Sight, number: str, grade: str, session: Session, context: Context) -> None:
    brings = sight.brings("activate")
    until = sight.later(minutes(brings.pop("expected_until")), context.now)
    told = {"level": grade, "expected_until": until.isoformat(), **brings}
    _perform(number, "activate", told, session, context)


def _convene(
    sight: Sight, number: str, experts: list[str], session: Session, context: Context
) -> None:
    brings = sight.brings("convene")
    due = sight.later(minutes(brings.pop("due_at")), context.now)
    told = {"experts": experts, "due_at": due.isoformat(), **brings}
    _perform(number, "convene", told, session, context)


def _sign(sight: Sight, number: str, session: Session, context: Context) -> None:
    """Sign with the example's password; nobody signs with a person's."""
    folder = sight.services.settings.data_dir
    if context.who.id not in sight.cast.signing or not (folder / PASSWORD_FILE).exists():
        raise Conflict("colleague-cannot-sign")
    brings = {"password": example_password(folder), **sight.brings("conclude")}
    _perform(number, "conclude", brings, session, context)


def _terminate(sight: Sight, number: str, session: Session, context: Context) -> None:
    held = steps.hold(session, number)
    plan = context.rules.library.plan(held.plan)
    findings = {ending.id: True for ending in plan.termination}
    actions.perform(session, held, "terminate", {"findings": findings}, context)


def _dated(sight: Sight, item: dict[str, Any]) -> dict[str, Any]:
    days = timedelta(days=int(str(item["due_on"]).removesuffix("d")))
    day = sight.services.rules.day(sight.services.now() + days)
    return {**item, "due_on": day.isoformat()}


def _experts(sight: Sight) -> list[str]:
    """Return the names of the accounts to ask: the colleague, and players who are experts."""
    ids = _expert_ids(sight.cast)
    found = sight.session.scalars(select(User).where(User.id.in_(ids)).order_by(User.id)).all()
    return [one.name for one in found if Role.EXPERT in {row.role for row in one.role_rows}]


def _expert_ids(cast: Cast) -> set[int]:
    own = {who.person for role, who in cast.colleagues.items() if role in (Role.EXPERT, CHAIR)}
    return own.union(*cast.players.values())


def _was_consulted(sight: Sight, main: Incident) -> bool:
    query = select(Consultation.id).where(Consultation.incident_id == main.id)
    return sight.session.scalar(query.limit(1)) is not None


def _known_since(sight: Sight, main: Incident) -> datetime | None:
    """Return when the facts were last added to, or the incident was verified, whatever is later."""
    query = select(func.max(Observation.entered_at)).where(Observation.incident_id == main.id)
    last, verified = sight.session.scalar(query), moments_of(main).get("verified")
    return max((one for one in (last, verified) if one is not None), default=None)


def _last_entry(sight: Sight, incident: Incident, type: str) -> datetime | None:
    query = select(func.max(Entry.entered_at)).where(
        Entry.incident_id == incident.id, Entry.type == type
    )
    return sight.session.scalar(query)


def _is_graver(said: str, had: str) -> bool:
    if said in (UNGRADED, had):
        return False
    return had == UNGRADED or Grade(said).severity > Grade(had).severity
