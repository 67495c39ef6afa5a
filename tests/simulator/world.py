"""A desk in memory under one throw of dice: engines, people, providers, a clock, and crashes.

World(seed).run() plays a seed to its end; the same seed plays the same again.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from random import Random

from sqlalchemy import select

from incident import crashpoints
from incident.clock import FrozenClock
from incident.crashpoints import Fuse
from incident.jobs.deliver import attempt
from incident.jobs.escalate import escalate
from incident.jobs.lead import Leadership, LeasedServices
from incident.jobs.receipts import ask_after, merge
from incident.jobs.replies import read_replies
from incident.jobs.watch import watch
from incident.models import Alert, AlertPerson, OutgoingMessage
from incident.operations import alerts, outbox, receipts, replies
from incident.operations.engine import LeaseLost
from incident.operations.outbox import Claimed, Result
from notifications.receipt import Receipt
from tests.simulator.bench import Bench
from tests.simulator.invariants import OPEN, Invariants
from tests.support.crashes import Crashed

STEPS = (5, 10, 25)  # of which each seed plays one number
HEALING = 40
PLACES = (
    "transaction.before_commit",
    "delivery.before_entry",
    "answer.before_withdraw",
    "climb.before_queue",
    "receipts.before_merge",
    "lease.after_check",
    "clock.before_call",
    "replies.before_read",
)
JUMPS = (-86400, -3600, 3600, 86400)


class World:
    """One seed. `told` counts what happened, for the report of a run."""

    def __init__(self, seed: int, bench: Bench) -> None:
        self.dice = Random(seed)  # noqa: S311 - repeatable on purpose
        self.bench, self.services = bench, bench.services
        bench.reset(self.dice)
        self.told: Counter[str] = Counter()
        self.invariants = Invariants(bench)
        self.engines = [Leadership(self.services), Leadership(self.services)]
        self.paused: list[tuple[LeasedServices, list[tuple[Claimed, Result]]]] = []
        self.number = 0

    def run(self) -> Counter[str]:
        """Play to the end; AssertionError where the desk broke a rule."""
        for provider in self.bench.providers:
            provider.ill = self.dice.choice([0.0, 0.2, 0.5, 1.0])
        events: list[tuple[Callable[[], object], int]] = [
            (self.engine, 12),
            (self.time, 8),
            (self.receipt, 4),
            (self.reply, 3),
            (self.page, 1),
            (self.wake, 2),
            (self.weather, 1),
            (self.jump, 1),
        ]
        actions, weights = zip(*events, strict=True)
        for act in self.dice.choices(actions, weights, k=self.dice.choice(STEPS)):
            act()
            self.invariants.check()
        self.heal()
        self.told.update(self.invariants.at_the_end())
        return self.told

    def engine(self) -> None:
        """Let one engine turn, perhaps only to the place where it dies."""
        which = self.dice.randrange(2)
        if self.dice.random() < 0.2:
            place = self.dice.choice(PLACES)
            crashpoints.fuse = Fuse(place, at=self.dice.randint(1, 4), blow=_crash)
        try:
            self.turn(which, may_pause=True)
        except Crashed:
            self.told["crashes"] += 1
            self.engines[which] = Leadership(self.services)
        finally:
            crashpoints.fuse = None

    def turn(self, which: int, *, may_pause: bool = False) -> None:
        led = self.engines[which].turn()
        if led is None:
            return
        for job in (watch, read_replies, escalate):
            job(led)
        self.invariants.after_climbing(self.services.now())
        merge(led)
        self.deliver(led, may_pause=may_pause)
        ask_after(led)

    def deliver(self, led: LeasedServices, *, may_pause: bool) -> None:
        """Claim, send and write down; the engine may be stopped or die between any two."""
        with led.transaction() as session:
            limit = self.dice.randint(1, 6) if may_pause else 100
            claimed = outbox.claim(session, led.now(), limit=limit)
        self.invariants.claimed(claimed)
        done = [(one, attempt(led, one)) for one in claimed]
        chance = self.dice.random() if may_pause and done else 1.0
        if chance < 0.15:
            self.paused.append((led, done))
            self.told["pauses"] += 1
            return
        if chance < 0.3:
            raise Crashed
        with led.transaction() as session:
            outbox.record(session, done, led.now())

    def wake(self) -> None:
        """Let an engine that was stopped write what it still holds, if it may."""
        if not self.paused:
            return
        led, done = self.paused.pop(0)
        try:
            with led.transaction() as session:
                outbox.record(session, done, led.now())
        except LeaseLost:
            self.told["fenced"] += 1

    def time(self) -> None:
        self.advance(self.dice.choice([1, 5, 20, 61, 121, 181]))

    def jump(self) -> None:
        """Set the clock wrong, and later right again."""
        if self.dice.random() < 0.5:
            self.told["clock jumps"] += 1
            self.advance(self.dice.choice(JUMPS))

    def advance(self, seconds: float) -> None:
        clock = self.services.clock
        assert isinstance(clock, FrozenClock)
        clock.advance(timedelta(seconds=seconds))
        for provider in self.bench.providers:
            provider.now = clock.now()

    def weather(self) -> None:
        self.dice.choice(self.bench.providers).ill = self.dice.choice([0.0, 0.3, 1.0])

    def receipt(self) -> None:
        """Let a provider tell what became of a message: once, twice, late, or never."""
        provider = self.dice.choice(self.bench.providers)
        one = provider.move_on()
        if one is None or self.dice.random() < 0.2:
            return
        told = Receipt(provider_id=one.id, status=one.status, error_code=None)
        for _ in range(self.dice.choice([1, 1, 2])):
            with self.services.transaction() as session:
                receipts.keep(session, one.code, told, raw={}, now=self.services.now())

    def all_receipts(self) -> None:
        """Let the providers tell the end of all that they took; else they wait to be asked."""
        with self.services.transaction() as session:
            for one in (one for provider in self.bench.providers for one in provider.taken):
                told = Receipt(provider_id=one.id, status=one.status, error_code=None)
                receipts.keep(session, one.code, told, raw={}, now=self.services.now())

    def all_answers(self) -> None:
        """Let everybody who was called and has not answered do so at the page."""
        with self.services.transaction() as session:
            called = select(AlertPerson).where(
                AlertPerson.called_at.is_not(None), AlertPerson.state.in_(OPEN)
            )
            for person in session.scalars(called.order_by(AlertPerson.id)).all():
                alerts.answer(session, person, "received", by="page", now=self.services.now())

    def reply(self) -> None:
        """Let somebody answer by SMS, rightly or wrongly."""
        person, drill = self.somebody()
        if person is None:
            return
        body = self.dice.choice([f"{person.code}1", f"{person.code}2", f"{person.code}3", "?", "1"])
        self.number += 1
        with self.services.transaction() as session:
            replies.keep(
                session,
                provider="sim",
                provider_id=f"IN{self.number}",
                channel="sms",
                sender=person.addresses["sms"],
                body=body,
                drill=drill,
                now=self.services.now(),
            )

    def page(self) -> None:
        """Let somebody answer at the page, who may have answered before."""
        person, _ = self.somebody()
        if person is None:
            return
        said = self.dice.choice(alerts.ANSWERS)
        with self.services.transaction() as session:
            held = session.get_one(AlertPerson, person.id)
            alerts.answer(session, held, said, by="page", now=self.services.now())

    def somebody(self) -> tuple[AlertPerson | None, bool]:
        with self.services.reading() as session:
            rows = session.execute(
                select(AlertPerson, Alert.drill)
                .join(Alert, Alert.id == AlertPerson.alert_id)
                .where(AlertPerson.called_at.is_not(None))
                .order_by(AlertPerson.id)
            ).all()
        if not rows:
            return None, False
        person, drill = self.dice.choice(rows)
        return person, drill is not None

    def heal(self) -> None:
        """End every fault, and let the engine do all that is left."""
        for provider in self.bench.providers:
            provider.heal()
        if self.dice.random() < 0.8:
            self.all_receipts()
        while self.paused:
            self.wake()
        self.engines = [Leadership(self.services)]
        everybody_answers = self.dice.random() < 0.7
        for time in range(HEALING):
            if everybody_answers:
                self.all_answers()
            self.advance(301 if time < HEALING // 2 else 43200)
            self.turn(0)
            self.invariants.check()
            if self.is_quiet():
                return
        raise AssertionError("the desk does not come to rest")

    def is_quiet(self) -> bool:
        with self.services.reading() as session:
            under_way = select(OutgoingMessage.id).where(
                OutgoingMessage.state.in_(("queued", "sending", "uncertain", "held"))
            )
            climbing = select(AlertPerson.id).where(AlertPerson.next_at.is_not(None))
            silent = select(Alert.id).where(
                Alert.ended_at.is_(None), Alert.sirened_at.is_(None), Alert.siren_at.is_not(None)
            )
            left = (under_way, climbing, silent)
            return all(session.scalar(one.limit(1)) is None for one in left)


def _crash() -> None:
    raise Crashed
