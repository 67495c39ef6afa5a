"""The server under the stand-in provider: threads, open connections, and a way to cut them."""

import os
import socket
import struct
from threading import Event, Thread
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from drills.gateway.parts import parts
from drills.gateway.play import CUT


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
        self._parts.close()


class _Handler(WSGIRequestHandler):
    """Writes no log of numbers, and can cut a connection short."""

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
