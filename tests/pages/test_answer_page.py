"""The page behind a mail's link: who is called signs in and answers, and nobody answers for him."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from incident.models import AlertPerson, OutgoingMessage, User
from incident.services import Services
from tests.support.databases import SqliteDatabases
from tests.support.desk import desk_database, make_incident, make_people, make_services
from tests.support.running import flask_client


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """Somebody who is called: his account, and the code of his message."""

    services: Services
    account: str
    code: str
    person: int

    @property
    def row(self) -> AlertPerson:
        with self.services.reading() as session:
            return session.get_one(AlertPerson, self.person)


@pytest.fixture
def called(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[Called]:
    services = make_services(desk_database(sqlite_databases), tmp_path / "desk")
    make_people(services)
    make_incident(services)
    with services.reading() as session:
        message = session.scalars(
            select(OutgoingMessage).where(OutgoingMessage.alert_person_id.is_not(None))
        ).first()
        assert message is not None
        user = session.get_one(User, message.user_id)
    yield Called(
        services=services,
        account=user.name,
        code=message.code,
        person=message.alert_person_id or 0,
    )
    services.engine.dispose()


def test_who_is_called_sees_the_message_and_looking_is_no_answer(called: Called) -> None:
    page = flask_client(called.services, called.account).get(f"/answer/{called.code}")

    assert page.status_code == 200
    assert "请应答" in page.text
    assert called.row.answer is None


@pytest.mark.parametrize("said", ["received", "under_way", "cannot"])
def test_an_answer_is_taken_as_one_by_mail(called: Called, said: str) -> None:
    client = flask_client(called.services, called.account)

    assert client.post(f"/answer/{called.code}", data={"answer": said}).status_code == 302

    assert (called.row.answer, called.row.answered_by) == (said, "mail")
    assert called.row.read_at is not None


def test_nobody_else_sees_or_answers_it(called: Called) -> None:
    other = flask_client(called.services, "auditor")

    assert other.get(f"/answer/{called.code}").status_code == 404
    assert other.post(f"/answer/{called.code}", data={"answer": "cannot"}).status_code == 404
    assert called.row.answer is None


def test_another_word_or_another_code_is_not_found(called: Called) -> None:
    client = flask_client(called.services, called.account)

    assert client.post(f"/answer/{called.code}", data={"answer": "maybe"}).status_code == 404
    assert client.post("/answer/nothing", data={"answer": "received"}).status_code == 404
