"""What of an outbreak is seen: who goes to which hospital when, and what people remember."""

import csv
import io
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from drills.generating.outbreak import Guest, Outbreak, dice

CARE = (6.0, 2.0)  # onset to care: median hours, geometric standard deviation
CALL = (8.0, 2.5)  # care to report
HOSPITALS = 2
ENOUGH = 5  # persons alike make a hospital telephone
STAGES = (0.25, 0.5, 0.75, 0.9, 1.0)
TWICE = 0.02  # names typed twice
INTERVIEWED = 0.85
RECALLED, NOT_INVENTED, FORGOTTEN = 0.9, 0.95, 0.07
TO_THE_HOUR, TO_HALF_A_DAY = 0.5, 0.3
TURNAROUND = {"culture": (48.0, 96.0), "pcr": (12.0, 24.0), "toxin": (24.0, 72.0)}
SENSITIVE = (0.6, 0.8)
SPECIMENS = 6
LONGEST = 150 * 60  # minutes of drill time in which news comes


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A patient as the desk hears of him; minutes count from the first call."""

    guest: Guest
    hospital: int
    minute: int
    twice: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """What hospitals say together by a minute; `struck` are names found to be typed twice."""

    minute: int
    ill: int
    hospital: int
    struck: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Laboratory:
    """A result: so many of the specimens were positive; 0 is an answer too."""

    minute: int
    tested: int
    positive: int


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """All that is seen of an outbreak; `first_call` is in hours from the meal."""

    first_call: float
    patients: tuple[Seen, ...]
    counts: tuple[Count, ...]
    laboratory: Laboratory
    symptoms: tuple[str, ...]


def observe(outbreak: Outbreak) -> View:
    """Return what is seen of an outbreak, the same for the same outbreak."""
    chance = dice("seen", outbreak.place.id, outbreak.agent.id, outbreak.seed)
    came = sorted(
        (
            (_reported(guest, chance), guest, chance.randrange(HOSPITALS), chance.random() < TWICE)
            for guest in outbreak.ill
        ),
        key=lambda one: (one[0], one[1].number),
    )
    first = came[min(ENOUGH, len(came)) - 1][0] if came else 0.0
    patients = tuple(
        Seen(guest=guest, hospital=hospital, minute=_minute(at - first), twice=twice)
        for at, guest, hospital, twice in came
    )
    signs = Counter(sign for one in patients for sign in one.guest.symptoms)
    return View(
        first_call=first,
        patients=patients,
        counts=tuple(_counts(patients)),
        laboratory=_laboratory(outbreak, len(patients), chance),
        symptoms=tuple(sign for sign, _ in signs.most_common(4)),
    )


def line_list(outbreak: Outbreak) -> str:
    """Return the interviews as CSV: hours from the meal; an empty cell was not answered."""
    chance = dice("interviews", outbreak.place.id, outbreak.agent.id, outbreak.seed)
    dishes = [food.id for food in outbreak.place.foods]
    page = io.StringIO()
    table = csv.writer(page, lineterminator="\n")
    table.writerow(["number", "ill", "onset_hours", *outbreak.agent.symptoms, *dishes])
    for guest in outbreak.guests:
        if chance.random() > INTERVIEWED:
            continue
        row = [
            f"P{guest.number:03d}",
            int(guest.onset is not None),
            _remembered(guest, chance),
            *(int(sign in guest.symptoms) for sign in outbreak.agent.symptoms),
            *(_recalled(bool(guest.portions[dish]), chance) for dish in dishes),
        ]
        table.writerows([row] * (2 if chance.random() < TWICE else 1))
    return page.getvalue()


def _reported(guest: Guest, chance: Random) -> float:
    return (guest.onset or 0.0) + _delay(CARE, chance) + _delay(CALL, chance)


def _delay(shape: tuple[float, float], chance: Random) -> float:
    median, spread = shape
    return chance.lognormvariate(math.log(median), math.log(spread))


def _minute(hours: float) -> int:
    return max(0, round(hours * 60))


def _counts(patients: Sequence[Seen]) -> list[Count]:
    """Return the first call, the stages, and at last the names that were typed twice, struck."""
    in_time = [one for one in patients if one.minute <= LONGEST]
    if not in_time:
        return []
    wanted = [min(ENOUGH, len(in_time)), *(math.ceil(len(in_time) * part) for part in STAGES)]
    found: list[Count] = []
    for reached in sorted(set(wanted)):
        if reached < wanted[0]:
            continue
        known = in_time[:reached]
        last = known[-1]
        ill = reached + sum(one.twice for one in known)
        found.append(Count(minute=last.minute, ill=ill, hospital=last.hospital))
    if struck := sum(one.twice for one in in_time):
        last_count = found[-1]
        right = Count(
            minute=last_count.minute + 60,
            ill=last_count.ill - struck,
            hospital=last_count.hospital,
            struck=struck,
        )
        found.append(right)
    return found


def _laboratory(outbreak: Outbreak, patients: int, chance: Random) -> Laboratory:
    tested = min(SPECIMENS, patients)
    sensitive = chance.uniform(*SENSITIVE)
    return Laboratory(
        minute=_minute(chance.uniform(*TURNAROUND[outbreak.agent.laboratory])),
        tested=tested,
        positive=sum(chance.random() < sensitive for _ in range(tested)),
    )


def _remembered(guest: Guest, chance: Random) -> str:
    """Return the onset as people tell it: to the hour, to half a day, never before they ate."""
    if guest.onset is None:
        return ""
    way = chance.random()
    step = 1.0 if way < TO_THE_HOUR else 12.0 if way < TO_THE_HOUR + TO_HALF_A_DAY else 0.25
    told = round(guest.onset / step) * step
    return f"{max(told, math.ceil(guest.ate_at * 4) / 4):g}"


def _recalled(ate: bool, chance: Random) -> str:  # noqa: FBT001 (a fact, not an option)
    if chance.random() < FORGOTTEN:
        return ""
    if ate:
        return str(int(chance.random() < RECALLED))
    return str(int(chance.random() >= NOT_INVENTED))
