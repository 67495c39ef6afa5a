"""The faults that the stand-in provider plays on demand, by rule and by seed."""

from random import Random
from threading import Lock
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0, le=120)]
KNOWN_AT_MOST = 100_000


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Fault(_Strict):
    """One way to fail at a request, and whom it strikes.

    `accept` says that the message is taken, and in the journal, before the failure shows.
    It strikes every n-th new message once (`every`), or a share of the requests (`share`),
    or all; only those to one number (`to`); and at most so many (`times`). It strikes what
    is created, or with `on="ask"` what is only asked for, where nothing is new. `dialect` is
    the door that it stands before, None for each. `refuse` answers HTTP 200 with a code.
    """

    on: Literal["create", "ask"] = "create"
    kind: Literal["delay", "hang", "reset", "throttle", "error", "garble", "trickle", "refuse"]
    dialect: Literal["twilio", "mainland", "group"] | None = None
    accept: bool = False
    seconds: Seconds = 0
    status: Annotated[int, Field(ge=400, le=599)] = 503
    code: int | None = None
    retry_after: Annotated[int, Field(ge=0)] | None = 1
    text: str = "<html>not JSON</html>"
    every: Annotated[int, Field(ge=1)] | None = None
    share: Share | None = None
    times: Annotated[int, Field(ge=1)] | None = None
    to: str | None = None


class CallbackFaults(_Strict):
    """What happens to callbacks: none, late, several times, last first, forged, for a stranger.

    `final` is where messages end, with `error_code`: failures such as 30003 are told here only.
    """

    send: bool = True
    late: Seconds = 0
    copies: Annotated[int, Field(ge=1, le=20)] = 1
    reordered: bool = False
    forged: bool = False
    unknown: bool = False
    final: Literal["delivered", "undelivered", "failed", "sent", "queued"] = "delivered"
    error_code: int | None = None


class CallFaults(_Strict):
    """What becomes of calls: they wait for somebody at the page, or go as the plan says.

    `keys` are pressed one after the other once it was picked up; without any it is hung up.
    """

    answer: Literal["wait", "pick-up", "busy", "no-answer"] = "wait"
    keys: str = ""


class Plan(_Strict):
    """All faults in force; the same seed and the same requests give the same failures."""

    requests: tuple[Fault, ...] = ()
    callbacks: CallbackFaults = CallbackFaults()
    calls: CallFaults = CallFaults()
    seed: int = 0


class Faults:
    """The plan in force, and the counting that its rules need."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.set(Plan())

    def set(self, plan: Plan) -> None:
        """Put a plan in force and begin to count anew."""
        with self._lock:
            self.plan = plan
            self._dice = Random(plan.seed)  # noqa: S311 - repeatable on purpose
            self._struck = [0] * len(plan.requests)
            self._seen: dict[object, int] = {}
            self._fresh = 0

    def strike(
        self, *, on: str, message: object | None, to: str | None, dialect: str = "twilio"
    ) -> tuple[Fault, ...]:
        """Say which faults this request meets; `message` is what a second attempt shares."""
        with self._lock:
            place = None if message is None else self._place(message)
            return tuple(
                fault
                for index, fault in enumerate(self.plan.requests)
                if fault.on == on
                and fault.dialect in (None, dialect)
                and self._meets(fault, index=index, place=place, to=to)
            )

    def struck(self) -> tuple[int, ...]:
        """Return how often each fault has struck, in the order of the plan."""
        with self._lock:
            return tuple(self._struck)

    def _place(self, message: object) -> int | None:
        """Return the how-manieth new message this is; None for a second attempt."""
        if message in self._seen:
            return None
        self._fresh += 1
        if len(self._seen) >= KNOWN_AT_MOST:
            self._seen.pop(next(iter(self._seen)))
        self._seen[message] = self._fresh
        return self._fresh

    def _meets(self, fault: Fault, *, index: int, place: int | None, to: str | None) -> bool:
        if fault.to is not None and fault.to != to:
            return False
        if fault.times is not None and self._struck[index] >= fault.times:
            return False
        if fault.every is not None and (place is None or place % fault.every):
            return False
        if fault.share is not None and self._dice.random() >= fault.share:
            return False
        self._struck[index] += 1
        return True
