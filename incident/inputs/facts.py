"""Values of facts as they come in: each fits its fact, and the counts fit each other."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from incident.errors import FieldError, InvalidInput
from incident.inputs.base import Line, Moment, Paragraph, Short, field_error
from incident.inputs.report import LARGEST_COUNT, impossible
from workflows.facts import FACTS

MOMENTS = ("first_onset_at", "last_onset_at", "risk_known_at", "referral_approved_at")
TEXTS: Mapping[str, TypeAdapter[Any]] = {
    name: TypeAdapter(kind)
    for name, kind in {
        "suspect_product": Line,
        "suspect_producer": Line,
        "suspect_batch": Short,
        "approval_no": Short,
        "meal": Line,
        "symptoms": Paragraph,
        "measures": Paragraph,
        "cause": Paragraph,
        **dict.fromkeys(MOMENTS, Moment),
    }.items()
}


def read(stated: Mapping[str, Any], *, field: str) -> dict[str, Any]:
    """Return the values as they are kept; None withdraws a fact. Raise InvalidInput for others."""
    values: dict[str, Any] = {}
    errors: list[FieldError] = []
    for name, value in stated.items():
        try:
            values[name] = None if value is None else _value(name, value, f"{field}.{name}")
        except InvalidInput as error:
            errors += error.errors
    if errors:
        raise InvalidInput(errors)
    return values


def check_counts(known: Mapping[str, Any], stated: Mapping[str, Any], *, field: str) -> None:
    """Raise InvalidInput where what is stated cannot be true beside what is known."""
    together = {**known, **stated}
    errors = [
        FieldError(f"{field}.{part}", "above", {"other": whole})
        for part, whole in impossible(together, together.get("count_basis"))
        if part in stated or whole in stated
    ]
    if errors:
        raise InvalidInput(errors)


def _value(name: str, value: object, field: str) -> object:
    if name in FACTS:
        return _checked(name, value, field)
    if name not in TEXTS:
        raise InvalidInput([FieldError(field, "unknown-fact")])
    if not isinstance(value, str):
        raise InvalidInput([FieldError(field, "wrong-type")])
    try:
        read = TEXTS[name].validate_python(value.strip())
    except ValidationError as error:
        raise InvalidInput([field_error(item, field) for item in error.errors()]) from None
    return read.isoformat() if isinstance(read, datetime) else read


def _checked(name: str, value: object, field: str) -> object:
    if not FACTS[name].accepts(value):
        raise InvalidInput([FieldError(field, "wrong-type")])
    if isinstance(value, int) and value > LARGEST_COUNT:
        raise InvalidInput([FieldError(field, "too-large", {"le": LARGEST_COUNT})])
    return value
