"""All scenarios that can be played: those that are shipped, and those that directors wrote."""

from collections.abc import Mapping

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from drills.models import WrittenScenario
from drills.scenario.files import read_text, shipped
from drills.scenario.schema import Scenario
from incident.errors import NotFound


def everything(session: Session) -> Mapping[str, Scenario]:
    """Return the scenarios by their id: the shipped ones, then the written ones by their name."""
    written = {row.name: parsed(row) for row in session.scalars(_ready())}
    return {
        **shipped(),
        **{name: scenario for name, scenario in written.items() if scenario is not None},
    }


def find(session: Session, name: str) -> Scenario:
    """Return a scenario that can be played; raise NotFound, also for one withdrawn."""
    if (found := shipped().get(name)) is not None:
        return found
    row = session.scalar(_ready().where(WrittenScenario.name == name))
    scenario = None if row is None else parsed(row)
    if scenario is None:
        raise NotFound
    return scenario


def parsed(row: WrittenScenario) -> Scenario | None:
    """Return what a written scenario says; None where its form is wrong."""
    return read_text(row.name, row.text).scenario


def _ready() -> Select[WrittenScenario]:
    return (
        select(WrittenScenario)
        .where(WrittenScenario.ready_at.is_not(None), WrittenScenario.withdrawn_at.is_(None))
        .order_by(WrittenScenario.name)
    )
