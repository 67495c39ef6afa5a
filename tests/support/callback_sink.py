"""The desk's end of a callback, alone: keeps each request as it came."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, Thread

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """One callback: its form and its signature, None when it bore none."""

    form: dict[str, str]
    signature: str | None


@dataclass(slots=True)
class CallbackSink:
    """What has come so far; `statuses` are answered in turn, then 204."""

    url: str = ""
    came: list[Callback] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    changed: Condition = field(default_factory=Condition)

    def wait_for(self, count: int, *, seconds: float = 10) -> list[Callback]:
        """Return what came once it is so many; fails when they do not come in time."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.came) >= count, seconds), self.came
            return list(self.came)

    def take(self, request: Request) -> Response:
        callback = Callback(
            form=request.form.to_dict(), signature=request.headers.get("X-Twilio-Signature")
        )
        with self.changed:
            self.came.append(callback)
            self.changed.notify_all()
            return Response(status=self.statuses.pop(0) if self.statuses else 204)


class _Silent(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@contextmanager
def callback_sink() -> Iterator[CallbackSink]:
    """Listen on a free port of loopback until the block is left."""
    sink = CallbackSink()
    server = make_server(
        "127.0.0.1", 0, Request.application(sink.take), threaded=True, request_handler=_Silent
    )
    sink.url = f"http://127.0.0.1:{server.server_port}/callbacks/sms/M1"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
