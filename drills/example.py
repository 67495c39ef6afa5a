"""The example desk: people, a few incidents in different states, and one drill in progress."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from drills import runs
from drills.example_people import example_password, give_telephones, make_people
from drills.example_roster import make_roster
from drills.example_watch import hand_over, write_log
from drills.rehearse import play_until
from drills.scenario.files import shipped
from drills.story import Step, Story, length, stories, told_at
from incident.clock import FrozenClock
from incident.inputs.base import parse
from incident.inputs.opinions import Declaration, OpinionInput
from incident.inputs.report import ReportInput
from incident.models import Incident
from incident.operations import actions, clocks, consulting, reporting, steps
from incident.services import Services
from incident.who import Who

SCENARIO = "school-canteen-salmonella"
DIRECTOR = "daotiao"
DRILL_AGE = timedelta(minutes=12)
ON_WATCH = "zhiban"
OPINION = "opinion"
CLOCK_KEPT = "clock_kept"
SIGNED = "SIGNED"  # stands for the password of the example accounts
ALL_MET = "ALL-MET"  # stands for every criterion for ending, met


def load_example(services: Services) -> str:
    """Fill an empty desk; return the password of the example accounts. A full desk stays."""
    people = make_people(services)
    with services.reading() as session:
        is_empty = session.scalar(select(Incident.id).limit(1)) is None
    if is_empty:
        _fill(services, people)
    return example_password(services.settings.data_dir)


def _fill(services: Services, people: Mapping[str, Who]) -> None:
    now = services.now()
    told = stories()
    for story in told:
        if not story.alerts:
            Stage(services, people, story).play()
    give_telephones(services)
    make_roster(services, people)
    hand_over(services, people)
    for story in told:
        if story.alerts:
            Stage(services, people, story).play()
    write_log(services, people[ON_WATCH])
    _rehearse(services, people[DIRECTOR], now)


def _rehearse(services: Services, director: Who, now: datetime) -> None:
    """Begin a drill some minutes ago, and let colleagues play it until now."""
    clock = FrozenClock(now - DRILL_AGE)
    past = replace(services, clock=clock)
    run = runs.start(past, shipped()[SCENARIO], who=director, colleagues=True)
    play_until(past, clock, run.key, now)


class Stage:
    """Plays one story at its moments in the past."""

    def __init__(self, services: Services, people: Mapping[str, Who], story: Story) -> None:
        self._clock = FrozenClock(services.now() - length(story.began))
        self._services = replace(services, clock=self._clock)
        self._people = people
        self._story = story
        self._number = ""

    def play(self) -> None:
        """File the report and take the steps."""
        self._report()
        for step in self._story.steps:
            self._clock.advance(length(step.after))
            if step.action == OPINION:
                self._give_opinion(step)
            elif step.action == CLOCK_KEPT:
                self._keep_clock(step)
            else:
                self._act(step)

    def _report(self) -> None:
        services = self._services
        report = parse(ReportInput, self._told(self._story.report))
        self._number = services.take_number(report.kind, drill=False)
        with services.transaction() as session:
            reporting.receive(
                session,
                report,
                number=self._number,
                who=self._people[self._story.by],
                now=services.now(),
                rules=services.rules,
            )

    def _act(self, step: Step) -> None:
        services = self._services
        with services.transaction() as session:
            held = steps.hold(session, self._number)
            brings = self._filled(step.brings, held)
            context = services.context(self._people[step.by])
            actions.perform(session, held, step.action, brings, context)

    def _give_opinion(self, step: Step) -> None:
        """Let an expert declare no conflict and give an opinion."""
        services = self._services
        context = services.context(self._people[step.by])
        with services.transaction() as session:
            held = steps.hold(session, self._number)
            asked = consulting.running(session, held.id)
            if asked is not None:
                consulting.declare(session, asked, Declaration(), context)
                consulting.give(session, asked, parse(OpinionInput, step.brings), context)

    def _keep_clock(self, step: Step) -> None:
        """Let somebody mark the running clock of a rule as kept."""
        who, now = self._people[step.by], self._clock.now()
        with self._services.transaction() as session:
            held = steps.hold(session, self._number)
            (running,) = (
                clock
                for clock in clocks.running_or_done(session, held)
                if clock.rule == step.brings["rule"]
            )
            note = step.brings["note"]
            clocks.mark(session, held, running.id, at=None, note=note, who=who, now=now)

    def _filled(self, brings: Mapping[str, Any], incident: Incident) -> dict[str, Any]:
        """Return what a step brings, with what only this desk knows put in."""
        told: dict[str, Any] = self._told(brings)
        if told.get("password") == SIGNED:
            told["password"] = example_password(self._services.settings.data_dir)
        if told.get("findings") == ALL_MET:
            plan = self._services.rules.library.plan(incident.plan)
            told["findings"] = {ending.id: True for ending in plan.termination}
        return told

    def _told(self, value: Mapping[str, Any]) -> Any:
        return told_at(dict(value), self._clock.now(), self._services.settings.time_zone)
