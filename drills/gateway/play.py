"""Play the faults at a request: to the sender they look like a provider in trouble."""

from collections.abc import Callable, Iterator, Sequence
from threading import Event

from flask import Response, jsonify, request

from drills.gateway.faults import Fault
from drills.gateway.parts import Trouble, parts

# The server's handler leaves here how to cut the connection: a function of `reset`.
CUT = "tocsin.gateway.cut"


def play(struck: Sequence[Fault], *, take: Callable[[], Response]) -> Response:
    """Answer as the first fault that is not a mere delay wants it; without one, plainly."""
    for fault in struck:
        if fault.kind != "delay":
            return _failed(fault, take=take)
        parts().stopping.wait(fault.seconds)
    return take()


def trouble_answer(trouble: Trouble) -> Response:
    """Write an error as Twilio does."""
    answer = jsonify(
        {
            "code": trouble.code,
            "message": str(trouble),
            "more_info": f"https://www.twilio.com/docs/errors/{trouble.code}",
            "status": trouble.status,
        }
    )
    answer.status_code = trouble.status
    if trouble.status == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
    return answer


def _failed(fault: Fault, *, take: Callable[[], Response]) -> Response:
    taken = take() if fault.accept else None
    match fault.kind:
        case "hang":
            parts().stopping.wait(fault.seconds)
            return _cut(reset=False)
        case "reset":
            return _cut(reset=True)
        case "throttle":
            return _throttled(fault)
        case "trickle":
            return _trickled(taken or _error(fault), seconds=fault.seconds)
        case "garble":
            return Response(fault.text, status=201, mimetype="application/json")
        case "refuse":
            return jsonify({"code": fault.code, "errcode": fault.code})
        case _:
            return _error(fault)


def _error(fault: Fault) -> Response:
    code = fault.code if fault.code is not None else fault.status
    return trouble_answer(Trouble(fault.status, code, "A fault on demand"))


def _throttled(fault: Fault) -> Response:
    answer = trouble_answer(Trouble(429, 20429, "Too Many Requests"))
    if fault.retry_after is not None:
        answer.headers["Retry-After"] = str(fault.retry_after)
    return answer


def _trickled(whole: Response, *, seconds: float) -> Response:
    """Send an answer byte by byte."""
    drops = _drops(whole.get_data(), seconds=seconds, stopping=parts().stopping)
    return Response(drops, status=whole.status_code, mimetype="application/json")


def _drops(body: bytes, *, seconds: float, stopping: Event) -> Iterator[bytes]:
    for drop in body:
        stopping.wait(seconds)
        yield bytes([drop])


def _cut(*, reset: bool) -> Response:
    """End the connection without an answer; `reset` ends it rudely, by RST."""
    cut: Callable[..., None] = request.environ[CUT]
    cut(reset=reset)
    return Response(_nothing())


def _nothing() -> Iterator[bytes]:
    """Give the server no body and no chance to write a head: the connection is gone."""
    raise ConnectionResetError("cut on purpose")
    yield b""
