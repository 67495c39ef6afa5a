"""Hostile text in a document: it is printed as text, fetches nothing and stays on its page."""

import contextlib
import hashlib
import logging
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from weasyprint import DEFAULT_OPTIONS
from weasyprint.urls import URLFetchingError

from incident.composing import compose
from incident.fonts import faces
from incident.typesetting import Assets, Forbidden, Typesetter
from tests.support.papers import FACTS, Paper, make_document, make_long

SECRET = "the-secret-of-the-house"
ACTIVE = (b"/EmbeddedFile", b"/JavaScript", b"/Launch", b"/URI", b"/SubmitForm", b"/GoToR")

# Each asks for something at the address {url}, in one of the ways that WeasyPrint knows.
ELEMENTS = {
    "image": '<img src="{url}">',
    "stylesheet": '<link rel="stylesheet" href="{url}">',
    "attachment": '<link rel="attachment" href="{url}">',
    "anchor attachment": '<a rel="attachment" href="{url}">x</a>',
    "import": '<style>@import url("{url}");</style>',
    "font": '<style>@font-face {{ font-family: F; src: url("{url}") }}</style>',
    "local font": '<style>@font-face {{ font-family: F; src: local("Noto Serif CJK SC") }}</style>',
    "background": "<p style=\"background: url('{url}')\">x</p>",
    "marker": "<ul style=\"list-style-image: url('{url}')\"><li>x</li></ul>",
    "content": "<style>p::before {{ content: url('{url}') }}</style>",
    "page": "<style>@page {{ background: url('{url}') }}</style>",
    "colour profile": '<style>@color-profile --p {{ src: url("{url}") }}</style>',
    "object": '<object data="{url}"></object>',
    "embed": '<embed src="{url}">',
    "iframe": '<iframe src="{url}"></iframe>',
    "svg image": '<svg width="9" height="9"><image href="{url}" width="9" height="9"/></svg>',
    "svg use": '<svg width="9" height="9"><use href="{url}#x"/></svg>',
    "nested svg": '<img src=\'data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg">'
    '<image href="{url}" width="9" height="9"/></svg>\'>',
    "base": '<base href="{url}"><img src="x">',
    "presentational": '<table background="{url}"><tr><td>x</table>',
}
WORDS = {
    "script": "<script>alert(1)</script>",
    "closing": '"></div></body></html><img src=x onerror=alert(1)>',
    "style": "</style><style>*{display:none}</style>; } body { display: none }",
    "template": "{{7*7}}{% raw %}${7*7}#{7*7}",
    "address": "http://169.254.169.254/latest/ file:///etc/passwd javascript:alert(1)",
    "entity": "&lt;b&gt;&amp;&#x41;",
}


@pytest.fixture(scope="module")
def typesetter() -> Typesetter:
    return Typesetter()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A door on loopback at which nobody should knock."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


@pytest.mark.parametrize("element", ELEMENTS)
def test_no_element_reaches_the_network_or_a_file(
    typesetter: Typesetter, listener: socket.socket, tmp_path: Path, element: str
) -> None:
    secret = tmp_path / "secret.svg"
    secret.write_text(f'<svg xmlns="http://www.w3.org/2000/svg"><text>{SECRET}</text></svg>')
    host = f"127.0.0.1:{listener.getsockname()[1]}"
    urls = (f"http://{host}/x", f"https://{host}/x", f"ftp://{host}/x", f"//{host}/x")
    urls = (*urls, secret.as_uri(), str(secret), f"data:text/plain,{SECRET}", "none:x", "font:body")
    html = "".join(ELEMENTS[element].format(url=url) for url in urls)
    content = b""
    with contextlib.suppress(URLFetchingError):  # A colour profile that is refused ends the page.
        pdf = typesetter.print_page(f"<p>正文{html}", identifier=hashlib.sha256())
        content = Paper(pdf, tmp_path).streams()
    assert SECRET.encode() not in content
    assert not [word for word in ACTIVE if word in content]
    with pytest.raises(BlockingIOError):
        listener.accept()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "ftp://127.0.0.1/x",
        "data:text/css,*{}",
        "asset:../../etc/passwd",
        "font:../../etc/passwd",
        "font:",
        "none:x",
        "/etc/passwd",
        "\\\\host\\share",
        "",
    ],
)
def test_the_fetcher_refuses_what_is_not_a_face_of_ours(url: str) -> None:
    assets = Assets(faces())
    with pytest.raises(Forbidden):
        assets.fetch(url)
    with pytest.raises(Forbidden):
        assets.open(url)


def test_presentational_hints_stay_off() -> None:
    assert DEFAULT_OPTIONS["presentational_hints"] is False


@pytest.mark.parametrize("name", WORDS)
def test_hostile_words_are_printed_as_they_were_written(
    typesetter: Typesetter, tmp_path: Path, name: str
) -> None:
    words = WORDS[name]
    facts = replace(FACTS, name=words, place=words, unit=words, course=words, measures=(words,))
    changes = {"number": words, "organisation": words, "incident": words, "secrecy": words}
    document = make_document(facts=facts, signer=words, addressees=(words,), **changes)
    paper = Paper(typesetter.render(document), tmp_path)
    assert paper.text.count("".join(words.split())) >= 5
    content = paper.streams()
    assert not [word for word in ACTIVE if word in content.replace(words.encode(), b"")]


def test_a_word_of_ten_thousand_characters_stays_within_the_type_area(
    typesetter: Typesetter, tmp_path: Path
) -> None:
    paper = Paper(typesetter.render(make_long("x" * 10_000)), tmp_path)
    assert paper.text.count("x") == 10_000
    rights = [line.right for page in (1, 2, 3) for line in paper.lines(page)]
    assert max(rights) < 523


@pytest.mark.parametrize(
    ("course", "shown"),
    [
        ("患者\u202e张三\u202c已出院", "患者张三已出院"),
        ("患者\x00\x07\x1b[31m出院", "患者[31m出院"),
        ("半个\ud83d字", "半个\ufffd字"),
        ("死亡\u200b0\ufeff人", "死亡0人"),
        ("第一\u2028第二", "第二。</p>"),
    ],
)
def test_what_would_mislead_is_taken_out(course: str, shown: str) -> None:
    assert shown in compose(make_document(facts=replace(FACTS, course=course)))


def test_rare_characters_emoji_and_stacked_marks_do_not_break_the_page(
    typesetter: Typesetter, tmp_path: Path
) -> None:
    text = "堃喆赟犇昇玥祎㎡𠮷 😀👩‍👩‍👧 شارع i̷̗͑t̸̰͐" + "̶̱̚" * 200
    paper = Paper(typesetter.render(make_long(text)), tmp_path)
    shown = "".join(line.text for page in (1, 2) for line in paper.lines(page))
    assert "堃喆赟犇昇玥祎" in shown
    assert "特此报告" in shown


def test_a_hostile_document_logs_no_content(
    typesetter: Typesetter, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        typesetter.render(make_long(f"<img src='http://127.0.0.1/{SECRET}'>"))
    assert SECRET not in caplog.text
