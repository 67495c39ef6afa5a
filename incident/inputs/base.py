"""The base of all input, and the way from a wrong field to its stable code."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from incident.errors import FieldError, InvalidInput

CODES = {
    "missing": "required",
    "extra_forbidden": "unknown-field",
    "string_too_short": "required",
    "string_too_long": "too-long",
    "too_long": "too-many",
    "too_short": "required",
    "greater_than_equal": "too-small",
    "less_than_equal": "too-large",
    "enum": "not-one-of",
    "literal_error": "not-one-of",
    "timezone_aware": "no-zone",
    "datetime_from_date_parsing": "bad-time",
    "datetime_parsing": "bad-time",
    "datetime_type": "bad-time",
    "datetime_object_invalid": "bad-time",
    "date_from_datetime_parsing": "bad-time",
    "date_parsing": "bad-time",
    "date_type": "bad-time",
}
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
OWN = frozenset({"control-character", "bad-time"})
EARLIEST_YEAR, LATEST_YEAR = 2000, 2199
D = TypeVar("D", bound=date)


class Input(BaseModel):
    """A value from outside: unknown fields are refused, text is trimmed."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def printable(text: str) -> str:
    """Refuse control characters (a line break and a tab are none) and lone surrogates."""
    if CONTROL.search(text):
        raise PydanticCustomError("control-character", "control characters are not text")
    return text


def _written(moment: object) -> object:
    """Refuse numbers: a time is written as in ISO 8601, never counted from an epoch."""
    if isinstance(moment, date) or (isinstance(moment, str) and "-" in moment[1:]):
        return moment
    raise PydanticCustomError("bad-time", "not a time as in ISO 8601")


def _plausible(moment: D) -> D:
    """Refuse years that no incident can have."""
    if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        raise PydanticCustomError("bad-time", "the year is not plausible")
    return moment


Short = Annotated[str, StringConstraints(min_length=1, max_length=60), AfterValidator(printable)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=120), AfterValidator(printable)]
Paragraph = Annotated[
    str, StringConstraints(min_length=1, max_length=4000), AfterValidator(printable)
]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(printable)]
Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_plausible)]
Day = Annotated[date, BeforeValidator(_written), AfterValidator(_plausible)]
Id = Annotated[int, Field(ge=1, le=2**31 - 1)]

T = TypeVar("T", bound=Input)


def parse(model: type[T], raw: Mapping[str, Any]) -> T:
    """Read a value; raise InvalidInput with every field that is wrong."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise InvalidInput([field_error(item) for item in error.errors()]) from None


def field_error(item: ErrorDetails, field: str | None = None) -> FieldError:
    """Return what pydantic found wrong by our codes; `field` names it where pydantic cannot."""
    context = item.get("ctx", {})
    values: dict[str, object] = {
        name: context[name] for name in ("max_length", "ge", "le", "expected") if name in context
    }
    field = field or ".".join(str(part) for part in item["loc"]) or "body"
    kind = item["type"]
    return FieldError(field, CODES.get(kind) or (kind if kind in OWN else "wrong-type"), values)
