"""What the tests of the channels share: a provider of their own, and a desk's end for callbacks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.callback_sink import CallbackSink, callback_sink
from tests.support.provider import Provider, running_gateway


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    with running_gateway(tmp_path / "journal.jsonl") as running:
        yield running


@pytest.fixture
def desk() -> Iterator[CallbackSink]:
    with callback_sink() as sink:
        yield sink
