"""Live events: each entry once, in order, to those who may know, and to nobody after the end."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask_socketio.test_client import SocketIOTestClient

from incident.app import create_app
from incident.clock import FrozenClock
from incident.models import Incident, User
from incident.operations import people as accounts
from incident.services import Services
from incident.web import live as live_events
from incident.web.live import Live
from incident.who import DESK
from tests.support.desk import act, make_incident, make_people, make_token


@pytest.fixture
def app(services: Services) -> Flask:
    return create_app(services)


@pytest.fixture
def live(services: Services, app: Flask) -> Iterator[Live]:
    """Live events whose followers are driven by the test itself."""
    made = Live(services, capacity=8, async_mode="threading")
    made.socketio.init_app(app)
    yield made
    made.stop()


def screen(live: Live, app: Flask, services: Services, name: str) -> SocketIOTestClient:
    auth = {"token": make_token(services, name)}
    return live.socketio.test_client(app, auth=auth)


def seen(client: SocketIOTestClient) -> list[dict[str, Any]]:
    """Return the entries pushed since the last look."""
    return [item["args"][0] for item in client.get_received() if item["name"] == "entry"]


def seqs(client: SocketIOTestClient) -> list[int]:
    return [entry["seq"] for entry in seen(client)]


def note(services: Services, incident: Incident, text: str = "一切正常") -> None:
    act(services, incident, "note", make_people(services)["duty_officer"], text=text)


def test_what_is_committed_reaches_the_desk_once(
    live: Live, app: Flask, services: Services
) -> None:
    incident = make_incident(services)
    live.push()
    client = screen(live, app, services, "duty_officer")
    client.emit("watch", {"desk": True})
    note(services, incident)
    live.push()
    live.push()
    (entry,) = seen(client)
    assert (entry["incident"], entry["type"], entry["drill"]) == (incident.number, "note", False)


def test_an_event_says_what_happened_but_not_the_words_of_a_person(
    live: Live, app: Flask, services: Services
) -> None:
    incident = make_incident(services)
    live.push()
    client = screen(live, app, services, "duty_officer")
    client.emit("watch", {"incident": incident.number})
    note(services, incident, "患者张三，电话13800000000")
    live.push()
    (entry,) = seen(client)
    assert set(entry) == {"seq", "incident", "type", "at", "text", "drill"}
    assert "张三" not in str(entry)


def test_a_screen_that_was_away_is_given_what_it_missed_in_order(
    live: Live, app: Flask, services: Services
) -> None:
    incident = make_incident(services)
    live.push()
    last = live.position
    for number in range(3):
        note(services, incident, f"第{number}条")
    live.push()
    client = screen(live, app, services, "duty_officer")
    client.emit("watch", {"incident": incident.number, "after": last})
    note(services, incident, "之后")
    live.push()
    numbers = seqs(client)
    assert len(numbers) == 4
    assert numbers == sorted(set(numbers))


@pytest.mark.proves("F")
def test_a_screen_that_missed_too_much_is_told_to_look_anew(
    live: Live, app: Flask, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_events, "REPLAY_LIMIT", 2)
    incident = make_incident(services)
    live.push()
    last = live.position
    for number in range(3):
        note(services, incident, f"第{number}条")
    live.push()
    client = screen(live, app, services, "duty_officer")
    told = client.emit("watch", {"incident": incident.number, "after": last}, callback=True)
    assert told == {"position": live.position, "whole": False}
    assert len(seqs(client)) == 2


def test_a_screen_that_watches_desk_and_incident_sees_an_entry_once(
    live: Live, app: Flask, services: Services
) -> None:
    incident = make_incident(services)
    live.push()
    client = screen(live, app, services, "duty_officer")
    client.emit("watch", {"desk": True})
    client.emit("watch", {"incident": incident.number})
    note(services, incident)
    live.push()
    assert len(seqs(client)) == 1


def test_a_screen_of_one_incident_hears_nothing_of_another(
    live: Live, app: Flask, services: Services
) -> None:
    mine, other = make_incident(services), make_incident(services)
    live.push()
    client = screen(live, app, services, "duty_officer")
    client.emit("watch", {"incident": mine.number})
    note(services, other)
    live.push()
    assert seqs(client) == []


def test_entries_of_the_desk_itself_are_not_pushed(
    live: Live, app: Flask, services: Services
) -> None:
    make_people(services)
    client = screen(live, app, services, "duty_officer")
    client.emit("watch", {"desk": True})
    make_token(services, "duty_leader")
    live.push()
    assert seqs(client) == []


@pytest.mark.parametrize("auth", [None, {}, {"token": "tcs_wrong"}, {"token": 7}, "token"])
def test_nobody_watches_without_a_good_token(
    live: Live, app: Flask, services: Services, auth: Any
) -> None:
    make_people(services)
    assert not live.socketio.test_client(app, auth=auth).is_connected()


@pytest.mark.parametrize("role", ["expert", "reporter", "auditor", "system_admin"])
def test_the_whole_desk_is_for_the_desk_only(
    live: Live, app: Flask, services: Services, role: str
) -> None:
    incident = make_incident(services)
    live.push()
    client = screen(live, app, services, role)
    client.emit("watch", {"desk": True})
    client.emit("watch", {"incident": incident.number})
    note(services, incident)
    live.push()
    assert seqs(client) == []


@pytest.mark.parametrize(
    "wish", [None, "desk", {"incident": "SP20990101-001"}, {"desk": True, "after": -1}, [1, 2]]
)
def test_a_wish_that_makes_no_sense_opens_no_room(
    live: Live, app: Flask, services: Services, wish: Any
) -> None:
    incident = make_incident(services)
    live.push()
    client = screen(live, app, services, "duty_officer")
    answer = client.emit("watch", wish, callback=True)
    note(services, incident)
    live.push()
    assert "error" in answer
    assert seqs(client) == []


def test_the_socket_of_a_closed_account_is_closed(
    live: Live, app: Flask, services: Services
) -> None:
    make_people(services)
    client = screen(live, app, services, "duty_officer")
    with services.transaction() as session:
        user = session.query(User).filter_by(name="duty_officer").one()
        accounts.disable(session, user, who=DESK, now=services.now())
    assert live.close_ended() == 1
    assert not client.is_connected()


def test_the_socket_of_an_expired_token_is_closed(
    live: Live, app: Flask, services: Services
) -> None:
    make_people(services)
    client = screen(live, app, services, "duty_officer")
    assert live.close_ended() == 0
    assert isinstance(services.clock, FrozenClock)
    services.clock.advance(timedelta(days=91))
    assert live.close_ended() == 1
    assert not client.is_connected()


def test_a_person_may_open_six_screens_and_no_seventh(
    live: Live, app: Flask, services: Services
) -> None:
    make_people(services)
    auth = {"token": make_token(services, "duty_officer")}
    clients = [live.socketio.test_client(app, auth=auth) for _ in range(7)]
    assert [client.is_connected() for client in clients] == [True] * 6 + [False]


def test_screens_never_take_more_than_their_share(
    live: Live, app: Flask, services: Services
) -> None:
    make_people(services)
    clients = [
        screen(live, app, services, name)
        for name in ("duty_officer", "duty_leader", "commander")
        for _ in range(3)
    ]
    assert sum(client.is_connected() for client in clients) == 8
