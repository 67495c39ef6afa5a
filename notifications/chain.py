"""The providers of a channel in order: the next one at once where one has certainly not sent."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from threading import Lock
from typing import Protocol, runtime_checkable

from notifications.channel import Channel
from notifications.destinations import Capability, can
from notifications.health import Standing, after, rests_for
from notifications.message import (
    Accepted,
    Message,
    NotProcessed,
    Outcome,
    Refused,
    Sent,
    Uncertain,
)

A_TRIAL_LASTS = 2.0  # seconds to wait while another message tries a provider that was ill


class Provider(Channel, Protocol):
    """One provider of a channel; `provider` is its name, a key of the table of destinations."""

    @property
    def provider(self) -> str: ...


@runtime_checkable
class Purse(Protocol):
    """A provider that can say how many messages are still paid for; None where it cannot now."""

    def balance(self) -> int | None: ...


class Chain:
    """A channel of several providers, used by many threads at once.

    A message that a provider may have taken is never given to another: whoever calls asks
    first, by `find`. How the providers stand is known here for this process; `take_news` and
    `arrange` carry it to and from wherever it is kept.
    """

    def __init__(
        self, *, name: str, providers: Sequence[Provider], now: Callable[[], datetime]
    ) -> None:
        self.name = name
        self._providers = {each.provider: each for each in providers}
        self._now = now
        self._lock = Lock()
        self._order = tuple(self._providers)
        self._paused: frozenset[str] = frozenset()
        self._standings = dict.fromkeys(self._providers, Standing())
        self._news: set[str] = set()
        self._on_trial: set[str] = set()

    @property
    def stand_in(self) -> bool:
        """True only when every one of its providers is a stand-in."""
        return bool(self._providers) and all(
            each.stand_in is True for each in self._providers.values()
        )

    @property
    def providers(self) -> tuple[str, ...]:
        """The names of its providers, as they were set up."""
        return tuple(self._providers)

    def send(self, message: Message) -> Outcome:
        """Try one provider after the other until one takes it, refuses it, or may have it."""
        serving = self._serving(message)
        if not serving:
            return Refused(code="no-route", reason="no provider serves such a number")
        notes: list[NotProcessed] = []
        for provider in serving:
            outcome = self._try(provider, message)
            if not isinstance(outcome, NotProcessed):
                return outcome
            notes.append(outcome)
        return min(notes, key=_patience)

    def find(self, message: Message, *, since: datetime) -> Sequence[Sent] | None:
        """Ask whoever may have it; None as soon as one cannot say and no other has it."""
        asked = [self._providers[name] for name in self._who_may_have(message)]
        answers = [(each.provider, each.find(message, since=since)) for each in asked]
        found = [
            replace(sent, provider=provider)
            for provider, answer in answers
            for sent in answer or ()
        ]
        if not found and any(answer is None for _, answer in answers):
            return None
        return found

    def look_up(self, provider_id: str) -> Sent | None:
        """Ask one provider after the other: their ids are not alike, so only its own knows it."""
        for name in self._order:
            sent = self._providers[name].look_up(provider_id)
            if sent is not None:
                return replace(sent, provider=name)
        return None

    def offers(self, to: str) -> Capability | None:
        """Say what the first provider in order can do for a number; None when none serves it."""
        served = (can(name, to) for name in self._in_order())
        return next((each for each in served if each.sends), None)

    def purses(self) -> Mapping[str, Callable[[], int | None]]:
        """Return, of the providers that can be asked, how to ask what is still paid for."""
        return {
            name: each.balance for name, each in self._providers.items() if isinstance(each, Purse)
        }

    def take_news(self) -> Mapping[str, Standing]:
        """Return the standings that changed since the last call."""
        with self._lock:
            news, self._news = self._news, set()
            return {name: self._standings[name] for name in news}

    def arrange(
        self,
        *,
        order: Sequence[str],
        paused: Collection[str],
        standings: Mapping[str, Standing],
    ) -> None:
        """Take in what is kept elsewhere; what changed here meanwhile stays as it is."""
        with self._lock:
            known = [name for name in order if name in self._providers]
            self._order = (*known, *(name for name in self._providers if name not in known))
            self._paused = frozenset(paused)
            for name, standing in standings.items():
                if name in self._providers and name not in self._news:
                    self._standings[name] = standing

    def _in_order(self) -> list[str]:
        with self._lock:
            return [name for name in self._order if name not in self._paused]

    def _serving(self, message: Message) -> list[str]:
        """Return who may try it: the one that it names, or all that serve the number."""
        if message.provider in self._providers:
            return [message.provider]
        return [name for name in self._in_order() if can(name, message.to).sends]

    def _who_may_have(self, message: Message) -> list[str]:
        named = message.provider in self._providers
        return [str(message.provider)] if named else list(self._order)

    def _try(self, name: str, message: Message) -> Outcome:
        with self._turn(name, is_test=message.provider == name) as wait:
            if wait:
                return NotProcessed(reason=f"{name} is left in peace", retry_after=wait)
            outcome = self._providers[name].send(message)
            self._note(name, outcome)
        if isinstance(outcome, Accepted | Uncertain):
            return replace(outcome, provider=name)
        return outcome

    @contextmanager
    def _turn(self, name: str, *, is_test: bool) -> Iterator[float]:
        """Yield how many seconds to wait: 0 to go on; after an illness one at a time goes on."""
        with self._lock:
            standing = self._standings[name]
            wait = 0.0 if is_test else rests_for(standing, self._now())
            on_trial = not wait and standing.opened_at is not None and not is_test
            if on_trial and name in self._on_trial:
                wait, on_trial = A_TRIAL_LASTS, False
            if on_trial:
                self._on_trial.add(name)
        try:
            yield wait
        finally:
            if on_trial:
                with self._lock:
                    self._on_trial.discard(name)

    def _note(self, name: str, outcome: Outcome) -> None:
        with self._lock:
            self._standings[name] = after(self._standings[name], outcome, self._now())
            self._news.add(name)


def _patience(outcome: NotProcessed) -> tuple[bool, float]:
    """Rank what time will mend before what somebody must, and the shorter wait first."""
    return outcome.configuration, outcome.retry_after or 0.0
