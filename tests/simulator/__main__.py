"""Play seeds of the simulator until one is bad: `python -m tests.simulator COUNT [FIRST]`."""

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.simulator.bench import open_bench
from tests.simulator.world import World

STEP = 1000


def main(count: int, first: int = 0) -> int:
    """Play seeds and say what they saw; 1 where a rule was broken."""
    told, began = Counter[str](), time.process_time()
    with tempfile.TemporaryDirectory() as folder, open_bench(Path(folder)) as bench:
        for seed in range(first, first + count):
            try:
                told += World(seed, bench).run()
            except AssertionError as error:
                sys.stdout.write(f"seed {seed}: {error}\n")
                return 1
            told["seeds"] += 1
            if told["seeds"] % STEP == 0:
                sys.stdout.write(f"{told['seeds']} seeds …\n")
                sys.stdout.flush()
    for name, value in sorted(told.items()):
        sys.stdout.write(f"{name}: {value}\n")
    sys.stdout.write(f"seconds of processor: {time.process_time() - began:.0f}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
