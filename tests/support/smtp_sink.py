"""A mail server on loopback that keeps what it is given, and answers as a script says."""

import socketserver
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from threading import Thread


@dataclass(slots=True)
class SmtpSink:
    """What arrived; `answers` replaces the answer to a command, "" cuts the connection."""

    url: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)


_USUAL = {
    "HELLO": "220 sink ready",
    "EHLO": "250 sink",
    "MAIL": "250 fine",
    "RCPT": "250 fine",
    "DATA": "354 go on",
    "TEXT": "250 kept",
    "RSET": "250 fine",
    "NOOP": "250 fine",
    "QUIT": "221 bye",
}


@contextmanager
def smtp_sink(answers: Mapping[str, str] | None = None) -> Iterator[SmtpSink]:
    """Listen on a free port of loopback until the block is left.

    Keys of `answers` are commands, HELLO for the greeting and TEXT for the end of the mail.
    """
    sink = SmtpSink(answers=answers or {})

    class Conversation(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            _converse(self, sink)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Conversation) as server:
        sink.url = f"smtp://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield sink
        finally:
            server.shutdown()
            thread.join(timeout=5)


def _converse(handler: socketserver.StreamRequestHandler, sink: SmtpSink) -> None:
    if not _say(handler, sink, "HELLO"):
        return
    while line := handler.rfile.readline():
        command = line[:4].decode("ascii", "replace").upper().strip()
        if command == "RCPT":
            sink.recipients.append(line.decode().partition("<")[2].partition(">")[0])
        if not _say(handler, sink, command) or command == "QUIT":
            return
        if command == "DATA" and _answer(sink, command).startswith("354"):
            text = _text(handler)
            if _answer(sink, "TEXT").startswith("250"):
                sink.mails.append(message_from_bytes(text, policy=default))
            if not _say(handler, sink, "TEXT"):
                return


def _text(handler: socketserver.StreamRequestHandler) -> bytes:
    lines = []
    while (line := handler.rfile.readline()) not in (b".\r\n", b""):
        lines.append(line[1:] if line.startswith(b"..") else line)
    return b"".join(lines)


def _say(handler: socketserver.StreamRequestHandler, sink: SmtpSink, command: str) -> bool:
    """Answer a command; False when the connection is to be cut."""
    said = _answer(sink, command)
    if said:
        handler.wfile.write(said.encode() + b"\r\n")
    return bool(said)


def _answer(sink: SmtpSink, command: str) -> str:
    return sink.answers.get(command, _USUAL.get(command, "502 unknown"))
