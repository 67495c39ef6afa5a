"""What colleagues do besides the steps: calls, opinions, tasks, clocks, briefings, answers."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from drills import schedule
from drills.colleagues.sight import Act, Chance, Sight
from drills.models import DrillInject
from drills.runs import scenario_of
from drills.scenario.conditions import InjectAnswered, leaves
from drills.scenario.schema import SIMULATORS, Inject
from incident import uploads, words
from incident.documents import Status
from incident.gaps import missing
from incident.inputs.base import parse
from incident.inputs.briefings import BriefingText
from incident.inputs.opinions import Declaration, OpinionInput
from incident.inputs.tasks import TaskChange
from incident.models import (
    AlertPerson,
    Briefing,
    Consultation,
    Incident,
    Invitation,
    Opinion,
    Task,
    User,
)
from incident.operations import (
    actions,
    alert_states,
    alerts,
    attachments,
    briefing_turns,
    briefings,
    clocks,
    consulting,
    people,
    steps,
    tasks,
)
from incident.operations.context import Context
from incident.who import Who
from workflows.lifecycle import Role

OFFICER, LEADER, COMMANDER, GROUP = (
    Role.DUTY_OFFICER,
    Role.DUTY_LEADER,
    Role.COMMANDER,
    Role.GROUP_MEMBER,
)
DRAFTED_BY = {
    "initial": OFFICER,
    "progress": OFFICER,
    "special": OFFICER,
    "final": OFFICER,
    "activation_order": COMMANDER,
}
ANSWERED_BY = {"leader_question": LEADER}
PART = 0.6  # of a clock's time, after which it is kept by hand, if not sooner
REPORTED_WITHIN = timedelta(days=1)  # what lasts longer is a term that lapses, not a report
NOTHING = timedelta()


def chances(sight: Sight) -> Iterator[Chance]:
    """Return what else colleagues will do as things stand."""
    yield from _calls(sight)
    yield from _answers(sight)
    main = sight.main
    if main is None or main.state in clocks.OVER:
        return
    yield from _opinions(sight, main)
    yield from _tasks(sight, main)
    yield from _clocks(sight, main)
    yield from _briefings(sight, main)


def _calls(sight: Sight) -> Iterator[Chance]:
    """Answer every call of an account that is the colleagues', then set out where it is asked."""
    own = {one.id: one.number for one in sight.incidents}
    rows = sight.session.execute(
        select(AlertPerson, User)
        .join(User, User.id == AlertPerson.user_id)
        .where(
            AlertPerson.incident_id.in_(own),
            AlertPerson.user_id.in_(sight.cast.answering),
            AlertPerson.called_at.is_not(None),
        )
        .order_by(AlertPerson.id)
    )
    for row, user in rows:
        who = _caller(sight, user)
        if row.state == alert_states.CALLED:
            deed, since, brings = "receive", row.called_at, {"answer": alerts.RECEIVED}
        elif row.remind_at is not None:
            deed, since = "set_out", row.answered_at
            brings = {"answer": alerts.UNDER_WAY, **sight.brings("set_out")}
        else:
            continue
        act = partial(_acknowledge, own[row.incident_id], brings)
        yield from sight.chance(deed, None, act, since=since, target=row.id, who=who)


def _caller(sight: Sight, user: User) -> Who:
    colleague = next((one for one in sight.cast.colleagues.values() if one.id == user.id), None)
    if colleague is not None:
        return colleague
    told = words.phrase("drill_colleagues", "actor", {"role": user.display})
    return Who(id=user.id, display=told[:60], roles=people.who_is(user).roles)


def _answers(sight: Sight) -> Iterator[Chance]:
    """Answer what came to an empty part; what people play is left to them."""
    for row in sight.injects:
        is_open = row.state == schedule.FIRED and row.answered_at is None and row.expired_at is None
        if not is_open or row.content.get("to") == SIMULATORS:
            continue
        inject = schedule.inject_of(row)
        text = sight.script["answer"].brings.get(inject.via)
        role = _asked(sight, inject)
        if text is not None and role is not None:
            act = partial(_answer, sight, row, text)
            yield from sight.chance("answer", role, act, since=row.fired_at, target=row.id)


def _asked(sight: Sight, inject: Inject) -> Role | None:
    """Return the role of whom an inject asks; None where somebody may answer it himself."""
    scenario = scenario_of(sight.run)
    desks = {part.id: part.desk for part in scenario.parts}
    asked = [
        desks[part]
        for one in scenario.expectations
        if InjectAnswered(inject=inject.id) in leaves(one.when)
        for part in one.parts
    ]
    wanted = [role for role in asked if role is not None] or [ANSWERED_BY.get(inject.via, OFFICER)]
    if sight.cast.held.intersection(wanted):
        return None
    return next((role for role in (*wanted, OFFICER) if role in sight.cast.colleagues), None)


def _opinions(sight: Sight, main: Incident) -> Iterator[Chance]:
    asked = consulting.running(sight.session, main.id)
    if asked is None:
        return
    given = {row.expert_id for row in consulting.opinions(sight.session, asked)}
    for place, invited in enumerate(consulting.invitations(sight.session, asked)):
        who = next(
            (one for one in sight.cast.colleagues.values() if one.id == invited.expert_id), None
        )
        if who is None or invited.expert_id in given or invited.conflict:
            continue
        target = f"{asked.id}:{invited.id}"
        deed, since = "opinion", invited.declared_at
        act: Act = partial(_give, asked.id, sight.brings("opinion"))
        if since is None:
            deed, since, act = "declare", asked.opened_at, partial(_declare, asked.id)
        yield from sight.chance(deed, None, act, since=since, target=target, who=who, place=place)


def _tasks(sight: Sight, main: Incident) -> Iterator[Chance]:
    """Do the tasks one after another; one that a person took on is left to him."""
    own = {who.id for who in sight.cast.colleagues.values()}
    for place, task in enumerate(tasks.of(sight.session, main.id)):
        is_free = task.owner_id is None or task.owner_id in own
        if is_free and task.status in (tasks.OPEN, tasks.STARTED):
            act = partial(_do, sight, main.number, task.id)
            since = task.created_at
            yield from sight.chance("task", GROUP, act, since=since, target=task.id, place=place)


def _clocks(sight: Sight, main: Incident) -> Iterator[Chance]:
    """Keep by hand the clocks that nothing else stops."""
    for row in clocks.running_or_done(sight.session, main):
        by_hand = set(row.satisfied_by) == {clocks.MARK}
        if row.satisfied_at is not None or not by_hand or row.due_at is None or row.advisory:
            continue
        since = max(row.starts_at, main.received_at)
        left = sight.clock.going.between(since, row.due_at)
        if left > REPORTED_WITHIN:
            continue
        delay = sight.script["clock"].delay()
        wait = left * PART if row.repeat_seconds else min(delay, left * PART)
        act = partial(_keep, main.number, row.id, sight.brings("clock")["note"])
        for chance in sight.chance("clock", OFFICER, act, since=since, target=row.id):
            due = chance.due - delay + max(wait, NOTHING)
            yield Chance(key=chance.key, deed=chance.deed, who=chance.who, due=due, act=chance.act)


def _briefings(sight: Sight, main: Incident) -> Iterator[Chance]:
    there = briefings.of(sight.session, main.id)
    for row in there:
        if row.status == Status.DRAFT and not _lacks(sight, row):
            role = COMMANDER if row.kind == briefing_turns.ORDER else LEADER
            act = partial(_issue, main.number, row.id)
            yield from sight.chance("issue", role, act, since=row.created_at, target=row.id)
    had = {row.kind for row in there}
    for kind, role in DRAFTED_BY.items():
        if kind not in had and briefing_turns.refusal(main, kind, there) is None:
            act = partial(_draft, main.number, kind, sight.brings(kind))
            yield from sight.chance(kind, role, act)


def _lacks(sight: Sight, row: Briefing) -> bool:
    """Tell whether a draft cannot be issued for what nobody knows: people must say that."""
    if row.kind not in briefings.COMPLETE:
        return False
    return bool(missing(briefings.document(sight.session, row, sight.services.rules)))


def _acknowledge(number: str, brings: dict[str, Any], session: Session, context: Context) -> None:
    held = steps.hold(session, number)
    actions.perform(session, held, "acknowledge", brings, context)


def _answer(sight: Sight, row: DrillInject, text: str, session: Session, context: Context) -> None:
    schedule.answer(session, sight.run, row.id, text, who=context.who, now=context.now)


def _declare(consultation: int, session: Session, context: Context) -> Invitation:
    asked = session.get_one(Consultation, consultation)
    return consulting.declare(session, asked, Declaration(), context)


def _give(consultation: int, brings: dict[str, Any], session: Session, context: Context) -> Opinion:
    asked = session.get_one(Consultation, consultation)
    return consulting.give(session, asked, parse(OpinionInput, brings), context)


def _do(sight: Sight, number: str, task_id: int, session: Session, context: Context) -> Task:
    """Show a task done by a plain text that says who wrote it."""
    held = steps.hold(session, number)
    task = tasks.find(session, held, task_id)
    told = {"title": task.title, "measure": task.measure or task.id}
    name = words.phrase("drill_colleagues", "evidence", told)
    content = words.phrase("drill_colleagues", "record", told).encode()
    upload = uploads.inspect(name, content)
    shown = attachments.attach(
        session, held, upload, sight.services.store.put(upload.content), context
    )
    change = TaskChange(status="done", evidence=(shown.id,), **sight.brings("task"))
    tasks.change(session, held, task, change, context)
    return task


def _keep(number: str, clock: int, note: str, session: Session, context: Context) -> None:
    held = steps.hold(session, number)
    clocks.mark(session, held, clock, at=None, note=note, who=context.who, now=context.now)


def _draft(
    number: str, kind: str, brings: dict[str, Any], session: Session, context: Context
) -> None:
    held = steps.hold(session, number)
    text = parse(BriefingText, brings)
    briefings.draft(session, held, kind, context, text=text if brings else None)


def _issue(number: str, briefing: int, session: Session, context: Context) -> None:
    held = steps.hold(session, number)
    briefings.issue(session, held, briefings.find(session, held, briefing), context)
