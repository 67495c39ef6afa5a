"""Two desks that know nothing of each other: no figure of the real one moves for a drill's sake."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, select

from drills import player, runs
from drills.course import course
from drills.scenario.files import shipped
from incident.api.metrics import DeskCollector
from incident.clock import FrozenClock
from incident.db import Base
from incident.jobs.chase import chase
from incident.jobs.escalate import escalate
from incident.jobs.watch import watch
from incident.models import Incident, NumberSeries
from incident.operations.promises import PROMISES, Seen
from incident.queries import duty, duty_log, follow_ups, instructions, packet, sirens
from incident.queries.lateness import lateness
from incident.services import Services
from incident.who import DESK, Who
from tests.support.databases import SqliteDatabases
from tests.support.desk import act, desk_database, make_incident, make_people, open_services

CANTEEN = shipped()["school-canteen-salmonella"]
OF_THE_LOG = {"chain", "engine"}  # of the whole machine, not of what is on the desk
STATES = ("reported", "grading", "responding", "consulting", "disposing", "reviewing")
EXPORTED = {"tocsin_incidents", "tocsin_messages", "tocsin_overdue_seconds", "tocsin_promise_holds"}

Doing = tuple[str, Any]
doings: st.SearchStrategy[Sequence[Doing]] = st.lists(
    st.one_of(
        st.tuples(st.just("open"), st.sampled_from(STATES)),
        st.tuples(st.just("instruct"), st.none()),
        st.tuples(st.just("wait"), st.sampled_from([1, 20, 180])),
        st.tuples(st.just("work"), st.none()),
    ),
    min_size=1,
    max_size=4,
)


@pytest.fixture(scope="module")
def desk(
    tmp_path_factory: pytest.TempPathFactory, prepared_files: Path
) -> Iterator[tuple[Services, Mapping[str, Who]]]:
    """One desk for all examples: each only ever adds to it."""
    folder = tmp_path_factory.mktemp("apart")
    url = desk_database(SqliteDatabases(folder, prepared_files))
    with open_services(url, folder / "desk") as services:
        yield services, make_people(services)


def real_figures(services: Services) -> dict[str, Any]:
    """Return every figure by which the real desk is run."""
    now, who = services.now(), make_people(services)["duty_officer"]
    seen = Seen(now=now, tick=timedelta(), skew=timedelta(), spooled=0, oldest_spooled=None)
    local = now.astimezone(services.rules.zone).date()
    with services.reading() as session:
        log = duty_log.day(session, local, services.rules, drills=False)
        return {
            "counts": duty.counts(session),
            "queue": [one.row.number for one in real_lines(session, who, services)],
            "lateness": lateness(session, now),
            "promises": {
                name: ask(session, seen, {})
                for name, ask in PROMISES.items()
                if name not in OF_THE_LOG
            },
            "metrics": metrics(services),
            "instructions": instructions.counts(session, who, now),
            "follow_ups": follow_ups.count_open(session),
            "packet": packet.packet(session, None, now)["counts"] | {"drills": None},
            "sirens": [one.key for one in sirens.causes(session, now) if not one.is_drill],
            "log": [line.text for line in log.lines],
            "numbers": series(session, drill=False),
        }


def real_lines(session: Any, who: Who, services: Services) -> list[duty.Line]:
    return [one for one in duty.queue(session, who, services.rules) if one.row.drill is None]


def metrics(services: Services) -> dict[tuple[str, str], float]:
    return {
        (one.name, str(one.labels)): one.value
        for family in DeskCollector(services).collect()
        for one in family.samples
        if one.name in EXPORTED
    }


def series(session: Any, *, drill: bool) -> dict[str, int]:
    rows = session.scalars(select(NumberSeries)).all()
    return {row.series: row.last for row in rows if row.series.startswith("YL") is drill}


def moved(after: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is not as it was, by name."""
    return {name: (before[name], after[name]) for name in before if after[name] != before[name]}


def drill_figures(services: Services, key: str) -> Any:
    with services.reading() as session:
        run = runs.find(session, key)
        shown = course(session, run, services.now())
        return (
            shown.measured,
            shown.drill_time,
            [(one.inject.id, one.state) for one in shown.injects],
            series(session, drill=True),
        )


def rows_of(services: Services, *, drill: bool) -> dict[str, list[Any]]:
    """Return all rows of every table that belong to the one desk or to the other."""
    with services.reading() as session:
        is_drill = Incident.drill.is_not(None) if drill else Incident.drill.is_(None)
        own = set(session.scalars(select(Incident.id).where(is_drill)))
        found = {}
        for mapper in Base.registry.mappers:
            table = mapper.local_table
            if isinstance(table, Table) and "incident_id" in table.c:
                rows = session.execute(select(table).where(table.c.incident_id.in_(own)))
                found[table.name] = [tuple(row) for row in rows]
        return found


def do(services: Services, doing: Sequence[Doing], *, drill: str | None) -> None:
    """Do some work at the one desk or the other; the time that passes is everybody's."""
    people = make_people(services)
    made = make_incident(services, state="responding", drill=drill)
    for what, how in doing:
        if what == "open":
            made = make_incident(services, state=how, drill=drill)
        elif what == "instruct":
            act(services, made, "instruct", people["leader"], text="请速报进展")
        elif what == "work":
            for job in (watch, escalate, chase):
                job(services)


def pass_time(services: Services, doing: Sequence[Doing]) -> None:
    minutes = sum(how for what, how in doing if what == "wait")
    cast(FrozenClock, services.clock).advance(timedelta(minutes=minutes))


FEW = settings(
    max_examples=4,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # an example takes long: none is shrunk
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@FEW
@given(real=doings, practised=doings)
def test_no_figure_of_the_real_desk_moves_for_a_drill(
    desk: tuple[Services, Mapping[str, Who]],
    real: Sequence[Doing],
    practised: Sequence[Doing],
) -> None:
    services, _ = desk
    do(services, real, drill=None)
    pass_time(services, real)
    for job in (watch, escalate, chase):
        job(services)
    before = real_figures(services)
    rows = rows_of(services, drill=False)
    run = runs.start(services, CANTEEN, speed=60)
    player.play_due(services)

    do(services, practised, drill=run.key)

    assert moved(real_figures(services), before) == {}
    assert moved(rows_of(services, drill=False), rows) == {}
    with services.transaction() as session:
        runs.end(session, run.key, who=DESK, now=services.now())


@FEW
@given(practised=doings, real=doings)
def test_nothing_of_a_drill_moves_for_what_is_real(
    desk: tuple[Services, Mapping[str, Who]],
    practised: Sequence[Doing],
    real: Sequence[Doing],
) -> None:
    services, _ = desk
    run = runs.start(services, CANTEEN, speed=4)
    player.play_due(services)
    do(services, practised, drill=run.key)
    for job in (watch, escalate, chase):
        job(services)
    before = drill_figures(services, run.key)
    rows = rows_of(services, drill=True)

    do(services, real, drill=None)

    assert drill_figures(services, run.key) == before
    assert moved(rows_of(services, drill=True), rows) == {}
    with services.transaction() as session:
        runs.end(session, run.key, who=DESK, now=services.now())


def test_every_row_with_a_drills_key_bears_its_incidents(
    desk: tuple[Services, Mapping[str, Who]],
) -> None:
    services, _ = desk
    run = runs.start(services, CANTEEN)
    player.play_due(services)
    do(services, [("instruct", None), ("work", None)], drill=run.key)
    make_incident(services, state="responding")
    with services.reading() as session:
        keys = dict(session.execute(select(Incident.id, Incident.drill)).all())
        marked = [
            mapper.local_table
            for mapper in Base.registry.mappers
            if {"incident_id", "drill"} <= set(mapper.local_table.c.keys())
        ]
        found = [
            (table.name, row.drill, keys[row.incident_id])
            for table in marked
            for row in session.execute(select(table.c.drill, table.c.incident_id))
            if row.incident_id is not None and isinstance(row.drill, str | None)
        ]

    assert {name for name, drill, _ in found if drill is not None} >= {
        "alerts",
        "entries",
        "instructions",
        "messages",
    }
    assert [one for one in found if one[1] != one[2]] == []
