"""A migration dies at some statement: the schema is the old one or the new one, and boots."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest
from sqlalchemy import Engine, event, inspect

from incident import schema
from incident.db import make_engine
from tests.support.crashes import Crashed

PLACES = (3, 40, 90, 130)


@contextmanager
def dying_at(engine: Engine, place: int) -> Iterator[None]:
    """Crash at the n-th statement that is sent."""
    numbers = count(1)

    def strike(*_arguments: object) -> None:
        if next(numbers) == place:
            raise Crashed

    event.listen(engine, "before_cursor_execute", strike)
    try:
        yield
    except Crashed:
        pass
    finally:
        event.remove(engine, "before_cursor_execute", strike)


@pytest.mark.proves("A23")
@pytest.mark.parametrize("place", PLACES)
def test_a_migration_that_died_is_done_again(database_url: str, place: int) -> None:
    dying = make_engine(database_url)
    with dying_at(dying, place):
        schema.upgrade(dying)
    dying.dispose()

    engine = make_engine(database_url)
    before = schema.current(engine)
    tables = set(inspect(engine).get_table_names()) - {"alembic_version"}
    assert bool(tables) is (before is not None)
    schema.upgrade(engine)

    assert schema.current(engine) == schema.newest()
    engine.dispose()
