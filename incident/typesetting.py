"""An official document as PDF, by WeasyPrint; loaded only by the press's child process."""

import hashlib
from pathlib import Path

from weasyprint import CSS, HTML
from weasyprint.css.counters import CounterStyle
from weasyprint.text.ffi import harfbuzz_subset
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from incident import deflating, justification
from incident.composing import compose, compose_stylesheet
from incident.documents import OfficialDocument, to_json
from incident.fonts import Face, faces, stylesheet

deflating.install()
justification.install()


class Forbidden(ValueError):
    """A document asked for something that is not its own."""


class Assets(URLFetcher):  # type: ignore[misc]
    """Serve our own faces by name and nothing else: no file, no network, no data: address."""

    def __init__(self, chosen: tuple[Face, ...]) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False)
        self._files = {f"font:{face.part}": face.file for face in chosen if face.file}

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        """Return the face; raise Forbidden for every other address."""
        file = self._files.get(url)
        if file is None:
            raise Forbidden(url[:80])
        return URLFetcherResponse(url, file.read_bytes(), {"Content-Type": "font/otf"})


_NOTHING = Assets(())  # A page of ours needs no asset: its one style sheet is read beforehand.


class Typesetter:
    """What costs time to prepare and is shared by all documents: faces, style sheet, fetcher.

    One thread only: WeasyPrint's font configuration crashes when threads share it.
    """

    def __init__(self, office_fonts: Path | None = None) -> None:
        if harfbuzz_subset is None:
            raise RuntimeError("libharfbuzz-subset is missing: apt-get install libharfbuzz-subset0")
        self.faces = faces(office_fonts)
        self._fonts = FontConfiguration()
        text = "\n".join((stylesheet(self.faces), compose_stylesheet(self.faces)))
        self._counters = CounterStyle()
        self._style = CSS(
            string=text,
            url_fetcher=Assets(self.faces),
            font_config=self._fonts,
            counter_style=self._counters,
        )

    def render(self, document: OfficialDocument) -> bytes:
        """Return the PDF; the same document in the same faces gives the same bytes."""
        return self.print_page(compose(document), identifier=hashlib.sha256(to_json(document)))

    def print_page(self, html: str, *, identifier: "hashlib._Hash") -> bytes:
        """Print any HTML under the same rules, which is how the rules are tested."""
        page = HTML(string=html, base_url="none:", url_fetcher=_NOTHING)
        pdf: bytes = page.write_pdf(
            stylesheets=[self._style],
            font_config=self._fonts,
            counter_style=self._counters,
            presentational_hints=False,
            custom_metadata=True,
            pdf_identifier=identifier.digest()[:16],
            pdf_tags=True,
        )
        return pdf
