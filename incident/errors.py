"""What a caller cannot do, each with its stable code and HTTP status.

TocsinError
├── BadRequest          400  what came in cannot be read at all
├── UnsupportedMedia    415  it came in a form that is not taken
├── InvalidInput        422  fields that are wrong or missing, each named
├── KeyReused           422  the idempotency key was used with another body
├── Unauthenticated     401  no sign-in, or one that is over
├── Forbidden           403  signed in, but this is not for you
├── NotFound            404
├── Conflict            409  the state of things does not allow it
│   └── IllegalStep     409  an action that is not open, with the open ones
├── StaleVersion        412  somebody else changed it first
├── VersionRequired     428  a change without If-Match
├── TooMany             429  try again later
└── Unavailable         503  a part of the house does not answer

The words that people read stand in templates/words/errors.yaml under the same codes.
"""

import dataclasses
from collections.abc import Sequence


@dataclasses.dataclass(frozen=True, slots=True)
class FieldError:
    """One field that is wrong: its dotted path, a code, and values for the words."""

    field: str
    code: str
    values: dict[str, object] = dataclasses.field(default_factory=dict)


class TocsinError(Exception):
    """Something that the caller cannot do."""

    status = 500
    code = "internal"

    def __init__(self, code: str | None = None, **values: object) -> None:
        self.code = code or self.code
        self.values = values
        super().__init__(self.code)


class BadRequest(TocsinError):
    """What came in cannot be read at all."""

    status = 400
    code = "bad-request"


class UnsupportedMedia(TocsinError):
    """The body came in a form that is not taken here."""

    status = 415
    code = "unsupported-media-type"


class InvalidInput(TocsinError):
    """Fields that are wrong or missing."""

    status = 422
    code = "invalid-input"

    def __init__(self, errors: Sequence[FieldError], code: str | None = None) -> None:
        super().__init__(code)
        self.errors = tuple(errors)


class KeyReused(TocsinError):
    """The idempotency key was used before with another body."""

    status = 422
    code = "idempotency-key-reused"


class Unauthenticated(TocsinError):
    """Nobody is signed in, or the sign-in is over."""

    status = 401
    code = "unauthenticated"


class Forbidden(TocsinError):
    """The user is known, but may not do this."""

    status = 403
    code = "forbidden"


class NotFound(TocsinError):
    """There is no such thing, or none that this user may know of."""

    status = 404
    code = "not-found"


class Conflict(TocsinError):
    """The state of things does not allow it."""

    status = 409
    code = "conflict"


class IllegalStep(Conflict):
    """The action is not open in this state; `open` names those that are."""

    code = "illegal-step"

    def __init__(self, action: str, state: str, open_actions: Sequence[str]) -> None:
        super().__init__(action=action, state=state)
        self.open_actions = tuple(open_actions)


class StaleVersion(TocsinError):
    """Somebody else changed the incident first; `current` is its version now."""

    status = 412
    code = "stale-version"

    def __init__(self, current: int) -> None:
        super().__init__(current=current)
        self.current = current


class VersionRequired(TocsinError):
    """A change to an incident must say which version it changes."""

    status = 428
    code = "version-required"


class TooMany(TocsinError):
    """Too many requests; `retry_after` is in seconds."""

    status = 429
    code = "too-many-requests"

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after=retry_after)
        self.retry_after = retry_after


class Unavailable(TocsinError):
    """A part of the house does not answer at the moment."""

    status = 503
    code = "unavailable"
