"""`tocsin drill generate`: an outbreak or a batch cluster, made up from a seed."""

from pathlib import Path

import click

from drills.generating import batch_cluster, batch_scenario, outbreak_scenario
from drills.generating.agents import agents, places
from drills.generating.outbreak import Unsuitable, simulate
from drills.generating.outbreak_seen import line_list
from drills.scenario.text import to_yaml

Files = dict[str, str]
FOLDER = click.Path(file_okay=False, path_type=Path)
REMARK = "Made up by `tocsin drill generate {}`: nobody and nothing in it is real."


@click.command("generate")
@click.option("--setting", type=click.Choice(list(places())), help="Where people ate.")
@click.option("--agent", type=click.Choice(list(agents())), help="What made them ill.")
@click.option(
    "--batch",
    type=click.Choice(list(batch_cluster.products())),
    help="A cluster of reactions to one batch of a product instead.",
)
@click.option("--seed", type=click.IntRange(0, 10**6), required=True, help="The same, the same.")
@click.option("--into", type=FOLDER, default=Path(), help="Folder; the current one if absent.")
def generate(
    setting: str | None, agent: str | None, batch: str | None, *, seed: int, into: Path
) -> None:
    """Make up a drill: its scenario, the truth for controllers, and the list of persons (CSV).

    The same seed makes the same bytes.
    """
    if batch is not None and not (setting or agent):
        files = of_batch(batch, seed)
    elif batch is None and setting and agent:
        files = of_outbreak(setting, agent, seed)
    else:
        raise click.UsageError("give --setting and --agent, or --batch alone")
    into.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (into / name).write_text(text, encoding="utf-8", newline="\n")
        click.echo(str(into / name))


def of_outbreak(setting: str, agent: str, seed: int) -> Files:
    """Return the files of an outbreak by their names."""
    try:
        found = simulate(agents()[agent], places()[setting], seed)
    except Unsuitable as error:
        fit = [one.id for one in places().values() if one.vehicles(agents()[agent])]
        raise click.UsageError(f"{error}; choose {' or '.join(fit)}") from error
    made = outbreak_scenario.scenario(found)
    remark = REMARK.format(f"--setting {setting} --agent {agent} --seed {seed}")
    return {
        f"{made.id}.yaml": to_yaml(made, remark=remark),
        f"{made.id}.truth.yaml": outbreak_scenario.truth(found),
        f"{made.id}.linelist.csv": line_list(found),
    }


def of_batch(product: str, seed: int) -> Files:
    """Return the files of a batch cluster by their names."""
    found = batch_cluster.simulate(batch_cluster.products()[product], seed)
    made = batch_scenario.scenario(found)
    remark = REMARK.format(f"--batch {product} --seed {seed}")
    return {
        f"{made.id}.yaml": to_yaml(made, remark=remark),
        f"{made.id}.truth.yaml": batch_scenario.truth(found),
        f"{made.id}.linelist.csv": batch_scenario.report_list(found),
    }
