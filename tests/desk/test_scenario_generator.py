"""What is made up is plausible, the same for the same seed, and can be played."""

import csv
import io
import math
import statistics
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from drills.cli import drill
from drills.commands.generating import of_batch, of_outbreak
from drills.generating import batch_cluster, batch_scenario, outbreak_scenario
from drills.generating.agents import Agent, Place, agents, places
from drills.generating.outbreak import dice, incubation, simulate
from drills.generating.outbreak_seen import line_list, observe
from drills.scenario.files import mistakes, read_text
from drills.scenario.schema import Scenario
from drills.scenario.text import to_yaml
from workflows.library import Library

LIBRARY = Library.load()
PAIRS = [
    (agent, place)
    for agent in agents().values()
    for place in places().values()
    if place.vehicles(agent)
]
pairs = st.sampled_from(PAIRS)
seeds = st.integers(min_value=0, max_value=10_000)
few = settings(max_examples=25, deadline=None)


@pytest.mark.parametrize("agent", agents().values(), ids=agents().keys())
def test_the_incubation_of_an_agent_has_its_median_and_stays_in_its_range(agent: Agent) -> None:
    chance = dice("test", agent.id)

    drawn = [incubation(agent, 1, chance) for _ in range(4000)]

    assert min(drawn) >= agent.incubation[0]
    assert max(drawn) <= agent.incubation[-1]
    assert statistics.median(drawn) == pytest.approx(agent.median, rel=0.15)
    spread = math.exp(statistics.stdev(math.log(hours) for hours in drawn))
    assert spread <= agent.spread * 1.05


def test_more_portions_make_it_shorter() -> None:
    agent = agents()["salmonella"]
    chance = dice("test", "dose")

    medians = [
        statistics.median(incubation(agent, portions, chance) for _ in range(3000))
        for portions in (1, 3)
    ]

    assert medians[1] < medians[0]


@few
@given(pairs, seeds)
def test_nobody_falls_ill_before_eating(pair: tuple[Agent, Place], seed: int) -> None:
    found = simulate(*pair, seed)

    assert all((guest.onset or 0) > guest.ate_at for guest in found.ill)
    assert len(found.guests) == pair[1].persons


def test_the_vehicle_has_the_attack_rate_that_field_outbreaks_have() -> None:
    """Of 60 weddings: those who ate of it 40 to 95 of 100, those who did not below 25."""
    agent, place = agents()["vibrio_parahaemolyticus"], places()["wedding"]
    ate, left = [], []
    for seed in range(60):
        found = simulate(agent, place, seed)
        first, second = found.attack(found.vehicle)
        assert first is not None
        assert second is not None
        ate.append(first)
        left.append(second)

    assert 0.4 < statistics.median(ate) < 0.95
    assert statistics.median(left) < 0.25
    assert sum(a > b for a, b in zip(ate, left, strict=True)) >= 59


@few
@given(pairs, seeds)
def test_counts_only_grow_unless_names_are_struck(pair: tuple[Agent, Place], seed: int) -> None:
    counts = observe(simulate(*pair, seed)).counts

    for before, after in pairwise(counts):
        assert after.minute >= before.minute
        assert after.ill >= before.ill or after.ill == before.ill - after.struck


@few
@given(pairs, seeds)
def test_a_made_up_outbreak_passes_the_check(pair: tuple[Agent, Place], seed: int) -> None:
    made = outbreak_scenario.scenario(simulate(*pair, seed))

    assert_plays(made)


@few
@given(seeds)
def test_a_made_up_batch_cluster_passes_the_check(seed: int) -> None:
    cluster = batch_cluster.simulate(batch_cluster.products()["infusion"], seed)

    assert_plays(batch_scenario.scenario(cluster))
    ill = [one.ill for one in batch_scenario.known(cluster)]
    assert ill == sorted(ill)
    for one in cluster.reactions:
        assert one.given_at < one.onset < one.reported_at
        if one.by == "defect":
            assert one.true_batch == cluster.bad_batch
            assert one.onset - one.given_at <= 6.001


def assert_plays(made: Scenario) -> None:
    again = read_text(f"{made.id}.yaml", to_yaml(made)).scenario
    assert again == made
    assert mistakes(made, LIBRARY) == []


@given(seeds)
@settings(max_examples=5, deadline=None)
def test_the_same_seed_makes_the_same_bytes(seed: int) -> None:
    assert of_outbreak("school", "salmonella", seed) == of_outbreak("school", "salmonella", seed)
    assert of_batch("infusion", seed) == of_batch("infusion", seed)
    assert of_batch("infusion", seed) != of_batch("infusion", seed + 1)


def test_the_bytes_are_the_same_on_every_machine() -> None:
    found = simulate(agents()["salmonella"], places()["school"], 7)

    assert (found.vehicle.id, len(found.ill)) == ("sauced-meat", 214)


def test_interviews_leave_gaps_and_name_nobody() -> None:
    rows = list(csv.DictReader(io.StringIO(line_list(simulate(*PAIRS[0], 3)))))

    told = [row[dish.id] for row in rows for dish in PAIRS[0][1].foods]
    assert 0.03 < told.count("") / len(told) < 0.12
    assert set(told) == {"", "0", "1"}
    assert all(row["number"][0] == "P" and row["number"][1:].isdigit() for row in rows)
    assert all(float(row["onset_hours"]) >= -2 for row in rows if row["onset_hours"])


def test_players_are_not_told_the_truth() -> None:
    found = simulate(agents()["nitrite"], places()["canteen"], 4)
    made = outbreak_scenario.scenario(found)

    shown = " ".join(str(inject) for inject in made.injects if inject.id != "laboratory")
    assert found.agent.name not in shown
    assert found.vehicle.name not in shown


def test_the_command_writes_three_files_and_refuses_what_does_not_fit(tmp_path: Path) -> None:
    asked = ["generate", "--setting", "wedding", "--seed", "3", "--into", str(tmp_path), "--agent"]

    made = CliRunner().invoke(drill, [*asked, "vibrio_parahaemolyticus"])
    refused = CliRunner().invoke(drill, [*asked, "bongkrekic_acid"])

    assert made.exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "wedding-vibrio-parahaemolyticus-3.linelist.csv",
        "wedding-vibrio-parahaemolyticus-3.truth.yaml",
        "wedding-vibrio-parahaemolyticus-3.yaml",
    ]
    assert refused.exit_code == 2
    assert "choose canteen" in refused.output
