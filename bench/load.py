"""A cheap HTTP client: so many keep-alive connections, each with one request under way.

Run as `python -m bench.load`, so that it has a process of its own; reads a plan as JSON from
stdin and writes what it saw to stdout.
"""

import itertools
import json
import secrets
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.processes import ROOT, module
from bench.samples import median, percentile

PATIENCE = 10.0  # seconds without any answer, after which what is open counts as errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to send. A connection is closed after `per_connection`, as proxies do."""

    port: int
    path: str
    body: str
    concurrency: int
    seconds: float
    headers: Mapping[str, str] = field(default_factory=dict)
    keys: bool = False
    per_connection: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What came back; times in seconds, errors are all that was not 2xx."""

    count: int
    errors: int
    seconds: float
    p50: float
    p99: float
    statuses: Mapping[str, int]

    @property
    def spooled(self) -> int:
        """Return how many were only taken for later."""
        return self.statuses.get("202", 0)

    @property
    def rate(self) -> float:
        """Return how many a second were done, without those that were taken for later."""
        return (self.count - self.spooled) / self.seconds


def body_of(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False)


def run(plan: Plan) -> Seen:
    """Send by a process of its own."""
    done = subprocess.run(
        module("bench.load"),
        cwd=ROOT,
        input=json.dumps(asdict(plan)),
        capture_output=True,
        text=True,
        check=True,
        timeout=plan.seconds + 60,
    )
    return Seen(**json.loads(done.stdout))


class _Line:
    """One connection."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._left = 0
        self._got = b""
        self.since = 0.0
        self.socket = socket.socket()

    def send(self) -> bool:
        """Send the next request; True when that took a fresh connection."""
        fresh = self._left == 0
        if fresh:
            self._connect()
        self._left -= 1
        self._got = b""
        self.since = time.perf_counter()
        self.socket.sendall(_request(self._plan))
        return fresh

    def receive(self) -> int | None:
        """Take in what came; the status once the answer is whole, 0 when the line is dead."""
        try:
            piece = self.socket.recv(1 << 16)
        except OSError:
            piece = b""
        if not piece:
            self._left = 0
            return 0
        self._got += piece
        head, found, body = self._got.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return None
        if b"\r\nconnection: close" in head.lower():
            self._left = 0
        return int(head[9:12])

    def _connect(self) -> None:
        self.socket.close()
        self.socket = socket.create_connection(("127.0.0.1", self._plan.port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._left = self._plan.per_connection


class _Crowd:
    """All connections of a run."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._poll = selectors.DefaultSelector()
        self._open: set[_Line] = set()
        self.times: list[float] = []
        self.statuses: Counter[str] = Counter()

    def run(self) -> float:
        start = time.perf_counter()
        until = start + self._plan.seconds
        for _ in range(self._plan.concurrency):
            self._send(_Line(self._plan))
        while self._open:
            ready = self._poll.select(PATIENCE)
            if not ready:
                self.statuses["no answer"] += len(self._open)
                break
            for key, _ in ready:
                self._take(key.data, again=time.perf_counter() < until)
        return time.perf_counter() - start

    def _take(self, line: _Line, *, again: bool) -> None:
        status = line.receive()
        if status is None:
            return
        self.statuses[str(status)] += 1
        if 200 <= status < 300:
            self.times.append(time.perf_counter() - line.since)
        if not again:
            self._poll.unregister(line.socket)
            line.socket.close()
            self._open.discard(line)
        else:
            self._send(line)

    def _send(self, line: _Line) -> None:
        before = line.socket
        if line.send():
            if line in self._open:
                self._poll.unregister(before)
            self._poll.register(line.socket, selectors.EVENT_READ, line)
        self._open.add(line)


_numbers = itertools.count()
_run = secrets.token_hex(6)


def _request(plan: Plan) -> bytes:
    body = plan.body.encode()
    headers = {
        "Host": f"127.0.0.1:{plan.port}",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **plan.headers,
    }
    if plan.keys:
        headers["Idempotency-Key"] = f"{_run}-{next(_numbers)}"
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {plan.path} HTTP/1.1\r\n{lines}\r\n".encode() + body


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def main() -> None:
    raw: dict[str, Any] = json.load(sys.stdin)
    crowd = _Crowd(Plan(**raw))
    seconds = crowd.run()
    good = len(crowd.times)
    seen = Seen(
        count=good,
        errors=crowd.statuses.total() - good,
        seconds=seconds,
        p50=median(crowd.times) if good else 0.0,
        p99=percentile(crowd.times, 0.99) if good else 0.0,
        statuses=dict(crowd.statuses),
    )
    json.dump(asdict(seen), sys.stdout)


if __name__ == "__main__":
    main()
