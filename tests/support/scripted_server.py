"""A server on loopback that answers each connection with bytes from a script, good or bad."""

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

Act = Callable[[socket.socket], None]


def answer(raw: bytes) -> Act:
    """Read the request, then send these bytes and close."""

    def act(connection: socket.socket) -> None:
        _read_request(connection)
        connection.sendall(raw)

    return act


def http(status: str, body: bytes, *, headers: tuple[str, ...] = ()) -> Act:
    """Read the request, then send a whole HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return answer("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def reset(connection: socket.socket) -> None:
    """Read the request, then break the connection by RST."""
    _read_request(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def silence(connection: socket.socket) -> None:
    """Read the request and wait until the other side goes away."""
    _read_request(connection)
    connection.recv(1)


@contextmanager
def scripted_server(act: Act) -> Iterator[str]:
    """Serve until the block is left; yields the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=_serve, args=(listener, act), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=5)


def unused_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _serve(listener: socket.socket, act: Act) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            connection.settimeout(5)
            try:
                act(connection)
            except OSError:
                continue


def _read_request(connection: socket.socket) -> None:
    """Read a head and as much body as it announces."""
    read = b""
    while b"\r\n\r\n" not in read:
        piece = connection.recv(65536)
        if not piece:
            return
        read += piece
    head, _, body = read.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    missing = int(lengths[0].split(b":")[1]) - len(body) if lengths else 0
    while missing > 0:
        missing -= len(connection.recv(65536)) or missing
