"""The printing press: one warm child process that turns documents into PDF, one after another."""

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock, Timer
from types import TracebackType
from typing import IO, Self

from incident.documents import OfficialDocument, to_json
from incident.errors import Unavailable

READY, DOCUMENT, PRINTED, FAILED = b"R", b"D", b"P", b"F"
_START_SECONDS = 60.0  # Fonts are looked for on a machine that may be busy.
_HEADER = 5  # One byte of kind, four of length.
_ROOT = Path(__file__).parent.parent


class PressFailed(Unavailable):
    """A document was not printed; `reason` says why, and the next one starts on a fresh child."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one document, and one child, may use."""

    wall_seconds: float = 30
    cpu_seconds: int = 20
    memory_bytes: int = 1 << 30
    input_bytes: int = 4 << 20
    documents: int = 500


class Press:
    """Print one document at a time; any thread may call, and waits for its turn.

    The child has an empty environment, no database and no network. It starts with the first
    document, is replaced after `limits.documents`, and is killed when a document takes too long.
    """

    def __init__(self, *, office_fonts: Path | None = None, limits: Limits | None = None) -> None:
        self._office_fonts = office_fonts
        self._limits = limits or Limits()
        self._lock = Lock()
        self._child: _Child | None = None

    def print(self, document: OfficialDocument) -> bytes:
        """Return the PDF; raise PressFailed, after which the same call may be made again."""
        text = to_json(document)
        if len(text) > self._limits.input_bytes:
            raise PressFailed(f"the document has {len(text)} bytes, more than may be printed")
        with self._lock:
            child = self._warm_child()
            try:
                return child.print(text, within=self._limits.wall_seconds)
            except PressFailed:
                self._discard()
                raise

    def close(self) -> None:
        """End the child; a later document starts another."""
        with self._lock:
            self._discard()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def child_pid(self) -> int | None:
        """The process that prints now, or None before the first document."""
        return self._child.pid if self._child else None

    def _warm_child(self) -> "_Child":
        child = self._child
        if child and (child.printed >= self._limits.documents or not child.is_alive):
            self._discard()
        if self._child is None:
            self._child = _Child(self._limits, self._office_fonts)
            try:
                self._child.wait_until_ready()
            except PressFailed:
                self._discard()
                raise
        return self._child

    def _discard(self) -> None:
        if self._child:
            self._child.end()
            self._child = None


class _Child:
    """One run of incident.pressroom, with a folder of its own that goes when it goes."""

    def __init__(self, limits: Limits, office_fonts: Path | None) -> None:
        self.printed = 0
        self._late = False
        self._folder = tempfile.mkdtemp(prefix="tocsin-press-")
        fonts = str(office_fonts.absolute()) if office_fonts else ""
        self._process = subprocess.Popen(  # noqa: S603 - our own module, no shell
            [sys.executable, "-m", "incident.pressroom", json.dumps(asdict(limits)), fonts],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            env={"TMPDIR": self._folder, "XDG_CACHE_HOME": self._folder, "LC_ALL": "C.UTF-8"},
            start_new_session=True,  # Ctrl-C in the terminal is the parent's to answer.
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def wait_until_ready(self) -> None:
        self._exchange(None, expected=READY, within=_START_SECONDS)

    def print(self, text: bytes, *, within: float) -> bytes:
        pdf = self._exchange(text, expected=PRINTED, within=within)
        self.printed += 1
        return pdf

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            _close(pipe)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _exchange(self, text: bytes | None, *, expected: bytes, within: float) -> bytes:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None  # noqa: S101, PT018 - they are pipes
        alarm = Timer(within, self._kill_as_late)
        alarm.start()
        try:
            if text is not None:
                write_frame(stdin, DOCUMENT, text)
            kind, body = read_frame(stdout)
        except (OSError, EOFError):
            raise PressFailed(self._how_it_ended(within)) from None
        finally:
            alarm.cancel()
        if kind != expected:
            raise PressFailed(body.decode("utf-8", "replace"))
        return body

    def _kill_as_late(self) -> None:
        self._late = True
        self._process.kill()

    def _how_it_ended(self, within: float) -> str:
        code = self._process.wait()
        if self._late:
            return f"the document took more than {within:g} s"
        return f"the press died with {f'signal {-code}' if code < 0 else f'status {code}'}"


def write_frame(stream: IO[bytes], kind: bytes, body: bytes) -> None:
    """Send one message to the other side of the pipe."""
    stream.write(kind + len(body).to_bytes(_HEADER - 1, "big") + body)
    stream.flush()


def read_frame(stream: IO[bytes]) -> tuple[bytes, bytes]:
    """Receive one message whole; raises EOFError when the other side is gone."""
    header = stream.read(_HEADER)
    body = stream.read(int.from_bytes(header[1:], "big")) if len(header) == _HEADER else b""
    if len(header) < _HEADER or len(body) < int.from_bytes(header[1:], "big"):
        raise EOFError
    return header[:1], body


def _close(pipe: IO[bytes] | None) -> None:
    try:
        if pipe:
            pipe.close()
    except OSError:  # What was still to be written is for nobody.
        pass
