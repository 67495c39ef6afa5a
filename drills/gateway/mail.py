"""The stand-in as a mail server: it takes every mail, shows it, and passes none on."""

import logging
import socketserver
from email import message_from_bytes
from email.policy import default
from threading import Thread
from typing import cast

from drills.gateway.store import MAIL, Store

logger = logging.getLogger(__name__)

LARGEST = 256 * 1024
SLOWEST = 20  # seconds between two lines
_ANSWERS = {
    "EHLO": "250 stand-in",
    "HELO": "250 stand-in",
    "MAIL": "250 fine",
    "RCPT": "250 fine",
    "DATA": "354 go on",
    "RSET": "250 fine",
    "NOOP": "250 fine",
    "QUIT": "221 bye",
}


class MailSink:
    """Listens on loopback; port 0 takes a free one."""

    def __init__(self, store: Store, *, port: int = 0) -> None:
        self._server = _Server(("127.0.0.1", port), _Conversation)
        self._server.store = store
        self.port: int = self._server.server_address[1]
        self._thread = Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    store: Store


class _Conversation(socketserver.StreamRequestHandler):
    timeout = SLOWEST

    def handle(self) -> None:
        try:
            self._converse()
        except OSError as broken:
            logger.info("a mail's connection ended: %s", type(broken).__name__)

    def _converse(self) -> None:
        recipients: list[str] = []
        self._say("220 stand-in")
        while line := self.rfile.readline(1000):
            command = line[:4].decode("ascii", "replace").upper().strip()
            if command == "RCPT":
                recipients.append(
                    line.decode("utf-8", "replace").partition("<")[2].partition(">")[0]
                )
            self._say(_ANSWERS.get(command, "502 unknown"))
            if command == "QUIT":
                return
            if command == "DATA":
                self._take(recipients)

    def _take(self, recipients: list[str]) -> None:
        """Read a mail to its end, and keep it once for each whom it is for."""
        text = bytearray()
        while (line := self.rfile.readline(LARGEST)) not in (b".\r\n", b""):
            text += line[1:] if line.startswith(b"..") else line
            if len(text) > LARGEST:
                self._say("552 too large")
                return
        mail = message_from_bytes(bytes(text), policy=default)
        body = mail.get_body(("plain",))
        for to in recipients:
            self._server_store().accept(
                kind=MAIL,
                to=to,
                sender=str(mail["From"]),
                body=str(body.get_content()).strip() if body else "",
                callback=None,
            )
        self._say("250 kept")

    def _server_store(self) -> Store:
        return cast(_Server, self.server).store

    def _say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")
