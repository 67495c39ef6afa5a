"""A desk with an incident in every state, built once for a module of tests that only read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from incident.app import create_app
from incident.services import Services
from tests.pages.incident_client import Browser, browser
from tests.support.desk import make_incident, make_people, make_services
from workflows.lifecycle import State


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The desk, its application, the incidents by state, and who is signed in."""

    desk: Services
    app: Flask
    numbers: Mapping[str, str]
    signed_in: dict[str, Browser]

    def person(self, role: str) -> Browser:
        """Return the browser of a role, signed in at the first call."""
        if role not in self.signed_in:
            self.signed_in[role] = browser(self.app, role)
        return self.signed_in[role]


def make_world(folder: Path, *, states: bool = True) -> World:
    """Build the desk; whoever builds disposes of `desk.engine`."""
    folder.mkdir(parents=True, exist_ok=True)
    desk = make_services(f"sqlite:///{folder / 'desk.db'}", folder)
    make_people(desk)
    numbers = {
        state.value: make_incident(
            desk, state=state, grade="III" if state is State.GRADING else None
        ).number
        for state in (State if states else ())
    }
    return World(desk=desk, app=create_app(desk), numbers=numbers, signed_in={})
