"""The server under the stand-in provider: threads, open connections, and a way to cut them."""

import os
import socket
import struct
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from io import BytesIO
from threading import Event, Thread
from typing import Any, BinaryIO, cast
from wsgiref.handlers import SimpleHandler
from wsgiref.headers import Headers

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from drills.gateway.parts import parts
from drills.gateway.play import CUT

LARGE = 1 << 20  # bytes; a longer body is left to the application, and its connection ends


class GatewayServer:
    """The provider on a port of its own; port 0 takes a free one.

    `serve` blocks until `close` is called from elsewhere; `start` serves in a thread.
    """

    def __init__(self, app: Flask, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._parts = parts(app)
        self._kept: set[socket.socket] = set()
        handler = type("Handler", (_Handler,), {"kept": self._kept})
        self._server = make_server(host, port, app, threaded=True, request_handler=handler)
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
        """End what hangs on purpose, close the port and the connections, write what is in line."""
        self._parts.stopping.set()
        if self._served.is_set():
            self._server.shutdown()
        self._server.server_close()
        for connection in list(self._kept):
            with suppress(OSError):  # the other end, or a fault, may have closed it before
                connection.shutdown(socket.SHUT_RDWR)
        if self._thread is not None:
            self._thread.join(timeout=5)
        self._parts.close()


class _Handler(WSGIRequestHandler):
    """Keeps connections as a provider does, writes no log of numbers, can cut a connection short.

    `kept` are the connections that are open.
    """

    kept: set[socket.socket]

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave together

    def setup(self) -> None:
        super().setup()
        self.kept.add(self.connection)

    def finish(self) -> None:
        self.kept.discard(self.connection)
        super().finish()

    def run_wsgi(self) -> None:
        """Answer, and keep the connection where both ends know where request and answer end.

        Werkzeug's own way closes every connection, and a sender then pays for a new one each time.
        """
        environ = self.make_environ()
        answer = _Answer(environ["wsgi.input"], cast(BinaryIO, self.wfile), sys.stderr, environ)
        answer.is_last = self.close_connection
        answer.run(self.server.app)
        self.close_connection = self.close_connection or answer.is_last

    def make_environ(self) -> dict[str, Any]:
        """Take the body in whole, for what the application leaves is not the next request."""
        environ = super().make_environ()
        length = environ.get("CONTENT_LENGTH") or "0"
        if "wsgi.input_terminated" in environ or not length.isdecimal() or int(length) > LARGE:
            self.close_connection = True
        else:
            environ["wsgi.input"] = BytesIO(self.rfile.read(int(length)))
        return {**environ, CUT: self._cut}

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Telephone numbers stand in the addresses: they are not logged."""

    def _cut(self, *, reset: bool) -> None:
        self.close_connection = True
        if reset:
            no_waiting = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_waiting)
        os.close(self.connection.detach())


class _Answer(SimpleHandler):
    """Writes one answer; the connection ends with one of a length that is not known before."""

    http_version = "1.1"
    os_environ: MutableMapping[str, str] = {}
    is_last = False
    headers: Headers

    def cleanup_headers(self) -> None:
        super().cleanup_headers()
        self.is_last = self.is_last or "Content-Length" not in self.headers
        if self.is_last:
            self.headers["Connection"] = "close"
