"""Style sheets and scripts go out packed, so that a page is light on a slow line.

Pages themselves do not: packed beside what a visitor typed, a secret shows in the length.
"""

import gzip
from functools import lru_cache

from flask import Response, request

TEXTS = ("text/css", "text/javascript", "image/svg+xml")
LEAST = 500  # octets; below it packing saves nothing


def pack(answer: Response) -> Response:
    """Pack a whole static text for a browser that takes it so."""
    if not _may_be_packed(answer):
        return answer
    answer.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] > 0:
        answer.direct_passthrough = False
        etag, _ = answer.get_etag()
        answer.set_data(_packed(answer.get_data()))
        answer.headers["Content-Encoding"] = "gzip"
        answer.headers.pop("Accept-Ranges", None)
        if etag:
            answer.set_etag(etag, weak=True)
    return answer


def _may_be_packed(answer: Response) -> bool:
    is_whole = request.endpoint == "static" and answer.status_code == 200
    return is_whole and answer.mimetype in TEXTS and (answer.content_length or 0) >= LEAST


@lru_cache(maxsize=64)
def _packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)
