"""What must follow when a message has failed, by the provider's error code."""

from enum import StrEnum


class Failure(StrEnum):
    """What a failure says of the person's telephone, and so what comes next."""

    UNREACHABLE = "unreachable"  # off or out of reach: the next channel now, and once more later
    NO_TEXTS = "no_texts"  # a landline, or a carrier that takes no texts: a call instead
    BAD_NUMBER = "bad_number"  # nobody has it: the next channel now, and somebody must mend it
    OPTED_OUT = "opted_out"  # he said STOP: the duty officer must know
    BLOCKED = "blocked"  # filtered on the way: the next channel now, and the administrator looks
    UNEXPLAINED = "unexplained"  # nobody says why: the next channel now, and once more later
    TOO_LATE = "too_late"  # its time ran out at the provider: the next step now
    OTHER = "other"  # the next channel now


_CODES = {
    "30003": Failure.UNREACHABLE,
    "line-busy": Failure.UNREACHABLE,
    "no-answer": Failure.UNREACHABLE,
    "21614": Failure.NO_TEXTS,
    "30006": Failure.NO_TEXTS,
    "21211": Failure.BAD_NUMBER,
    "21214": Failure.BAD_NUMBER,
    "21217": Failure.BAD_NUMBER,
    "21604": Failure.BAD_NUMBER,
    "30005": Failure.BAD_NUMBER,
    "21610": Failure.OPTED_OUT,
    "30004": Failure.BLOCKED,
    "30007": Failure.BLOCKED,
    "30008": Failure.UNEXPLAINED,
    "30410": Failure.UNEXPLAINED,
    "30036": Failure.TOO_LATE,
    "expired": Failure.TOO_LATE,
}
AGAIN = frozenset({Failure.UNREACHABLE, Failure.UNEXPLAINED})
BAD_CODES = frozenset(code for code, kind in _CODES.items() if kind is Failure.BAD_NUMBER)


def of_code(code: str | None) -> Failure:
    """Say what a code means; a number that is not in the table is unexplained, tried once more."""
    if code in _CODES:
        return _CODES[code]
    return Failure.UNEXPLAINED if code is None or code.isdigit() else Failure.OTHER
