"""Print a document while somebody waits for it, and answer it as PDF."""

from threading import Lock
from urllib.parse import quote

from flask import Response, request

from incident.documents import OfficialDocument
from incident.errors import Unavailable
from incident.press import Press, PressFailed

_ONE_AT_A_TIME = Lock()
"""A press takes much memory, and the papers of drills are printed seldom."""


def answer(document: OfficialDocument, name: str) -> Response:
    """Return the PDF to be looked at, or with `?save` to be kept; raise Unavailable."""
    way = "attachment" if request.args.get("save") else "inline"
    return Response(
        _printed(document),
        mimetype="application/pdf",
        headers={"Content-Disposition": f"{way}; filename*=UTF-8''{quote(name, safe='')}"},
    )


def _printed(document: OfficialDocument) -> bytes:
    with _ONE_AT_A_TIME, Press() as press:
        try:
            return press.print(document)
        except PressFailed as error:
            raise Unavailable("press-failed") from error
