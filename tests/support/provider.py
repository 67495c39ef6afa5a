"""A running stand-in provider: real HTTP on a free port of loopback, faults and inbox at hand.

with running_gateway(tmp_path / "journal.jsonl") as provider:
    provider.sms().send(message)
    provider.set_faults(requests=[{"kind": "throttle", "every": 10}])
    provider.texts(to="+86100000000001")
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from drills.gateway.mainland import template_ids
from drills.gateway.provider import create_gateway
from drills.gateway.server import GatewayServer
from incident.clock import SystemClock
from notifications.gateway_sms import GatewaySms
from notifications.message import Message
from notifications.robots import Robot
from notifications.sms import TwilioSms
from notifications.voice import TwilioVoice

ACCOUNT_SID = "AC" + "5" * 32
AUTH_TOKEN = "the-token-of-the-stand-in-provider"
FROM_NUMBER = "+86100000000099"
SOMEBODY = "+86100000000001"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """How to reach a running stand-in, and what only tests ask of it."""

    base_url: str
    journal: Path
    account_sid: str = ACCOUNT_SID
    auth_token: str = AUTH_TOKEN
    from_number: str = FROM_NUMBER

    def sms(self, *, timeout: tuple[float, float] = (3, 5)) -> TwilioSms:
        return TwilioSms(
            account_sid=self.account_sid,
            auth_token=self.auth_token,
            from_number=self.from_number,
            base_url=self.base_url,
            stand_in=True,
            timeout=timeout,
        )

    def mainland(self, **changes: Any) -> GatewaySms:
        """Return the second dialect of SMS, with an id for every registered text."""
        settings = {
            "base_url": f"{self.base_url}/mainland",
            "key": self.account_sid,
            "secret": self.auth_token,
            "templates": template_ids(),
            "stand_in": True,
            "now": SystemClock().now,
        }
        return GatewaySms(**(settings | changes))

    def robot(self, dialect: str = "wecom", **changes: Any) -> Robot:
        url = f"{self.base_url}/robots/{dialect}?key={self.auth_token}"
        settings = {"provider": dialect, "url": url, "secret": None, "stand_in": True}
        return Robot(**(settings | {"now": SystemClock().now} | changes))

    def voice(self) -> TwilioVoice:
        return TwilioVoice(
            account_sid=self.account_sid,
            auth_token=self.auth_token,
            from_number=self.from_number,
            base_url=self.base_url,
            stand_in=True,
        )

    def get(self, path: str, **params: str) -> requests.Response:
        return self.ask("GET", f"/2010-04-01/Accounts/{self.account_sid}/{path}", params=params)

    def post(self, path: str, **form: str) -> requests.Response:
        return self.ask("POST", f"/2010-04-01/Accounts/{self.account_sid}/{path}", data=form)

    def ask(self, method: str, path: str, **rest: Any) -> requests.Response:
        rest.setdefault("auth", (self.account_sid, self.auth_token))
        with requests.Session() as session:
            return session.request(method, self.base_url + path, timeout=10, **rest)

    def inbox(self, *, to: str | None = None, kind: str = "Messages") -> list[dict[str, Any]]:
        """Return what was accepted, newest first, as the provider's own records."""
        narrowed = {"To": to} if to else {}
        answer = self.get(f"{kind}.json", PageSize="1000", **narrowed)
        found: list[dict[str, Any]] = answer.json()[kind.lower()]
        return found

    def inbox_whole(self) -> list[dict[str, Any]]:
        """Return every message that was accepted, page by page."""
        found: list[dict[str, Any]] = []
        for page in range(1000):
            answer = self.get("Messages.json", PageSize="1000", Page=str(page)).json()
            found += answer["messages"]
            if not answer["next_page_uri"]:
                break
        return found

    def texts(self, *, to: str | None = None) -> list[str]:
        return [record["body"] for record in self.inbox(to=to)]

    def set_faults(
        self,
        *,
        requests: Sequence[Mapping[str, Any]] = (),
        callbacks: Mapping[str, Any] | None = None,
        calls: Mapping[str, Any] | None = None,
        seed: int = 0,
    ) -> None:
        plan = {
            "requests": list(requests),
            "callbacks": dict(callbacks or {}),
            "calls": dict(calls or {}),
            "seed": seed,
        }
        self.ask("PUT", "/faults", json=plan).raise_for_status()

    def lift_faults(self) -> None:
        self.ask("DELETE", "/faults").raise_for_status()

    def struck(self) -> list[int]:
        """Return how often each fault has struck since the faults were set."""
        counts: list[int] = self.ask("GET", "/faults").json()["struck"]
        return counts


@contextmanager
def running_gateway(
    journal: Path,
    *,
    pace: float = 0.01,
    port: int = 0,
    from_number: str | None = FROM_NUMBER,
    now: Callable[[], datetime] | None = None,
    open_inbox: bool = True,
) -> Iterator[Provider]:
    """Run a stand-in provider in threads of this process until the block is left."""
    app = create_gateway(
        account_sid=ACCOUNT_SID,
        auth_token=AUTH_TOKEN,
        journal=journal,
        now=now or SystemClock().now,
        from_number=from_number,
        pace=pace,
        open_inbox=open_inbox,
    )
    server = GatewayServer(app, port=port)
    server.start()
    try:
        yield Provider(base_url=server.base_url, journal=journal)
    finally:
        server.close()


def make_message(
    *,
    code: str = "M1",
    to: str = SOMEBODY,
    body: str = "【示例市市场监管局】接报：示例区食品事件，人数待核。",
    drill: bool = False,
    callback_url: str | None = None,
    channel: str = "sms",
) -> Message:
    return Message(
        code=code, to=to, body=body, drill=drill, callback_url=callback_url, channel=channel
    )


LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
