"""The faults strike whom the rules name, as often as they say, and again with the same seed."""

import pytest

from drills.gateway.faults import Fault, Faults, Plan
from notifications.message import Accepted, NotProcessed
from tests.support.provider import make_message


def struck(plan: Plan, *, requests: int, to: str = "+86100000000001") -> list[int]:
    """Return which of so many new messages met a fault, from 1 on."""
    faults = Faults()
    faults.set(plan)
    return [n for n in range(1, requests + 1) if faults.strike(on="create", message=n, to=to)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"every": 3}, [3, 6]),
        ({"every": 1, "times": 2}, [1, 2]),
        ({"times": 1}, [1]),
        ({"share": 0}, []),
        ({"share": 1}, [1, 2, 3, 4, 5, 6]),
        ({"to": "+86100000000002"}, []),
        ({"on": "ask"}, []),
    ],
)
def test_a_rule_strikes_whom_it_names(rule, expected):
    assert struck(Plan(requests=(Fault(kind="reset", **rule),)), requests=6) == expected


def test_the_same_seed_strikes_the_same():
    def drawn(seed: int) -> list[int]:
        return struck(Plan(requests=(Fault(kind="reset", share=0.3),), seed=seed), requests=200)

    assert drawn(7) == drawn(7)
    assert drawn(7) != drawn(8)
    assert 30 < len(drawn(7)) < 90


def test_each_tenth_message_is_refused_once_and_then_taken(provider):
    provider.set_faults(requests=[{"kind": "throttle", "every": 10, "retry_after": 0}])
    sender = provider.sms()
    messages = [make_message(code=str(n), body=f"第{n}条") for n in range(30)]
    outcomes = [sender.send(message) for message in messages]
    refused = [n for n, outcome in enumerate(outcomes) if isinstance(outcome, NotProcessed)]
    assert refused == [9, 19, 29]
    assert all(isinstance(sender.send(messages[n]), Accepted) for n in refused)
    assert len(provider.inbox()) == 30
    assert provider.struck() == [3]


def test_faults_are_lifted(provider):
    provider.set_faults(requests=[{"kind": "reset"}])
    provider.lift_faults()
    assert isinstance(provider.sms().send(make_message()), Accepted)


def test_a_delay_comes_before_another_fault(provider):
    provider.set_faults(requests=[{"kind": "delay", "seconds": 0.01}, {"kind": "throttle"}])
    assert isinstance(provider.sms().send(make_message()), NotProcessed)
    assert provider.struck() == [1, 1]


@pytest.mark.parametrize(
    "plan",
    [
        "",
        "[]",
        "{",
        '{"request": []}',
        '{"requests": [{"kind": "explode"}]}',
        '{"requests": [{"kind": "hang", "seconds": 9999}]}',
        '{"requests": [{"kind": "error", "status": 200}]}',
        '{"requests": [{"kind": "reset", "every": 0}]}',
        '{"callbacks": {"copies": 0}}',
        '{"callbacks": {"final": "eaten"}}',
        "\xff",
    ],
)
def test_a_plan_that_is_none_is_refused_and_changes_nothing(provider, plan):
    provider.set_faults(requests=[{"kind": "throttle"}])
    answer = provider.ask("PUT", "/faults", data=plan.encode("latin-1"))
    assert answer.status_code == 422
    assert isinstance(provider.sms().send(make_message()), NotProcessed)
