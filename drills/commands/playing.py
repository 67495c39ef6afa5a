"""`tocsin drill list` and `run`: scenarios on the desk."""

import json
import threading

import click

from drills import library, runs, schedule
from drills.commands.scenarios import find_scenario
from drills.course import Course
from drills.rehearse import Told, play_to_end
from drills.scenario.files import mistakes
from drills.scenario.schema import FASTEST, SLOWEST
from incident.commands.base import json_option, open_services
from incident.supervisor import set_on_signals


@click.command("list")
@json_option
def list_scenarios(*, as_json: bool) -> None:
    """List the scenarios that can be played."""
    services = open_services()
    with services.reading() as session:
        known = library.everything(session)
    for scenario in known.values():
        facts = {"id": scenario.id, "title": scenario.title, "speed": scenario.speed}
        told = f"{scenario.id}  {scenario.title}"
        click.echo(json.dumps(facts, ensure_ascii=False) if as_json else told)


@click.command("run")
@click.argument("scenario")
@click.option(
    "--speed",
    type=click.FloatRange(SLOWEST, FASTEST),
    help="Drill minutes in one minute; the scenario's own if absent.",
)
@click.option("--colleagues", is_flag=True, help="Scripted colleagues play the empty parts.")
@json_option
@click.pass_context
def run(
    context: click.Context,
    scenario: str,
    speed: float | None,
    *,
    colleagues: bool,
    as_json: bool,
) -> None:
    """Play SCENARIO, an id or a file, to its end on the desk, whether or not `tocsin serve` runs.

    Exit 1 when it was interrupted; the engine, if one runs, then goes on with it.
    """
    services = open_services()
    with services.reading() as session:
        chosen = find_scenario(scenario, library.everything(session))
    if wrong := mistakes(chosen, services.rules.library):
        told = [f"{one.what}; {one.right}" for one in wrong]
        raise click.ClickException("\n".join(["it cannot be played:", *told]))
    stop = threading.Event()
    set_on_signals(stop)
    started = runs.start(services, chosen, speed=speed, colleagues=colleagues)
    _say({"drill": started.key, "speed": started.speed}, as_json=as_json)
    went = play_to_end(services, started.key, lambda told: _tell(told, as_json=as_json), stop)
    _sum_up(went, as_json=as_json)
    context.exit(1 if stop.is_set() else 0)


def _tell(told: Told, *, as_json: bool) -> None:
    inject, at = told.inject, int(told.at.total_seconds()) // 60
    facts = {"at": f"{at}m", "inject": inject.id, "via": inject.via, "incident": told.incident}
    _say({**facts, "sender": inject.sender}, as_json=as_json)


def _sum_up(went: Course, *, as_json: bool) -> None:
    minutes = {
        one.expectation.id: None if one.taken is None else int(one.taken.total_seconds()) // 60
        for one in went.measured
    }
    played = sum(one.row.state == schedule.FIRED for one in went.injects)
    _say({"state": went.state, "played": played, "minutes": minutes}, as_json=as_json)


def _say(facts: dict[str, object], *, as_json: bool) -> None:
    """Print one line: JSON, or what is known in words."""
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
    else:
        click.echo("  ".join(f"{name} {value}" for name, value in facts.items()))
