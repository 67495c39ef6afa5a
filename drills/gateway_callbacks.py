"""The life of a message at the stand-in provider, told to the desk by signed callbacks."""

import logging
from collections.abc import Collection
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit

import requests
from twilio.request_validator import SIGNATURE_HEADER, RequestValidator

from drills.gateway_errands import Errands
from drills.gateway_faults import CallbackFaults, Faults
from drills.gateway_store import CALL, FINAL, Item, Store

logger = logging.getLogger(__name__)

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
TIMEOUT = (2, 10)
AGAIN = (0.5, 2.0, 10.0)
_AHEAD = {"queued": ("sent", "delivered"), "sent": ("delivered",)}
_STRANGER = "SM" + "0" * 32


class Courier:
    """Moves messages on, a step each `pace` seconds.

    Callbacks go to loopback and to `callback_hosts`, and nowhere else.
    """

    def __init__(
        self,
        store: Store,
        faults: Faults,
        *,
        account_sid: str,
        auth_token: str,
        pace: float,
        callback_hosts: Collection[str],
    ) -> None:
        self._store = store
        self._faults = faults
        self._account_sid = account_sid
        self._signer = RequestValidator(auth_token)
        self._forger = RequestValidator("forged" + auth_token)
        self._pace = pace
        self._hosts = LOOPBACK | set(callback_hosts)
        self._http = _session()
        self._errands = Errands()

    def may_call(self, url: str) -> bool:
        """Say whether callbacks may go to this address."""
        try:
            parts = urlsplit(url)
            _ = parts.port
        except ValueError:
            return False
        return parts.scheme in {"http", "https"} and parts.hostname in self._hosts

    def take(self, item: Item) -> None:
        """Begin to move an item on, from wherever it stands."""
        plan = self._faults.plan.callbacks
        steps = _steps(item, plan)
        if plan.reordered:
            self._tell_backwards(item, steps, plan)
        elif steps:
            self._next(item, steps, plan)

    def close(self) -> None:
        """Stop; what is left undone is taken up from the journal at the next start."""
        self._errands.close(timeout=sum(TIMEOUT))
        self._http.close()

    def _next(self, item: Item, steps: tuple[str, ...], plan: CallbackFaults) -> None:
        self._errands.after(self._pace + plan.late, lambda: self._step(item, steps, plan))

    def _step(self, item: Item, steps: tuple[str, ...], plan: CallbackFaults) -> None:
        self._tell(self._moved(item, steps[0], plan), plan)
        if steps[1:]:
            self._next(item, steps[1:], plan)

    def _tell_backwards(self, item: Item, steps: tuple[str, ...], plan: CallbackFaults) -> None:
        """Go through all steps at once, and tell the last first."""
        moved = [self._moved(item, status, plan) for status in steps]

        def tell() -> None:
            for state in reversed(moved):
                self._tell(state, plan)

        self._errands.after(self._pace + plan.late, tell)

    def _moved(self, item: Item, status: str, plan: CallbackFaults) -> Item:
        code = plan.error_code if status == plan.final else None
        return self._store.advance(item.sid, status=status, error_code=code)

    def _tell(self, item: Item, plan: CallbackFaults) -> None:
        if item.callback is None or not plan.send:
            return
        for _ in range(plan.copies):
            self._post(item, item.callback, plan, delays=AGAIN)

    def _post(
        self, item: Item, url: str, plan: CallbackFaults, *, delays: tuple[float, ...]
    ) -> None:
        form = self._form(item, sid=_STRANGER if plan.unknown else item.sid)
        signer = self._forger if plan.forged else self._signer
        headers = {SIGNATURE_HEADER: signer.compute_signature(url, form)}
        if not self._delivered(url, form, headers) and delays:
            self._errands.after(delays[0], lambda: self._post(item, url, plan, delays=delays[1:]))

    def _delivered(self, url: str, form: dict[str, str], headers: dict[str, str]) -> bool:
        """Post once, without redirects; after a 5xx or a broken connection it may come again."""
        try:
            answer = self._http.post(
                url, data=form, headers=headers, timeout=TIMEOUT, allow_redirects=False
            )
        except requests.RequestException as failure:
            logger.info("a callback did not arrive: %s", type(failure).__name__)
            return False
        return answer.status_code < 500

    def _form(self, item: Item, *, sid: str) -> dict[str, str]:
        form = {
            "AccountSid": self._account_sid,
            "ApiVersion": "2010-04-01",
            "To": item.to,
            "From": item.sender,
        }
        if item.kind == CALL:
            form |= {"CallSid": sid, "CallStatus": item.status}
        else:
            form |= {"MessageSid": sid, "SmsSid": sid}
            form |= {"MessageStatus": item.status, "SmsStatus": item.status}
        if item.error_code is not None:
            form["ErrorCode"] = str(item.error_code)
        return form


def _steps(item: Item, plan: CallbackFaults) -> tuple[str, ...]:
    """Return the statuses still ahead, up to where the plan lets it end."""
    if item.kind == CALL:
        return () if item.status in FINAL else ("in-progress", "completed")
    if plan.final == "queued":
        return ()
    ahead = _AHEAD.get(item.status, ())
    if plan.final == "sent":
        return ahead[:-1]
    return tuple(plan.final if status == "delivered" else status for status in ahead)


def _session() -> requests.Session:
    """Keep connections, take no proxy from the environment and no cookie from anybody."""
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session
