"""Uploaded files: what is kept, and what is refused with its reason."""

import io
import struct
import zipfile
import zlib

import pytest
from PIL import Image

from incident.errors import InvalidInput
from incident.uploads import LARGEST, OFFICE, display_name, inspect

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nstartxref\n0\n%%EOF\n"


def picture(kind: str, size: tuple[int, int] = (64, 48)) -> bytes:
    file = io.BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(file, kind)
    return file.getvalue()


def packed(*entries: tuple[str, bytes], types: bool = True) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        if types:
            archive.writestr("[Content_Types].xml", "<Types/>")
        for name, content in entries:
            archive.writestr(name, content)
    return file.getvalue()


def png_of(width: int, height: int) -> bytes:
    """Return the head of a PNG that promises so many pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


JPEG, PNG, DOCX = picture("JPEG"), picture("PNG"), packed(("word/document.xml", b"<w/>"))
NEWER = DOCX.replace(b"PK\x01\x02\x14\x03\x14\x00", b"PK\x01\x02\x14\x03\xff\x00")


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        pytest.param("现场照片.jpg", JPEG, "image/jpeg", id="jpeg"),
        pytest.param("样品.png", PNG, "image/png", id="png"),
        pytest.param("报告.pdf", PDF, "application/pdf", id="pdf"),
        pytest.param("笔录.docx", DOCX, OFFICE[".docx"], id="docx"),
        pytest.param("台账.XLSX", DOCX, OFFICE[".xlsx"], id="xlsx by capital letters"),
        pytest.param("记录.txt", "第一行\n第二行".encode(), "text/plain", id="text"),
        pytest.param("照片.pdf", JPEG, "image/jpeg", id="a wrong ending is not believed"),
        pytest.param("x.exe", PNG, "image/png", id="nor another"),
        pytest.param("p.jpg", JPEG + PDF, "image/jpeg", id="polyglot is what it begins as"),
        pytest.param("a.txt", b"a < b, <3", "text/plain", id="less-than signs are text"),
        pytest.param("a.pdf", PDF + b"\r\n" * 100, "application/pdf", id="blanks after the end"),
    ],
)
def test_a_sound_file_is_kept_as_what_its_bytes_are(
    name: str, content: bytes, media_type: str
) -> None:
    upload = inspect(name, content)
    assert (upload.media_type, upload.content) == (media_type, content)
    assert upload.name == name


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        pytest.param("a.txt", b"", "file-empty", id="no byte"),
        pytest.param(
            "a.txt", b"a" * (LARGEST + 1), "file-too-large", id="one byte above the limit"
        ),
        pytest.param("a.jpg", JPEG[: len(JPEG) // 2], "file-damaged", id="half a jpeg"),
        pytest.param("a.jpg", JPEG[:-300], "file-damaged", id="jpeg without its end"),
        pytest.param("a.jpg", JPEG[:20], "file-damaged", id="head of a jpeg"),
        pytest.param("a.png", PNG[: len(PNG) // 2], "file-damaged", id="half a png"),
        pytest.param("a.pdf", PDF[:-8], "file-damaged", id="pdf without its end"),
        pytest.param("a.docx", DOCX[: len(DOCX) // 2], "file-damaged", id="half a docx"),
        pytest.param("a.docx", packed(types=False), "file-kind", id="an empty archive"),
        pytest.param(
            "a.docx", packed(("a", b"a"), types=False), "file-damaged", id="zip that is no document"
        ),
        pytest.param("a.docx", NEWER, "file-damaged", id="made by an unknown version of zip"),
        pytest.param("a.zip", DOCX, "file-kind", id="zip"),
        pytest.param(
            "a.docx", packed(("b.zip", DOCX), types=False), "file-damaged", id="zip in zip"
        ),
        pytest.param(
            "a.docx", packed(("w.xml", b"\0" * 5_000_000)), "file-bomb", id="zip bomb by ratio"
        ),
        pytest.param(
            "a.docx",
            packed(*[(f"{n}", b"") for n in range(1001)]),
            "file-bomb",
            id="too many entries",
        ),
        pytest.param(
            "a.docx", packed(("../../etc/cron.d/x", b"a")), "file-bomb", id="way out of the folder"
        ),
        pytest.param("a.docx", packed(("/etc/passwd", b"a")), "file-bomb", id="absolute path"),
        pytest.param(
            "a.png", png_of(30_000, 30_000), "picture-too-large", id="30000 x 30000 pixels"
        ),
        pytest.param("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "file-kind", id="svg"),
        pytest.param("a.txt", b"<!DOCTYPE html><script>", "file-kind", id="html"),
        pytest.param(
            "a.txt",
            b"\xef\xbb\xbf \n<SVG onload=x>",
            "file-kind",
            id="svg behind a byte order mark",
        ),
        pytest.param("a.txt", b"<!-- --><html>", "file-kind", id="html behind a comment"),
        pytest.param("a.txt", b"<?xml version='1.0'?>", "file-kind", id="xml"),
        pytest.param("a.txt", b"MZ\x90\x00\x03", "file-kind", id="program"),
        pytest.param("a.txt", b"a\x00b", "file-kind", id="NUL in text"),
        pytest.param("a.gif", b"GIF89a\x01\x00\x01\x00", "file-kind", id="gif"),
    ],
)
def test_an_unsound_file_is_refused_with_its_reason(name: str, content: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        inspect(name, content)
    assert [(error.field, error.code) for error in refused.value.errors] == [("file", code)]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        pytest.param(
            "示例市第一实验小学留样.jpg", "示例市第一实验小学留样.jpg", id="Chinese survives"
        ),
        pytest.param("../../etc/passwd", "passwd", id="path upwards"),
        pytest.param("C:\\photos\\样品.png", "样品.png", id="path of Windows"),
        pytest.param("a\x00b.png", "ab.png", id="NUL"),
        pytest.param("a\nb.png", "ab.png", id="two lines"),
        pytest.param("照片\u202egnp.exe", "照片gnp.exe", id="turned direction"),
        pytest.param("e\u0301.txt", "\u00e9.txt", id="composed"),
        pytest.param("...", "file", id="only dots"),
        pytest.param("", "file", id="nothing"),
        pytest.param("/", "file", id="only a path"),
        pytest.param("\ud800.txt", "txt", id="half a character"),
    ],
)
def test_a_name_is_shown_without_what_deceives(given: str, shown: str) -> None:
    assert display_name(given) == shown


def test_a_long_name_keeps_its_ending() -> None:
    shown = display_name("长" * 300 + ".docx")
    assert len(shown) == 120
    assert shown.endswith("长.docx")


def test_a_name_that_is_one_long_ending_is_cut() -> None:
    assert len(display_name("a." + "b" * 300)) == 120


def test_the_largest_file_is_kept() -> None:
    assert inspect("a.txt", b"a" * LARGEST).media_type == "text/plain"
