"""What the routes of the stand-in provider share: its parts, and its way to say no."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from zoneinfo import ZoneInfo

from flask import Flask, current_app, request

from drills.gateway.callbacks import Courier
from drills.gateway.calls import Switchboard
from drills.gateway.errands import Errands
from drills.gateway.faults import Faults
from drills.gateway.post import TIMEOUT, Postman
from drills.gateway.store import CALL, Item, Store

_KEY = "tocsin-gateway"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The stand-in provider taken apart; `stopping` ends whatever hangs on purpose."""

    account_sid: str
    auth_token: str
    from_number: str | None
    store: Store
    faults: Faults
    errands: Errands
    postman: Postman
    courier: Courier
    switchboard: Switchboard
    now: Callable[[], datetime]
    zone: ZoneInfo
    open_inbox: bool
    stopping: Event

    def take(self, item: Item) -> None:
        """Begin to move on what was accepted."""
        (self.switchboard if item.kind == CALL else self.courier).take(item)

    def close(self) -> None:
        """Stop; what is left undone is taken up from the journal at the next start."""
        self.errands.close(timeout=sum(TIMEOUT))
        self.postman.close()
        self.store.close()


class Trouble(Exception):
    """An answer that is an error, in the provider's form: HTTP status and error code."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def install(app: Flask, installed: Parts) -> None:
    app.extensions[_KEY] = installed


def parts(app: Flask | None = None) -> Parts:
    """Return the parts of an application, by default of the one that is being asked."""
    found: Parts = (app or current_app).extensions[_KEY]
    return found


def only_the_account() -> None:
    """Let in whoever knows the account's token, and show nobody another account."""
    asked = request.authorization
    user = (asked and asked.username) or ""
    password = (asked and asked.password) or ""
    known = parts()
    is_user = hmac.compare_digest(user.encode(), known.account_sid.encode())
    is_token = hmac.compare_digest(password.encode(), known.auth_token.encode())
    if not (is_user and is_token):
        raise Trouble(401, 20003, "Authenticate")
    if (request.view_args or {}).get("account", known.account_sid) != known.account_sid:
        raise Trouble(404, 20404, f"The requested resource {request.path} was not found")
