"""From what a director may begin a scenario: a skeleton, another one, or made-up cases."""

from drills.generating import batch_cluster, batch_scenario, outbreak_scenario
from drills.generating.agents import agents, places
from drills.generating.outbreak import Unsuitable, simulate
from drills.scenario.schema import Background, Scenario
from drills.scenario.text import to_yaml
from drills.writing.parts import text_of
from incident.errors import FieldError, InvalidInput
from incident.words import phrase

SMALLEST, LARGEST = 10, 5000


def word(name: str, **values: object) -> str:
    """Return a phrase for what is begun."""
    return phrase("scenarios", name, values)


def skeleton(name: str, title: str, kind: str) -> str:
    """Return the least that can be played: a report, three players, four objectives."""
    report = {
        "kind": kind,
        "source": "hospital",
        "place": {"division": outbreak_scenario.DIVISION},
        "report_type": "initial",
    }
    first = {
        "id": "first-report",
        "at": "0m",
        "via": "report",
        "sender": word("first-sender"),
        "report": report,
    }
    verified = {
        "id": "verified",
        "text": word("verified"),
        "when": {"action": "verify"},
        "within": "30m",
        "parts": ["duty"],
        "objective": "grading",
    }
    return text_of(
        {
            "id": name,
            "title": title,
            "kind": kind,
            "form": "tabletop",
            "content": "comprehensive",
            "purpose": "test",
            "summary": title,
            "speed": 1,
            "segments": [{"id": "main", "title": word("whole"), "lasts": "60m"}],
            "parts": outbreak_scenario.parts(),
            "objectives": outbreak_scenario.objectives(),
            "injects": [first],
            "expectations": [verified],
        }
    )


def copy(scenario: Scenario, name: str) -> str:
    """Return a scenario under another name."""
    return to_yaml(scenario.model_copy(update={"id": name}))


def of_outbreak(name: str, setting: str, agent: str, seed: int, persons: int | None) -> str:
    """Return an outbreak that is made up; the truth stands in the background."""
    if setting not in places() or agent not in agents():
        raise InvalidInput([FieldError("agent", "not-one-of")])
    place = places()[setting]
    if persons is not None:
        place = place.model_copy(update={"persons": persons})
    try:
        found = simulate(agents()[agent], place, seed)
    except Unsuitable as error:
        raise InvalidInput([FieldError("agent", "agent-unsuitable")]) from error
    made, truth = outbreak_scenario.scenario(found), outbreak_scenario.truth(found)
    return _made_up(made, name, truth, seed)


def of_batch(name: str, product: str, seed: int) -> str:
    """Return a batch cluster that is made up; the truth stands in the background."""
    if product not in batch_cluster.products():
        raise InvalidInput([FieldError("product", "not-one-of")])
    found = batch_cluster.simulate(batch_cluster.products()[product], seed)
    return _made_up(batch_scenario.scenario(found), name, batch_scenario.truth(found), seed)


def _made_up(made: Scenario, name: str, truth: str, seed: int) -> str:
    told = Background(
        text=word("truth", truth=truth), basis=word("made-up", seed=seed), confidence="P"
    )
    background = (*made.background, told)
    return to_yaml(made.model_copy(update={"id": name, "background": background}))
