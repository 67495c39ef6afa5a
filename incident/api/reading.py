"""Read a request of the API: JSON strictly, the query, the version seen, the key."""

import json
import math
import re
from collections.abc import Mapping
from typing import Any, NoReturn, TypeVar

from flask import request

from incident.errors import BadRequest, UnsupportedMedia, VersionRequired
from incident.inputs.base import Input, parse

KEY = "Idempotency-Key"
KEY_FORM = re.compile(r"[\x21-\x7e]{1,100}")
VERSION_FORM = re.compile(r'"([0-9]{1,9})"')
SURROGATE = "\\ud"

T = TypeVar("T", bound=Input)


def body() -> dict[str, Any]:
    """Return the JSON object of the request; raise BadRequest for what is none.

    Names that come twice, NaN, infinities and endless numbers are no JSON here.
    """
    if request.mimetype != "application/json":
        raise UnsupportedMedia
    try:
        text = request.get_data().decode("utf-8")
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_no_number,
            parse_float=_number,
        )
        if SURROGATE in text.lower():
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise BadRequest("bad-json") from error
    if not isinstance(value, dict):
        raise BadRequest("not-an-object")
    return value


def query(model: type[T]) -> T:
    """Return the query of the address; unknown and wrong parameters are named."""
    raw = {name: ",".join(values) for name, values in request.args.lists()}
    return parse(model, raw)


def seen_version(*, required: bool) -> int | None:
    """Return the version of the incident in If-Match; raise VersionRequired when it must be."""
    header = request.headers.get("If-Match")
    if header is None:
        if required:
            raise VersionRequired
        return None
    form = VERSION_FORM.fullmatch(header.strip())
    if form is None:
        raise BadRequest("bad-if-match")
    return int(form[1])


def submission_key() -> str | None:
    """Return the idempotency key; None when the caller sends none."""
    key = request.headers.get(KEY)
    if key is not None and not KEY_FORM.fullmatch(key):
        raise BadRequest("bad-idempotency-key")
    return key


def _object(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name comes twice")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number")


def _number(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError("the number is too large")
    return value
