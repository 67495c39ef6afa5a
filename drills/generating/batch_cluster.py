"""Make up a cluster of adverse reactions to one batch of a drug. Seeded."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Annotated

import yaml
from pydantic import Field

from drills.generating.agents import TABLES
from drills.generating.outbreak import dice
from incident.inputs.base import Input, Line, Short

RATE = (5.0, 30.0)  # how many times as many reports on the bad batch as on a usual one
DAYS = (1.0, 3.0)  # how long it is used before it is stopped
HOSPITALS = 3
ONSET = (0.25, 6.0)  # hours after the infusion: pyrogenic
LAG = (3 * 24.0, 2.2)  # reaction to report: median hours, geometric standard deviation
TWICE = (0.03, 0.05)
MISSING, TYPO = 0.2, 0.05
STIMULATED = 3.0  # how many times as many usual reports after a notice
WEEK = 7 * 24.0


class Product(Input):
    """A product with its batches; `weekly` reports come in a usual week, all of them invented."""

    id: Short
    product: Line
    producer: Line
    approval_no: Short
    batches: Annotated[tuple[Short, ...], Field(min_length=2)]
    weekly: Annotated[float, Field(gt=0)]
    usual: Mapping[str, float]
    targets: tuple[Short, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """One report, hours from the first use of the bad batch.

    `batch` is what is written on it, None: nothing; `true_batch` is what was given.
    `by` is defect, usual or stimulated.
    """

    number: int
    hospital: int
    given_at: float
    onset: float
    reported_at: float
    terms: tuple[str, ...]
    batch: str | None
    true_batch: str
    by: str
    twice: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """What truly happened; `noticed_at` is when the notice to stop went out."""

    product: Product
    seed: int
    bad_batch: str
    times_usual: float
    noticed_at: float
    reactions: tuple[Reaction, ...]


@cache
def products() -> Mapping[str, Product]:
    """Return the products by their id."""
    rows = yaml.safe_load((TABLES / "batches.yaml").read_text(encoding="utf-8"))
    return {one.id: one for one in map(Product.model_validate, rows)}


def simulate(product: Product, seed: int) -> Cluster:
    """Return one cluster: reactions to the bad batch among the usual ones, by time of report."""
    chance = dice("batch", product.id, seed)
    bad = chance.choice(product.batches)
    times_usual, used = chance.uniform(*RATE), chance.uniform(*DAYS) * 24
    noticed = used + chance.uniform(1, 12)
    found: list[Reaction] = []
    share = product.weekly / len(product.batches)
    for _ in range(max(2 * HOSPITALS, _poisson(share * times_usual, chance))):
        found.append(_defect(product, bad, used, len(found) + 1, chance))
    for start, rate, by in ((-WEEK, 1.0, "usual"), (noticed, STIMULATED, "stimulated")):
        for _ in range(_poisson(product.weekly * rate, chance)):
            found.append(_usual(product, start, by, len(found) + 1, chance))
    return Cluster(
        product=product,
        seed=seed,
        bad_batch=bad,
        times_usual=times_usual,
        noticed_at=noticed,
        reactions=tuple(sorted(found, key=lambda one: (one.reported_at, one.number))),
    )


def _defect(product: Product, bad: str, used: float, number: int, chance: Random) -> Reaction:
    given = chance.uniform(0, used)
    onset = given + math.exp(chance.uniform(math.log(ONSET[0]), math.log(ONSET[1])))
    terms = tuple(term for term in product.targets if chance.random() < 0.9)
    return _reaction(product, number, given, onset, terms or product.targets, bad, chance, "defect")


def _usual(product: Product, start: float, by: str, number: int, chance: Random) -> Reaction:
    given = start + chance.uniform(0, WEEK)
    onset = given + chance.uniform(0.5, 48)
    term = chance.choices(list(product.usual), weights=list(product.usual.values()))[0]
    return _reaction(
        product, number, given, onset, (term,), chance.choice(product.batches), chance, by
    )


def _reaction(
    product: Product,
    number: int,
    given: float,
    onset: float,
    terms: tuple[str, ...],
    batch: str,
    chance: Random,
    by: str,
) -> Reaction:
    median, spread = LAG
    return Reaction(
        number=number,
        hospital=chance.randrange(HOSPITALS),
        given_at=given,
        onset=onset,
        reported_at=onset + chance.lognormvariate(math.log(median), math.log(spread)),
        terms=terms,
        batch=_written(batch, chance),
        true_batch=batch,
        by=by,
        twice=chance.random() < chance.uniform(*TWICE),
    )


def _written(batch: str, chance: Random) -> str | None:
    """Return a batch number as it is written down: left out, or two signs changed over."""
    if (way := chance.random()) < MISSING:
        return None
    if way < MISSING + TYPO:
        at = chance.randrange(2, len(batch) - 1)
        return batch[:at] + batch[at + 1] + batch[at] + batch[at + 2 :]
    return batch


def _poisson(mean: float, chance: Random) -> int:
    """Return a number of events by waiting from one to the next."""
    count, waited = 0, chance.expovariate(1)
    while waited < mean:
        count += 1
        waited += chance.expovariate(1)
    return count
