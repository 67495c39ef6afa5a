"""Make up a point-source outbreak: who ate what, who fell ill when and how. Seeded.

Times are hours from the shared meal. Model: attack by portions 1-(1-p)^q, incubation
lognormal (Sartwell 1950) and shorter with the dose, M·g^Z·q^-0.1, within the agent's range.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from drills.generating.agents import Agent, Food, Place

APPETITE = 0.5  # standard deviation of how much of everything a person eats, on the logit scale
TOGETHER = 1.0  # the same for two dishes that are eaten together
PER_PORTION = (0.35, 0.75)  # risk by one portion of the vehicle
PATCHY = (8.0, 2.0)  # beta shape of how much of that reaches a table
CROSS = (0.1, 0.2)  # risk by a dish that touched the vehicle
SPORADIC = 0.02  # ill for another reason in these days
TABLE = 10
FIRM = 8.0  # how closely the symptoms of one outbreak follow the agent's usual shares
EARLIER = 2.0  # hours before the meal at which a taster ate
AROUND = 72.0  # hours in which unrelated illness begins
TRIES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """A person: portions by dish, hours of eating and of onset; None: not ill.

    `by` tells why: vehicle, cross or sporadic.
    """

    number: int
    portions: Mapping[str, int]
    ate_at: float
    onset: float | None = None
    by: str | None = None
    symptoms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbreak:
    """What truly happened."""

    agent: Agent
    place: Place
    seed: int
    vehicle: Food
    crossed: Food
    rumoured: Food
    risk: float
    guests: tuple[Guest, ...]

    @property
    def ill(self) -> tuple[Guest, ...]:
        """Return those who fell ill, by onset."""
        found = [guest for guest in self.guests if guest.onset is not None]
        return tuple(sorted(found, key=lambda guest: (guest.onset or 0.0, guest.number)))

    def attack(self, food: Food) -> tuple[float | None, float | None]:
        """Return the shares ill of those who ate a dish and who did not; None of nobody."""
        ate = [guest.onset is not None for guest in self.guests if guest.portions[food.id]]
        left = [guest.onset is not None for guest in self.guests if not guest.portions[food.id]]
        return _share(ate), _share(left)


class Unsuitable(ValueError):
    """An agent that no dish of the place carries."""


def dice(*what: object) -> Random:
    """Return chance that is the same for the same words, on every machine."""
    return Random("/".join(map(str, what)))  # noqa: S311 (a drill holds no secret)


def simulate(agent: Agent, place: Place, seed: int) -> Outbreak:
    """Return one outbreak; raise Unsuitable."""
    chance = dice("outbreak", place.id, agent.id, seed)
    carriers = place.vehicles(agent)
    if not carriers:
        raise Unsuitable(f"no dish of {place.id} carries {agent.id}")
    vehicle = chance.choice(carriers)
    others = [food for food in place.foods if food.id != vehicle.id]
    crossed = chance.choice(others)
    rumoured = max((food for food in others if food != crossed), key=lambda food: food.eaten)
    risk = chance.uniform(*PER_PORTION)
    touched = chance.uniform(*CROSS)
    usual = {
        name: chance.betavariate(FIRM * share, FIRM * (1 - share))
        for name, share in agent.symptoms.items()
    }
    patches = [chance.betavariate(*PATCHY) for _ in range(place.persons // TABLE + 1)]
    guests = []
    for number in range(1, place.persons + 1):
        portions = _meal(place.foods, chance)
        ate_at = -EARLIER if number == 1 else 0.0  # the first is the taster in the kitchen
        why = _why(portions[vehicle.id], portions[crossed.id], risk, touched, chance)
        if why == "vehicle" and chance.random() > patches[number // TABLE]:
            why = None
        if why is None and chance.random() < SPORADIC:
            why = "sporadic"
        guests.append(_guest(number, portions, ate_at, why, agent, vehicle, usual, chance))
    return Outbreak(
        agent=agent,
        place=place,
        seed=seed,
        vehicle=vehicle,
        crossed=crossed,
        rumoured=rumoured,
        risk=risk,
        guests=tuple(guests),
    )


def incubation(agent: Agent, portions: int, chance: Random) -> float:
    """Return hours from eating to onset; drawn anew while outside the agent's range."""
    least, most = agent.incubation[0], agent.incubation[-1]
    for _ in range(TRIES):
        dose: float = max(1, portions) ** -0.1
        drawn = agent.median * math.exp(chance.gauss(0, 1) * math.log(agent.spread)) * dose
        if least <= drawn <= most:
            return drawn
    return agent.median


def _meal(foods: Sequence[Food], chance: Random) -> dict[str, int]:
    appetite = chance.gauss(0, APPETITE)
    shared: dict[frozenset[str], float] = {}
    portions = {}
    for food in foods:
        likes = math.log(food.eaten / (1 - food.eaten)) + appetite
        if food.pair is not None:
            key = frozenset({food.id, food.pair})
            likes += shared.setdefault(key, chance.gauss(0, TOGETHER))
        ate = chance.random() < 1 / (1 + math.exp(-likes))
        portions[food.id] = chance.choice((1, 1, 2, 2, 3)) if ate else 0
    return portions


def _why(eaten: int, crossed: int, risk: float, touched: float, chance: Random) -> str | None:
    if eaten and chance.random() < 1 - (1 - risk) ** eaten:
        return "vehicle"
    return "cross" if crossed and chance.random() < touched else None


def _guest(
    number: int,
    portions: Mapping[str, int],
    ate_at: float,
    why: str | None,
    agent: Agent,
    vehicle: Food,
    usual: Mapping[str, float],
    chance: Random,
) -> Guest:
    if why is None:
        return Guest(number=number, portions=portions, ate_at=ate_at)
    if why == "sporadic":
        onset = ate_at + chance.uniform(0.5, AROUND)
    else:
        onset = ate_at + incubation(agent, portions[vehicle.id], chance)
    signs = tuple(name for name, share in usual.items() if chance.random() < share)
    most_usual = max(agent.symptoms, key=lambda name: agent.symptoms[name])
    return Guest(
        number=number,
        portions=portions,
        ate_at=ate_at,
        onset=onset,
        by=why,
        symptoms=signs or (most_usual,),
    )


def _share(found: Sequence[bool]) -> float | None:
    return sum(found) / len(found) if found else None
