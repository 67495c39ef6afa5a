"""Seeds of the simulator: each is a world of its own, and plays the same again by its number."""

import os
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from tests.simulator.bench import Bench, open_bench
from tests.simulator.world import World

SEEDS = int(os.environ.get("SEEDS", "2000"))
CHUNK = 20  # seeds in one test: also on a busy machine within its time


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with open_bench(tmp_path_factory.mktemp("simulator")) as made:
        yield made


@pytest.mark.proves("S4", "S6", "S7", "S8")
@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_no_seed_breaks_a_rule(
    bench: Bench, first: int, record_property: Callable[[str, object], None]
) -> None:
    told = Counter[str]()
    for seed in range(first, min(first + CHUNK, SEEDS)):
        try:
            told += World(seed, bench).run()
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
        told["seeds"] += 1
    for name, count in sorted(told.items()):
        record_property(f"simulator: {name}", count)


def test_a_seed_plays_the_same_again(bench: Bench) -> None:
    assert World(7, bench).run() == World(7, bench).run()
