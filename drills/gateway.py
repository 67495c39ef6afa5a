"""A stand-in SMS provider that speaks Twilio's HTTP: for drills, tests and trying out."""

import logging
import os
import socket
import struct
from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, Response, request
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException
from werkzeug.serving import WSGIRequestHandler, make_server

from drills.gateway_admin import admin
from drills.gateway_api import api
from drills.gateway_callbacks import LOOPBACK, Courier
from drills.gateway_faults import Faults
from drills.gateway_inbox import inbox
from drills.gateway_journal import Journal
from drills.gateway_parts import Parts, Trouble, install, parts
from drills.gateway_play import CUT, trouble_answer
from drills.gateway_store import Store
from templates import ROOT

logger = logging.getLogger(__name__)

LARGEST_REQUEST = 64 * 1024
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def create_gateway(
    *,
    account_sid: str,
    auth_token: str,
    journal: Path,
    now: Callable[[], datetime],
    from_number: str | None = None,
    pace: float = 0.6,
    callback_hosts: Collection[str] = (),
    zone: str = "Asia/Shanghai",
    open_inbox: bool = True,
) -> Flask:
    """Build the provider; what the journal holds is taken up where it was left.

    `from_number` None takes any sender. `pace` is seconds between queued, sent and delivered.
    `callback_hosts` are allowed for callbacks beside loopback. `open_inbox` False asks for the
    account's token at the inbox: wherever others than this machine can reach it.
    """
    app = Flask(__name__, static_folder=ROOT / "static", template_folder=ROOT / "pages")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    if open_inbox:
        app.config["TRUSTED_HOSTS"] = ["127.0.0.1", "localhost", "[::1]"]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    store, faults = Store(Journal(journal), now=now), Faults()
    courier = Courier(
        store,
        faults,
        account_sid=account_sid,
        auth_token=auth_token,
        pace=pace,
        callback_hosts=callback_hosts,
    )
    installed = Parts(
        account_sid=account_sid,
        auth_token=auth_token,
        from_number=from_number,
        store=store,
        faults=faults,
        courier=courier,
        zone=ZoneInfo(zone),
        open_inbox=open_inbox,
        stopping=Event(),
    )
    install(app, installed)
    _wire(app)
    for item in store.unfinished():
        courier.take(item)
    return app


class GatewayServer:
    """The provider on a port of its own; port 0 takes a free one.

    `serve` blocks until `close` is called from elsewhere; `start` serves in a thread.
    """

    def __init__(self, app: Flask, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._parts = parts(app)
        self._server = make_server(host, port, app, threaded=True, request_handler=_Handler)
        self._served = Event()
        self._thread: Thread | None = None
        self.host = host
        self.port: int = self._server.server_port

    @property
    def base_url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def serve(self, *, poll_interval: float = 0.1) -> None:
        """Serve; `poll_interval` is how many seconds `close` may have to wait."""
        self._served.set()
        self._server.serve_forever(poll_interval=poll_interval)

    def start(self) -> None:
        self._thread = Thread(target=self.serve, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        self._served.wait()

    def close(self) -> None:
        """End what hangs on purpose, close the port, write what is in line."""
        self._parts.stopping.set()
        if self._served.is_set():
            self._server.shutdown()
        self._server.server_close()
        if self._thread is not None:
            self._thread.join(timeout=5)
        self._parts.courier.close()
        self._parts.store.close()


def serve_gateway(app: Flask, *, host: str = "127.0.0.1", port: int = 8025) -> None:
    """Serve until interrupted."""
    server = GatewayServer(app, host=host, port=port)
    try:
        server.serve()
    finally:
        server.close()


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach what listens there."""
    return host in LOOPBACK


def _wire(app: Flask) -> None:
    for blueprint in (api, admin, inbox):
        app.register_blueprint(blueprint)
    app.register_error_handler(Trouble, trouble_answer)
    app.register_error_handler(HTTPException, _as_trouble)
    app.register_error_handler(OSError, _out_of_order)
    app.after_request(_with_headers)


def _as_trouble(error: HTTPException) -> Response:
    status = error.code or 500
    return trouble_answer(Trouble(status, 20000 + status, f"{error.name}: {request.path}"))


def _out_of_order(error: OSError) -> Response:
    """Say that nothing was taken when the journal cannot be written."""
    logger.error("the journal could not be written: %s", error.strerror)
    return trouble_answer(Trouble(503, 20503, "Service unavailable"))


def _with_headers(answer: Response) -> Response:
    answer.headers.update(_HEADERS)
    return answer


class _Handler(WSGIRequestHandler):
    """Keeps connections open, writes no log of numbers, and can cut a connection short."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def make_environ(self) -> dict[str, Any]:
        return {**super().make_environ(), CUT: self._cut}

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Telephone numbers stand in the addresses: they are not logged."""

    def _cut(self, *, reset: bool) -> None:
        self.close_connection = True
        if reset:
            no_waiting = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_waiting)
        os.close(self.connection.detach())
