"""Many open screens: raw Engine.IO websockets of one cheap process.

Run as `python -m bench.sockets`; reads a plan as JSON from stdin, writes a line "ready" and then
a line of JSON for every event that the last screen has.
"""

import asyncio
import base64
import json
import os
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from queue import Queue
from threading import Thread

from bench.processes import ROOT, module

AT_ONCE = 10  # screens that connect at the same time
OPEN, PING, PONG = "0", "2", "3"
CONNECTED, EVENT = "40", "42"
NEWS = ('42["entry",', '42["drill",')  # beside them there is the desk's own pulse
WATCH = '420["watch",{wish}]'
WATCHING = "430"
CONNECT_SECONDS = 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Screens to open: one for each of the tokens; of the desk, or of a drill."""

    port: int
    tokens: Sequence[str]
    drill: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An event that every screen has; `first` and `last` are when a screen got it, monotonic.

    Of a drill it says no more than its place in the log.
    """

    incident: str
    type: str
    first: float
    last: float


class Screens:
    """What the process of the screens tells."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._shown: Queue[Shown | None] = Queue()
        Thread(target=self._read, daemon=True).start()

    def next(self, seconds: float) -> Shown:
        """Return the next event that all screens have."""
        shown = self._shown.get(timeout=seconds)
        assert shown is not None, "the screens are gone"
        return shown

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._shown.put(Shown(**json.loads(line)))
        self._shown.put(None)


@contextmanager
def watching(plan: Plan) -> Iterator[Screens]:
    """Open the screens in a process of its own; they are all connected inside the block."""
    process = subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", *module("bench.sockets")],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(asdict(plan)))
        process.stdin.close()
        assert process.stdout.readline() == "ready\n", "not every screen could connect"
        yield Screens(process)
    finally:
        process.kill()
        process.wait()


class _Crowd:
    """Counts, for each event, the screens that have it."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._seen: dict[str, tuple[int, float]] = {}

    def saw(self, text: str) -> None:
        now = time.monotonic()
        had, first = self._seen.get(text, (0, now))
        self._seen[text] = had + 1, first
        if had + 1 == self._count:
            del self._seen[text]
            name, told = json.loads(text[len(EVENT) :])
            incident, type = told.get("incident", ""), told.get("type", name)
            _tell(Shown(incident=incident, type=type, first=first, last=now))


class _Screen:
    """One websocket."""

    def __init__(self, crowd: _Crowd) -> None:
        self._crowd = crowd

    async def open(self, port: int, token: str, wish: dict[str, object]) -> None:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
        self._writer.write(_upgrade(port))
        head = await self._reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101"), head
        await self._until(OPEN)
        self._send(CONNECTED + json.dumps({"token": token}))
        await self._until(CONNECTED)
        self._send(WATCH.replace("{wish}", json.dumps(wish)))
        await self._until(WATCHING)

    async def follow(self) -> None:
        while True:
            text = await self._receive()
            if text == PING:
                self._send(PONG)
            elif text.startswith(NEWS):
                self._crowd.saw(text)

    async def _until(self, prefix: str) -> None:
        while not (text := await self._receive()).startswith(prefix):
            assert text == PING or text.startswith(EVENT), text
            if text == PING:
                self._send(PONG)

    async def _receive(self) -> str:
        head = await self._reader.readexactly(2)
        length = head[1] & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", await self._reader.readexactly(2))
        return (await self._reader.readexactly(length)).decode()

    def _send(self, text: str) -> None:
        """Send one frame, masked with zeros."""
        body = text.encode()
        size = bytes([0x80 | len(body)])
        if len(body) > 125:
            size = bytes([0x80 | 126]) + struct.pack("!H", len(body))
        self._writer.write(b"\x81" + size + b"\x00\x00\x00\x00" + body)


def _upgrade(port: int) -> bytes:
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()


def _tell(shown: Shown) -> None:
    sys.stdout.write(json.dumps(asdict(shown)) + "\n")
    sys.stdout.flush()


async def _run(plan: Plan) -> None:
    crowd = _Crowd(len(plan.tokens))
    gate = asyncio.Semaphore(AT_ONCE)
    screens = [_Screen(crowd) for _ in plan.tokens]
    wish: dict[str, object] = {"drill": plan.drill} if plan.drill else {"desk": True}

    async def connect(screen: _Screen, token: str) -> None:
        async with gate:
            await screen.open(plan.port, token, wish)

    async with asyncio.TaskGroup() as group:
        async with asyncio.timeout(CONNECT_SECONDS), asyncio.TaskGroup() as connecting:
            for screen, token in zip(screens, plan.tokens, strict=True):
                connecting.create_task(connect(screen, token))
        for screen in screens:
            group.create_task(screen.follow())
        sys.stdout.write("ready\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_run(Plan(**json.load(sys.stdin))))
