"""Providers in order: the next one where one has certainly not sent, never blindly otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.chain import Chain
from notifications.health import FAILURES, REMEMBERED, REST, Standing, after, rests_for
from notifications.message import (
    Accepted,
    Message,
    NotProcessed,
    Outcome,
    Refused,
    Sent,
    Uncertain,
)
from tests.support.provider import make_message

START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
TOOK = Accepted(provider_id="1", status="queued")
DOWN = NotProcessed(reason="no connection")
BUSY = NotProcessed(reason="429", retry_after=5.0)
WRONG = NotProcessed(reason="401", configuration=True)
CLOSED = NotProcessed(reason="route", configuration=True, route=True)
HUNG = Uncertain(reason="timeout")
BAD = Refused(code="21211", reason="no such number")
EVERY = [TOOK, DOWN, BUSY, WRONG, CLOSED, HUNG, BAD]


@dataclass
class Scripted:
    """A provider that answers as it is told, and remembers what it was given."""

    provider: str
    answers: list[Outcome] = field(default_factory=list)
    usual: Outcome = TOOK
    stand_in: bool = True
    has: Sequence[Sent] | None = ()
    name: str = "sms"
    given: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> Outcome:
        self.given.append(message)
        return self.answers.pop(0) if self.answers else self.usual

    def find(self, message: Message, *, since: datetime) -> Sequence[Sent] | None:
        return self.has

    def look_up(self, provider_id: str) -> Sent | None:
        return next((one for one in self.has or () if one.provider_id == provider_id), None)


@dataclass
class Clock:
    moment: datetime = START

    def now(self) -> datetime:
        return self.moment


def chain(*providers: Scripted, clock: Clock | None = None) -> Chain:
    return Chain(name="sms", providers=providers, now=(clock or Clock()).now)


def sent(id: str) -> Sent:
    return Sent(provider_id=id, status="sent", created_at=None, error_code=None)


def two(first: Outcome, second: Outcome = TOOK) -> tuple[Chain, Scripted, Scripted]:
    one, other = Scripted("stand-in", usual=first), Scripted("stand-in-2", usual=second)
    return chain(one, other), one, other


@pytest.mark.parametrize("first", [DOWN, BUSY, WRONG, CLOSED], ids=lambda one: one.reason)
def test_what_one_has_not_sent_the_next_one_sends_at_once(first):
    both, _, other = two(first)
    assert both.send(make_message()) == Accepted(
        provider_id="1", status="queued", provider="stand-in-2"
    )
    assert len(other.given) == 1


def test_what_one_may_have_sent_no_other_sends():
    both, _, other = two(HUNG)
    assert both.send(make_message()) == Uncertain(reason="timeout", provider="stand-in")
    assert other.given == []


def test_a_number_that_is_refused_is_not_tried_elsewhere():
    both, _, other = two(BAD)
    assert both.send(make_message()) == BAD
    assert other.given == []


def test_where_none_can_send_the_shortest_wait_is_what_counts():
    assert two(WRONG, BUSY)[0].send(make_message()) == BUSY
    assert two(BUSY, WRONG)[0].send(make_message()) == BUSY
    assert two(DOWN, BUSY)[0].send(make_message()) == DOWN
    assert two(WRONG, CLOSED)[0].send(make_message()).configuration


@pytest.mark.parametrize("failure", [DOWN, HUNG], ids=lambda one: one.reason)
def test_three_failures_in_a_row_open_the_circuit(failure):
    both, one, other = two(failure)
    for _ in range(FAILURES + 4):
        both.send(make_message())
    assert len(one.given) == FAILURES
    assert len(other.given) >= 4


def test_wrong_settings_open_the_circuit_at_once():
    both, one, _ = two(WRONG)
    both.send(make_message())
    both.send(make_message())
    assert len(one.given) == 1


@pytest.mark.parametrize("harmless", [BUSY, CLOSED, BAD], ids=["busy", "closed route", "refused"])
def test_patience_and_closed_routes_and_bad_numbers_open_no_circuit(harmless):
    both, one, _ = two(harmless)
    for _ in range(10):
        both.send(make_message())
    assert len(one.given) == 10


def test_after_a_rest_one_message_tries_it_and_closes_the_circuit():
    clock = Clock()
    one, other = Scripted("stand-in", answers=[WRONG]), Scripted("stand-in-2")
    both = chain(one, other, clock=clock)
    both.send(make_message())
    clock.moment += REST
    assert both.send(make_message()).provider == "stand-in"
    assert both.send(make_message()).provider == "stand-in"


def test_a_trial_that_fails_begins_another_rest():
    clock = Clock()
    one, other = Scripted("stand-in", usual=DOWN), Scripted("stand-in-2")
    both = chain(one, other, clock=clock)
    for _ in range(FAILURES):
        both.send(make_message())
    clock.moment += REST
    both.send(make_message())
    both.send(make_message())
    assert len(one.given) == FAILURES + 1


def test_a_clock_that_is_set_back_rests_nobody_for_ever():
    ill = Standing(opened_at=START)
    assert rests_for(ill, START - timedelta(days=1)) == 0
    assert rests_for(ill, START) == REST.total_seconds()
    assert rests_for(ill, START + REST) == 0


def test_when_all_rest_it_is_said_how_long():
    both, _, _ = two(DOWN, DOWN)
    for _ in range(FAILURES):
        both.send(make_message())
    outcome = both.send(make_message())
    assert isinstance(outcome, NotProcessed)
    assert 0 < outcome.retry_after <= REST.total_seconds()


def test_a_paused_provider_is_passed_over_and_a_test_still_reaches_it():
    both, one, other = two(TOOK)
    both.arrange(order=["stand-in", "stand-in-2"], paused=["stand-in"], standings={})
    both.send(make_message())
    assert (len(one.given), len(other.given)) == (0, 1)
    test = Message(code="T", to="+86100000000001", body="x", drill=False, provider="stand-in")
    both.send(test)
    assert one.given == [test]


def test_the_order_of_the_table_holds_and_unknown_names_do_nothing():
    both, _, _ = two(TOOK)
    both.arrange(order=["stand-in-2", "gone", "stand-in"], paused=[], standings={})
    assert both.send(make_message()).provider == "stand-in-2"


def test_what_was_learned_here_is_not_undone_by_an_older_table():
    both, one, _ = two(WRONG)
    both.send(make_message())
    both.arrange(order=[], paused=[], standings={"stand-in": Standing()})
    both.send(make_message())
    assert len(one.given) == 1
    assert set(both.take_news()) == {"stand-in", "stand-in-2"}
    both.arrange(order=[], paused=[], standings={"stand-in": Standing()})
    both.send(make_message())
    assert len(one.given) == 2


def test_a_provider_serves_the_numbers_that_it_can():
    mainland, twilio = Scripted("mainland"), Scripted("twilio")
    both = chain(mainland, twilio)
    assert both.send(make_message(to="+8613800000000")).provider == "mainland"
    assert both.send(make_message(to="+491710000000")).provider == "twilio"
    assert chain(mainland).send(make_message(to="+491710000000")).code == "no-route"


def test_only_the_one_that_may_have_it_is_asked():
    one, other = Scripted("stand-in", has=[sent("a")]), Scripted("stand-in-2", has=[sent("b")])
    both = chain(one, other)
    doubtful = Message(code="T", to="+86100000000001", body="x", drill=False, provider="stand-in-2")
    assert [each.provider_id for each in both.find(doubtful, since=START)] == ["b"]


def test_where_nobody_knows_which_one_all_are_asked_and_silence_is_no_no():
    silent = Scripted("stand-in", has=None)
    assert chain(silent, Scripted("stand-in-2")).find(make_message(), since=START) is None
    found = chain(silent, Scripted("stand-in-2", has=[sent("b")])).find(make_message(), since=START)
    assert [(each.provider_id, each.provider) for each in found] == [("b", "stand-in-2")]
    assert (
        chain(Scripted("stand-in"), Scripted("stand-in-2")).find(make_message(), since=START) == []
    )


def test_its_own_provider_knows_what_became_of_a_message():
    both = chain(Scripted("stand-in"), Scripted("stand-in-2", has=[sent("b")]))
    assert both.look_up("b").provider == "stand-in-2"
    assert both.look_up("c") is None


@given(st.lists(st.sampled_from(EVERY), max_size=60))
def test_a_standing_is_always_within_its_bounds(outcomes):
    standing = Standing()
    for outcome in outcomes:
        standing = after(standing, outcome, START)
        assert len(standing.recent) <= REMEMBERED
        assert standing.score is None or 0 <= standing.score <= 1
        assert (standing.opened_at is None) or standing.failures > 0
    if outcomes and isinstance(outcomes[-1], Accepted | Refused):
        assert standing.opened_at is None


@given(st.lists(st.tuples(st.sampled_from(EVERY), st.sampled_from(EVERY)), max_size=30))
def test_after_a_provider_that_may_have_it_no_other_is_given_a_message(answers):
    one = Scripted("stand-in", answers=[first for first, _ in answers])
    other = Scripted("stand-in-2", answers=[second for _, second in answers])
    both = chain(one, other)
    for number in range(len(answers)):
        message = make_message(code=f"M{number}")
        outcome = both.send(message)
        if isinstance(outcome, Accepted | Uncertain):
            last = other if message in other.given else one
            assert outcome.provider == last.provider
