"""Look at an uploaded file before it is kept: size, kind, name, and pictures that explode."""

import io
import re
import struct
import unicodedata
import warnings
import zipfile
from dataclasses import dataclass

import puremagic
from PIL import Image, UnidentifiedImageError

from incident.errors import FieldError, InvalidInput

LARGEST = 25 * 1024 * 1024
NAME_LENGTH = 120
PIXELS = 50_000_000
UNPACKED = 50 * 1024 * 1024
ENTRIES = 1000
RATIO = 100
JPEG_END, JPEG_TAIL = b"\xff\xd9", 64 * 1024  # cameras write some bytes after the end
PICTURES = {"image/jpeg": "JPEG", "image/png": "PNG"}
OFFICE = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
_MARKUP = re.compile(r"[\s\ufeff]*<[a-z!?/]", re.IGNORECASE)
PDF = "application/pdf"
TEXT = "text/plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that may be kept: its name to show, its true kind, its bytes."""

    name: str
    media_type: str
    content: bytes


def inspect(name: str, content: bytes) -> Upload:
    """Return the upload; raise InvalidInput with the reason when it may not be kept."""
    if not content:
        raise _refused("file-empty")
    if len(content) > LARGEST:
        raise _refused("file-too-large", limit=LARGEST // (1024 * 1024))
    shown = display_name(name)
    return Upload(name=shown, media_type=_media_type(shown, content), content=content)


def display_name(name: str) -> str:
    """Return a name fit to show: composed, one line, no direction marks, no path, ≤ 120."""
    composed = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c for c in composed if unicodedata.category(c)[0] != "C").strip(". ")
    if len(kept) > NAME_LENGTH:
        stem, dot, ending = kept.rpartition(".")
        kept = stem[: NAME_LENGTH - len(ending) - 1] + dot + ending if len(ending) < 10 else kept
    return kept[:NAME_LENGTH] or "file"


def _media_type(name: str, content: bytes) -> str:
    """Return what the bytes are, whatever the name says; only a few kinds are kept."""
    for media_type, start in (
        ("image/jpeg", b"\xff\xd8\xff"),
        ("image/png", b"\x89PNG\r\n\x1a\n"),
    ):
        if content.startswith(start):
            _check_picture(content, media_type)
            return media_type
    if content.startswith(b"%PDF-"):
        _check_pdf(content)
        return PDF
    if content.startswith(b"PK\x03\x04"):
        return _office(name, content)
    if _is_text(content):
        return TEXT
    raise _refused("file-kind", kind=_guess(content))


def _check_picture(content: bytes, media_type: str) -> None:
    """Read a picture's head, and its pixels only when they are few enough."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=[PICTURES[media_type]]) as picture:
                if picture.width * picture.height > PIXELS:
                    raise _refused("picture-too-large", limit=PIXELS // 1_000_000)
                picture.verify()
            if media_type == "image/jpeg":
                _decode(content)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _refused("picture-too-large", limit=PIXELS // 1_000_000) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise _refused("file-damaged") from error


def _decode(content: bytes) -> None:
    """Read a JPEG to its end, at an eighth of its size: its head says nothing of its end.

    The mark of the end is asked for as well, for a library may have told Pillow to be lenient.
    """
    if JPEG_END not in content[-JPEG_TAIL:]:
        raise ValueError("a JPEG without its end")
    with Image.open(io.BytesIO(content), formats=["JPEG"]) as picture:
        picture.draft("L", (max(picture.width // 8, 1), max(picture.height // 8, 1)))
        picture.load()


def _check_pdf(content: bytes) -> None:
    """Refuse a PDF without its end; readers allow some bytes after it."""
    if b"%%EOF" not in content[-2048:]:
        raise _refused("file-damaged")


def _office(name: str, content: bytes) -> str:
    """Look into a packed document without unpacking it."""
    ending = "." + name.rpartition(".")[2].lower()
    if ending not in OFFICE:
        raise _refused("file-kind", kind="zip")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            entries = packed.infolist()
    except (zipfile.BadZipFile, NotImplementedError, struct.error, ValueError, OSError) as error:
        raise _refused("file-damaged") from error
    size = sum(entry.file_size for entry in entries)
    bomb = size > UNPACKED or size > RATIO * max(len(content), 1) or len(entries) > ENTRIES
    outside = any(e.filename.startswith("/") or ".." in e.filename.split("/") for e in entries)
    if bomb or outside:
        raise _refused("file-bomb")
    if "[Content_Types].xml" not in {entry.filename for entry in entries}:
        raise _refused("file-damaged")
    return OFFICE[ending]


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not _CONTROL.search(text) and not _MARKUP.match(text)


def _guess(content: bytes) -> str:
    """Return a name for what the bytes look like, for the person who sent them."""
    try:
        return str(puremagic.from_string(content[:4096]))
    except (puremagic.PureError, ValueError):
        return "unknown"


def _refused(code: str, **values: object) -> InvalidInput:
    return InvalidInput([FieldError("file", code, values)])
