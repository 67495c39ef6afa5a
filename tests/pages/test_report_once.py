"""A report sent twice at the same moment is one report."""

import threading

from sqlalchemy import func, select

from incident.models import Incident, Report, Submission
from incident.services import Services
from tests.pages.report_pages import mark, typist
from tests.support.running import flask_client

TIMES = 4


def test_sent_by_several_threads_at_once_it_is_filed_once(services: Services) -> None:
    person = typist(services)
    person.send()
    seen = mark(person.check())
    clients = [flask_client(services, "duty_officer") for _ in range(TIMES)]
    together = threading.Barrier(TIMES)
    answers: list[tuple[int, str]] = []

    def send(number: int) -> None:
        together.wait()
        answer = clients[number].post(f"/reports/new/{person.key}/file", data={"seen": seen})
        answers.append((answer.status_code, answer.headers.get("Location", "")))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(TIMES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert set(answers) == {(303, f"/reports/new/{person.key}/done")}
    assert len(answers) == TIMES
    with services.reading() as session:
        made = [
            session.scalar(select(func.count()).select_from(table))
            for table in (Incident, Report, Submission)
        ]
    assert made == [1, 1, 1]
