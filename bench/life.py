"""The life of an incident: steps a second in memory, and with everything that a commit keeps."""

import time

from bench import desks
from bench.desks import Desk
from bench.figures import Figure, Scale
from incident.models import Incident
from incident.who import Who
from tests.support.desk import act, make_incident, make_people
from workflows.lifecycle import TRANSITIONS, Role, find

SUBJECT = "life"


def measure(scale: Scale) -> list[Figure]:
    return [_in_memory(scale), *(_with_commit(dialect, scale) for dialect in desks.DATABASES)]


def _in_memory(scale: Scale) -> Figure:
    rounds = scale.pick(20_000, 200)
    steps = [(row.source, row.action) for row in TRANSITIONS]
    start = time.perf_counter()
    for _ in range(rounds):
        for state, action in steps:
            row = find(state, action)
            assert row is not None
            row.lands_in()
    rate = rounds * len(steps) / (time.perf_counter() - start)
    return Figure(subject=SUBJECT, name="steps in memory", value=round(rate), unit="/s")


def _with_commit(dialect: str, scale: Scale) -> Figure:
    """Verify, propose, approve, activate: timed without the filing of the incident."""
    taken, seconds = 0, 0.0
    with desks.desk(dialect, scale) as desk:
        people = make_people(desk.services)
        for _ in range(scale.pick(60, 2)):
            incident = make_incident(desk.services)
            start = time.perf_counter()
            taken += _four_steps(desk, incident, people)
            seconds += time.perf_counter() - start
    return Figure(
        subject=SUBJECT,
        name=f"steps with commit, {dialect}",
        value=round(taken / seconds, 1),
        unit="/s",
    )


def _four_steps(desk: Desk, incident: Incident, people: dict[str, Who]) -> int:
    officer, commander = people[Role.DUTY_OFFICER], people[Role.COMMANDER]
    grade = {"grade": "III", "reason": "按预案标准"}
    advice = {"criterion": "预案标准", "expert_advice": "同意"}
    until = desk.services.now().replace(year=desk.services.now().year + 1).isoformat()
    order = {"matters": "处置", "level": "III", "expected_until": until, "measures": "救治患者"}
    act(desk.services, incident, "verify", officer, conclusion="属实")
    act(desk.services, incident, "propose_grade", officer, **grade)
    act(desk.services, incident, "approve_grade", commander, **grade, **advice)
    act(desk.services, incident, "activate", commander, **order)
    return 4
