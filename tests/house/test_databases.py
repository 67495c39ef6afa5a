"""The databases that the tests are given: their own, empty, quick to copy, and gone afterwards."""

import sqlalchemy as sa

from tests.support.databases import Databases, PostgresDatabases
from tests.support.postgres import Server


def run(url: str, *statements: str) -> list[tuple[object, ...]]:
    engine = sa.create_engine(url)
    try:
        with engine.begin() as connection:
            for statement in statements:
                result = connection.execute(sa.text(statement))
            return [tuple(row) for row in result] if result.returns_rows else []
    finally:
        engine.dispose()


def test_a_database_is_empty(database_url: str) -> None:
    run(database_url, "CREATE TABLE report (number integer)")

    assert run(database_url, "SELECT * FROM report") == []


def test_two_databases_know_nothing_of_each_other(databases: Databases) -> None:
    first, second = databases.empty(), databases.empty()
    run(first, "CREATE TABLE report (number integer)")

    run(second, "CREATE TABLE report (number integer)")

    assert first != second


def test_a_prepared_database_is_built_once_and_copied(databases: Databases) -> None:
    built = []

    def build(url: str) -> None:
        built.append(url)
        run(url, "CREATE TABLE report (number integer)", "INSERT INTO report VALUES (1)")

    first, second = databases.like("one-report", build), databases.like("one-report", build)
    run(first, "INSERT INTO report VALUES (2)")

    assert len(built) == 1
    assert run(second, "SELECT number FROM report") == [(1,)]


def test_the_server_is_reached_by_its_own_socket_only(postgres_server: Server) -> None:
    with postgres_server.connect() as connection:
        listens = connection.execute("SHOW listen_addresses").fetchone()
        folder = connection.execute("SHOW data_directory").fetchone()

    assert listens == ("",)
    assert folder == (str(postgres_server.data),)
    assert postgres_server.folder.stat().st_mode & 0o077 == 0


def test_a_database_is_gone_when_its_test_is(postgres_server: Server) -> None:
    databases = PostgresDatabases(postgres_server)
    name = databases.empty().partition("@/")[2].partition("?")[0]
    assert postgres_server.has(name)

    databases.drop()

    assert not postgres_server.has(name)
