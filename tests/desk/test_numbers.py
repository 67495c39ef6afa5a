"""Numbers of incidents: by kind and local day, drills apart."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from incident.operations import numbers
from incident.services import Services
from tests.support.databases import SqliteDatabases
from tests.support.desk import desk_database, open_services


@pytest.mark.parametrize(
    ("kind", "drill", "series"),
    [
        ("food", False, "SP20261231"),
        ("drug", False, "YP20261231"),
        ("device", False, "QX20261231"),
        ("cosmetic", False, "HZ20261231"),
        ("vaccine", False, "YM20261231"),
        ("food", True, "YL-SP20261231"),
    ],
)
def test_each_kind_has_its_series_and_drills_have_theirs(
    kind: str, drill: bool, series: str
) -> None:
    assert numbers.incident_series(kind, date(2026, 12, 31), drill=drill) == series


def test_a_series_counts_from_one_and_each_has_its_own(services: Services) -> None:
    taken = [services.take_number("food", drill=False) for _ in range(3)]
    assert taken == [f"SP20261123-00{number}" for number in (1, 2, 3)]
    assert services.take_number("drug", drill=False) == "YP20261123-001"
    assert services.take_number("food", drill=True) == "YL-SP20261123-001"


def test_a_number_of_a_change_that_was_taken_back_is_free_again(services: Services) -> None:
    with services.reading() as session:
        assert numbers.take(session, "SP") == 1
    with services.transaction() as session:
        assert numbers.take(session, "SP") == 1


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        (datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC), "SP20261231-001"),
        (datetime(2026, 12, 31, 16, 0, 0, tzinfo=UTC), "SP20270101-001"),
        (datetime(2028, 2, 28, 16, 0, 0, tzinfo=UTC), "SP20280229-001"),
    ],
    ids=["last second of the year", "first of the next", "leap day"],
)
def test_the_day_of_a_number_is_the_offices(
    sqlite_databases: SqliteDatabases, tmp_path: Path, moment: datetime, number: str
) -> None:
    with open_services(desk_database(sqlite_databases), tmp_path / "desk", now=moment) as services:
        assert services.take_number("food", drill=False) == number


def test_a_thousandth_report_of_a_day_has_a_longer_number() -> None:
    assert numbers.incident_number("SP20261123", 1000) == "SP20261123-1000"
