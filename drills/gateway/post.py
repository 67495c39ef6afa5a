"""What the stand-in provider sends to the desk: signed, in the dialect that was spoken to it."""

import json
import logging
import secrets
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urljoin, urlsplit

import requests
from twilio.request_validator import SIGNATURE_HEADER, RequestValidator

from drills.gateway.errands import Errands
from drills.gateway.faults import CallbackFaults
from drills.gateway.store import CALL, GATEWAY, Item
from notifications import gateway_signature
from notifications.gateway_sms import REASONS, STATUSES

logger = logging.getLogger(__name__)

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
TIMEOUT = (2, 10)
AGAIN = (0.5, 2.0, 10.0)
STRANGER = "SM" + "0" * 32
_STATES = {word: state for state, word in STATUSES.items()} | {"failed": "lost"}
_CODES = {number: reason for reason, number in REASONS.items()}


class Postman:
    """Posts to loopback and to `callback_hosts`, and nowhere else."""

    def __init__(
        self,
        errands: Errands,
        *,
        account_sid: str,
        auth_token: str,
        callback_hosts: Collection[str],
        now: Callable[[], datetime],
    ) -> None:
        self._errands = errands
        self._account_sid = account_sid
        self._auth_token = auth_token
        self._hosts = LOOPBACK | set(callback_hosts)
        self._now = now
        self._http = _session()

    def may_call(self, url: str) -> bool:
        """Say whether callbacks may go to this address."""
        try:
            parts = urlsplit(url)
            _ = parts.port
        except ValueError:
            return False
        return parts.scheme in {"http", "https"} and parts.hostname in self._hosts

    def tell(self, item: Item, plan: CallbackFaults) -> None:
        """Tell the desk how an item stands, as well or as badly as the plan wants it."""
        if item.callback is None or not plan.send:
            return
        sid = STRANGER if plan.unknown else item.sid
        token = ("forged" if plan.forged else "") + self._auth_token
        for _ in range(plan.copies):
            if item.kind == GATEWAY:
                self._push(f"{item.callback}/report", _report(item, sid), token)
            else:
                self._call_back(item.callback, self._news(item, sid), token)

    def reply(self, reply: Item, *, to: Item) -> None:
        """Tell the desk what somebody answered to a message."""
        if to.callback is None:
            return
        if to.kind == GATEWAY:
            self._push(f"{to.callback}/inbound", _answer(reply), self._auth_token)
            return
        form = self._form(reply.sid) | {
            "From": reply.to,
            "To": reply.sender,
            "Body": reply.body,
            "SmsStatus": "received",
            "NumMedia": "0",
        }
        self._call_back(urljoin(to.callback, "inbound"), form, self._auth_token)

    def press(self, call: Item, key: str) -> str | None:
        """Tell the desk which key was pressed; return the TwiML that it answers, if any."""
        if call.keys_url is None:
            return None
        form = self._news(call, call.sid) | {"Digits": key}
        try:
            answer = self._post_form(call.keys_url, form, self._auth_token)
        except requests.RequestException as failure:
            logger.info("a key did not arrive: %s", type(failure).__name__)
            return None
        return answer.text if answer.status_code == 200 else None

    def close(self) -> None:
        self._http.close()

    def _news(self, item: Item, sid: str) -> dict[str, str]:
        form = {"To": item.to, "From": item.sender}
        if item.kind == CALL:
            form |= self._account() | {"CallSid": sid, "CallStatus": item.status}
        else:
            form |= self._form(sid) | {"MessageStatus": item.status, "SmsStatus": item.status}
        if item.error_code is not None:
            form["ErrorCode"] = str(item.error_code)
        return form

    def _form(self, sid: str) -> dict[str, str]:
        return self._account() | {"MessageSid": sid, "SmsSid": sid}

    def _account(self) -> dict[str, str]:
        return {"AccountSid": self._account_sid, "ApiVersion": "2010-04-01"}

    def _call_back(self, url: str, form: dict[str, str], token: str) -> None:
        self._until_it_arrives(lambda: self._post_form(url, form, token), AGAIN)

    def _push(self, url: str, one: Mapping[str, object], token: str) -> None:
        body = json.dumps([one], ensure_ascii=False).encode()
        self._until_it_arrives(lambda: self._post_json(url, body, token), AGAIN)

    def _until_it_arrives(
        self, post: Callable[[], requests.Response], delays: tuple[float, ...]
    ) -> None:
        """Post; after a 5xx or a broken connection it comes again, a few times."""
        try:
            arrived = post().status_code < 500
        except requests.RequestException as failure:
            logger.info("a callback did not arrive: %s", type(failure).__name__)
            arrived = False
        if not arrived and delays:
            self._errands.after(delays[0], lambda: self._until_it_arrives(post, delays[1:]))

    def _post_form(self, url: str, form: dict[str, str], token: str) -> requests.Response:
        headers = {SIGNATURE_HEADER: RequestValidator(token).compute_signature(url, form)}
        return self._http.post(
            url, data=form, headers=headers, timeout=TIMEOUT, allow_redirects=False
        )

    def _post_json(self, url: str, body: bytes, token: str) -> requests.Response:
        headers = gateway_signature.signed(
            key=self._account_sid,
            secret=token,
            path=urlsplit(url).path,
            nonce=secrets.token_hex(8),
            body=body,
            now=self._now(),
        ) | {"Content-Type": "application/json; charset=utf-8"}
        return self._http.post(
            url, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False
        )


def gateway_record(item: Item) -> dict[str, object]:
    """Return an item as the mainland gateway tells of it."""
    return {
        "id": item.sid,
        "reference": item.reference,
        "phone": item.to,
        "status": _STATES[item.status],
        "reason": None if item.error_code is None else _CODES.get(item.error_code, "OTHER"),
        "at": item.created_at.isoformat(),
    }


def _report(item: Item, sid: str) -> dict[str, object]:
    return gateway_record(item) | {"id": sid}


def _answer(reply: Item) -> dict[str, object]:
    return {
        "phone": reply.to,
        "text": reply.body,
        "extension": reply.sender,
        "at": reply.created_at.isoformat(),
    }


def _session() -> requests.Session:
    """Keep connections, take no proxy from the environment and no cookie from anybody."""
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session
