"""A desk with people on either database, a provider whose journal outlives it, and its end."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from incident.clock import SystemClock
from incident.services import Services
from tests.support.desk import make_people, make_token, open_services
from tests.support.outbox import channels_to
from tests.support.provider import Provider, running_gateway


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    with running_gateway(tmp_path / "journal.jsonl") as running:
        running.set_faults(callbacks={"send": False})
        yield running


@pytest.fixture
def desk(desk_url: str, tmp_path: Path, provider: Provider) -> Iterator[Services]:
    """A desk on the machine's clock, beside which engines and webs run on the same database."""
    channels = channels_to(provider)
    with open_services(
        desk_url, tmp_path / "desk", clock=SystemClock(), channels=channels
    ) as services:
        make_people(services)
        yield services


@pytest.fixture
def token(desk: Services) -> str:
    return make_token(desk, "duty_officer")
