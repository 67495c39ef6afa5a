"""What the provider's answers, and its silence, mean for a message."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import requests
from twilio.base.exceptions import TwilioException
from urllib3.exceptions import NewConnectionError

from notifications.connection import Declined, Garbled, is_id, number
from notifications.message import Accepted, NotProcessed, Outcome, Refused, Sent, Uncertain

# What an error code says, after the provider's list; design: one number, one consequence.
UNREACHABLE = frozenset({21211, 21214, 21217, 21604, 21610, 21614, 30005, 30006})
UNSENDABLE = frozenset({21602, 21609, 21617, 21619})
CONFIGURATION = frozenset({20003, 20404, 21210, 21212, 21603, 21606, 30002})
CLOSED_ROUTE = frozenset({21215, 21216, 21408, 21612, 60220})
CALLBACK_REFUSED = "21609"
TOO_MANY, TOO_MANY_CODE = 429, 20429
SETTINGS_STATUSES = frozenset({401, 403, 404, 405})

# The connection never stood, so nothing can have been sent over it.
_NEVER_CONNECTED = (
    requests.exceptions.ConnectTimeout,
    requests.exceptions.SSLError,
    requests.exceptions.ProxyError,
)

# Everything that Twilio's client may throw at an answer that is not what it expects.
UNREADABLE = (ValueError, TypeError, AttributeError, KeyError, RecursionError, TwilioException)

_T = TypeVar("_T")
logger = logging.getLogger(__name__)


def deliver(create: Callable[[], Any]) -> Outcome:
    """Run one creation at the provider, and say what became of it."""
    try:
        return _accepted(create())
    except Declined as answer:
        return of_answer(answer)
    except requests.RequestException as failure:
        return of_transport(failure)
    except (Garbled, *UNREADABLE) as nonsense:
        return Uncertain(reason=f"the answer was not understood: {type(nonsense).__name__}")


def ask(question: Callable[[], _T]) -> _T | None:
    """Run a question to the provider; None when there is no answer that can be used."""
    try:
        return question()
    except (Declined, requests.RequestException, Garbled, *UNREADABLE) as failure:
        logger.warning("the provider could not be asked: %s", type(failure).__name__)
        return None


def sent(record: Any) -> Sent:
    """Read what the provider says of one message or call; raises ValueError for nonsense."""
    if not is_id(record.sid) or not isinstance(record.status, str):
        raise ValueError("the record names no message or no status")
    created = record.date_created
    return Sent(
        provider_id=record.sid,
        status=record.status,
        created_at=created if isinstance(created, datetime) else None,
        error_code=number(getattr(record, "error_code", None)),
    )


def of_answer(answer: Declined) -> Outcome:
    """Say what an answer other than success means."""
    status, code = answer.status, answer.code
    if status == TOO_MANY or code == TOO_MANY_CODE:
        return NotProcessed(reason=str(answer), retry_after=answer.retry_after)
    if status >= 500:
        return Uncertain(reason=str(answer))
    if code in UNREACHABLE or code in UNSENDABLE:
        return Refused(code=str(code), reason=str(answer))
    if code in CLOSED_ROUTE:
        return NotProcessed(reason=str(answer), configuration=True, route=True)
    settings = status in SETTINGS_STATUSES or status < 400 or code in CONFIGURATION
    return NotProcessed(reason=str(answer), configuration=settings)


def _accepted(made: Any) -> Outcome:
    if not is_id(made.sid):
        return Uncertain(reason="the answer names no message")
    status = made.status if isinstance(made.status, str) else "accepted"
    return Accepted(provider_id=made.sid, status=status)


def of_transport(failure: requests.RequestException) -> Outcome:
    """Tell a connection that never stood, and so carried nothing, from one that broke."""
    reason = type(failure).__name__
    if isinstance(failure, ValueError):
        return NotProcessed(reason=f"the address is wrong: {reason}", configuration=True)
    if isinstance(failure, _NEVER_CONNECTED) or _was_refused(failure):
        return NotProcessed(reason=f"no connection: {reason}")
    return Uncertain(reason=f"the connection broke: {reason}")


def _was_refused(failure: requests.RequestException) -> bool:
    """Say whether the connection was refused or the name unknown."""
    cause = getattr(failure.args[0], "reason", None) if failure.args else None
    return isinstance(cause, NewConnectionError)
