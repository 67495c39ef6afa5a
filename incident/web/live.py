"""Live events by Socket.IO: what is committed reaches every screen, each entry once, in order.

The event log in the database is the truth: one thread follows it by seq and pushes. A socket
that was away says its last seq and is given what it missed.
"""

import logging
import threading
from typing import Any

from flask import Flask, request
from flask_socketio import ConnectionRefusedError, SocketIO, join_room
from sqlalchemy.exc import SQLAlchemyError

from incident.errors import NotFound, Unauthenticated
from incident.models import Entry, User
from incident.operations import access, people
from incident.queries import events, scope
from incident.queries.shell import State
from incident.services import Services
from incident.web import pulse
from incident.web.cookies import cookie_name
from incident.web.watchers import Watcher, Watchers, no_longer_good
from incident.who import Who

logger = logging.getLogger(__name__)

DESK_ROOM = "desk"
POLL_SECONDS = 0.1
CHECK_SECONDS = 1.0
REPLAY_LIMIT = 500
BATCH = 500  # entries read at once
MESSAGE_LIMIT = 32 * 1024
PING_INTERVAL, PING_TIMEOUT = 10, 8


class Live:
    """The live events of one process."""

    def __init__(self, services: Services, *, capacity: int, async_mode: str) -> None:
        self.services = services
        self.watchers = Watchers(capacity)
        self.position = 0
        self._state = State.GOOD
        self._order = threading.Lock()
        self._stop = threading.Event()
        self.socketio = SocketIO(
            async_mode=async_mode,
            manage_session=False,
            ping_interval=PING_INTERVAL,
            ping_timeout=PING_TIMEOUT,
            max_http_buffer_size=MESSAGE_LIMIT,
            transports=["websocket"] if async_mode == "gevent" else None,
        )
        self.socketio.on_event("connect", self._connect)
        self.socketio.on_event("disconnect", self._disconnect)
        self.socketio.on_event("watch", self._watch)

    def join(self, app: Flask) -> None:
        """Put the socket's address on the app and begin to follow the log."""
        self.socketio.init_app(app)
        with self.services.reading() as session:
            self.position = events.head(session)
        self.socketio.start_background_task(self._follow)
        self.socketio.start_background_task(self._check)

    def stop(self) -> None:
        """End the following at its next turn."""
        self._stop.set()

    def _connect(self, auth: object = None) -> None:
        watcher = self._recognise(auth)
        if watcher is None:
            raise ConnectionRefusedError("unauthenticated")
        if not self.watchers.admit(watcher):
            raise ConnectionRefusedError("too-many-screens")

    def _disconnect(self, _reason: object = None) -> None:
        self.watchers.forget(_sid())

    def _recognise(self, auth: object) -> Watcher | None:
        """Return whose socket this is: by the token of `auth`, else by the session's cookie."""
        token = auth.get("token") if isinstance(auth, dict) else None
        reference = request.cookies.get(cookie_name(self.services))
        now = self.services.now()
        with self.services.reading() as session:
            if isinstance(token, str):
                try:
                    bearer = access.bearer(session.connection(), token, now)
                except Unauthenticated:
                    return None
                return Watcher(sid=_sid(), user_id=bearer.who.person, token_id=bearer.token_id)
            found = access.session_of(session, reference, now) if reference else None
            if found is None:
                return None
            return Watcher(sid=_sid(), user_id=found.user_id, session_id=found.id)

    def _watch(self, wish: object) -> dict[str, Any]:
        """Let a socket into the room it asks for, if it may, after what it missed."""
        watcher = self.watchers.get(_sid())
        if watcher is None or not isinstance(wish, dict):
            return {"error": "bad-request"}
        incident, after = wish.get("incident"), wish.get("after", None)
        if after is not None and (not isinstance(after, int) or after < 0):
            return {"error": "bad-request"}
        if isinstance(drill := wish.get("drill"), str):
            return {} if _joined(events.drill_room(drill)) else {"error": "gone"}
        room = self._room(watcher, incident if isinstance(incident, str) else None)
        if room is None:
            return {"error": "not-found"}
        with self._order:
            missed, whole = self._missed(incident, after)
            for entry in missed:
                self.socketio.emit("entry", events.of_entry(entry).as_dict(), to=watcher.sid)
            if not _joined(room):
                return {"error": "gone"}
            return {"position": self.position, "whole": whole}

    def _room(self, watcher: Watcher, incident: str | None) -> str | None:
        """Return the room for a wish; None when it is not for this person."""
        with self.services.reading() as session:
            user = session.get(User, watcher.user_id)
            who: Who = people.who_is(user) if user else Who(id=None, display="")
            if incident is None:
                return DESK_ROOM if scope.sees_all(who) else None
            try:
                return f"incident:{scope.incident(session, incident, who).number}"
            except NotFound:
                return None

    def _missed(self, incident: str | None, after: int | None) -> tuple[list[Entry], bool]:
        """Return what came after a seq up to the position, and whether that is all of it."""
        if after is None or after >= self.position:
            return [], True
        with self.services.reading() as session:
            found = events.after(session, after, incident=incident, limit=REPLAY_LIMIT + 1)
        missed = [entry for entry in found if entry.seq <= self.position and entry.incident]
        return missed[:REPLAY_LIMIT], len(found) <= REPLAY_LIMIT

    def _follow(self) -> None:
        """Push what is committed, until told to stop; a database that is away is waited for."""
        rung = 0
        while not self._stop.is_set():
            try:
                self.push()
            except SQLAlchemyError as error:
                logger.error("cannot read the event log: %s", type(error).__name__)
                self.socketio.sleep(CHECK_SECONDS)
            rung = self._wait(rung)

    def _wait(self, rung: int) -> int:
        if self.socketio.async_mode == "threading":
            return self.services.bell.wait(rung, POLL_SECONDS)
        self.socketio.sleep(POLL_SECONDS)
        return rung

    def push(self) -> int:
        """Push every entry after the position; return how many."""
        pushed = 0
        while True:
            with self.services.reading() as session:
                fresh = events.after(session, self.position, limit=BATCH)
            with self._order:
                for entry in fresh:
                    self._emit(entry)
                    self.position = entry.seq
            pushed += len(fresh)
            if len(fresh) < BATCH:
                return pushed

    def _emit(self, entry: Entry) -> None:
        if entry.incident is not None:
            rooms = [DESK_ROOM, f"incident:{entry.incident}"]
            self.socketio.emit("entry", events.of_entry(entry).as_dict(), to=rooms)
        if (drill := events.drill_of(entry)) is not None:
            self.socketio.emit("drill", {"seq": entry.seq}, to=events.drill_room(drill))

    def _check(self) -> None:
        """Close the sockets of people who signed out, or may no longer watch."""
        while not self._stop.is_set():
            self.socketio.sleep(CHECK_SECONDS)
            self.tell_pulse()
            try:
                self.close_ended()
            except SQLAlchemyError as error:
                logger.error("cannot check sessions: %s", type(error).__name__)

    def tell_pulse(self) -> None:
        """Tell every screen when the state of the machinery changes; it then asks for the words."""
        state = pulse.take(self.services).state
        if state != self._state:
            self._state = state
            self.socketio.emit("pulse", {"state": state})

    def close_ended(self) -> int:
        """Close what must close; return how many."""
        with self.services.reading() as session:
            ended = no_longer_good(session, self.watchers.all(), self.services.now())
        for watcher in ended:
            self.socketio.server.disconnect(watcher.sid)
            self.watchers.forget(watcher.sid)
        return len(ended)


def _joined(room: str) -> bool:
    """Let the present socket into a room; False when it closed meanwhile."""
    try:
        join_room(room)
    except (KeyError, ValueError):  # which of them depends on how far the closing has come
        return False
    return True


def _sid() -> str:
    return str(request.sid)  # type: ignore[attr-defined]
