"""Never too many messages to one telephone, and none lost: what went in comes out."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from incident.models import AlertPerson, OutgoingMessage
from incident.operations.folding import LIMITS, room_at
from incident.services import Services
from notifications.text import check, fold, segments
from tests.support.alerts import all_alerts, calls, later, people, press, states, to_phone
from tests.support.desk import NOW, make_incident
from workflows.plan import ChannelName

PHONE, OFFICER = "+86100000000001", "duty_officer"
UNSENT = {"held", "folded", "withdrawn"}


def gone(services: Services, channel: str) -> list[OutgoingMessage]:
    """Return what was queued to leave for the duty officer by a channel."""
    return [
        row
        for row in to_phone(services, PHONE)
        if row.channel == channel and row.state not in UNSENT
    ]


def test_the_first_that_somebody_hears_of_an_incident_is_never_held(services: Services) -> None:
    for _ in range(8):
        make_incident(services)
    assert len(gone(services, "sms")) == 8


def test_later_ones_come_as_one_message_that_lists_every_code(services: Services) -> None:
    for _ in range(4):
        make_incident(services)
    later(services, minutes=2)
    assert len(gone(services, "voice")) == 1
    held = [row for row in to_phone(services, PHONE) if row.state == "held"]
    assert len(held) == 3
    for _ in range(3):
        later(services, minutes=1)
    told = gone(services, "voice")[-1]
    codes = [people(services, alert)[OFFICER].code for alert in all_alerts(services)[1:]]
    assert all(code in told.body for code in codes)
    assert {row.state for row in to_phone(services, PHONE) if row.folded_into_id} == {"folded"}


def test_a_key_in_a_call_about_several_answers_all_of_them(services: Services) -> None:
    for _ in range(3):
        make_incident(services)
    later(services, minutes=2)
    later(services, minutes=1)
    press(services, gone(services, "voice")[-1], "1")
    answered = [states(services, alert)[OFFICER] for alert in all_alerts(services)]
    assert answered == ["called", "answered", "answered"]


def test_drills_and_real_alerts_are_never_told_in_one_message(services: Services) -> None:
    for drill in (None, "YL-1", None, "YL-1", None):
        make_incident(services, drill=drill)
    for _ in range(12):
        later(services, minutes=1)
    with services.reading() as session:
        for row in session.scalars(select(OutgoingMessage)):
            assert ("演练" in row.body) == (row.drill is not None)
            if row.folded_into_id is not None:
                into = session.get_one(OutgoingMessage, row.folded_into_id)
                assert (into.drill is None) == (row.drill is None)


def test_a_drill_never_holds_up_a_real_alert(services: Services) -> None:
    for _ in range(6):
        make_incident(services, drill="YL-1")
    later(services, minutes=1)
    make_incident(services)
    later(services, minutes=2)
    assert [row.state for row in to_phone(services, PHONE) if row.drill is None] == ["queued"] * 2


@settings(
    max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.lists(st.integers(min_value=0, max_value=400), min_size=1, max_size=7))
def test_what_went_in_comes_out(sqlite_services: Services, pauses: list[int]) -> None:
    """Every step that was taken left alone, or in a message that names its code."""
    services = sqlite_services
    for pause in pauses:
        make_incident(services)
        later(services, seconds=pause)
    for _ in range(70):
        later(services, minutes=4)
    with services.reading() as session:
        rows = list(session.scalars(select(OutgoingMessage).where(OutgoingMessage.to == PHONE)))
        by_id = {row.id: row for row in rows}
        assert not [row for row in rows if row.state == "held"]
        for row in rows:
            if row.state == "folded":
                person = session.get_one(AlertPerson, row.alert_person_id)
                assert person.code in by_id[row.folded_into_id or 0].body
    assert Counter(channel for _, channel, _ in calls(services, OFFICER)) >= Counter(
        {"sms": len(pauses), "voice": len(pauses)}
    )


@pytest.mark.parametrize("channel", list(LIMITS))
@given(st.lists(st.integers(min_value=0, max_value=900), max_size=120))
def test_no_window_ever_holds_more_than_its_limit(channel: ChannelName, pauses: list[int]) -> None:
    now, sent = NOW, []
    for pause in pauses:
        now = max(now + timedelta(seconds=pause), room_at(LIMITS[channel], sent, now))
        sent.append(now)
    for within, most in LIMITS[channel]:
        for earlier, later_one in zip(sent, sent[most:], strict=False):
            assert later_one - earlier >= within
    assert all(first <= second for first, second in pairwise(sent))


@given(st.integers(min_value=1, max_value=60), st.booleans())
def test_one_text_names_every_code_and_may_be_sent(count: int, is_drill: bool) -> None:
    items = [(f"A{number % 10}"[:2], f"SP20261123-{number:03d}") for number in range(count)]
    text = fold(items, organisation="示例市市场监督管理局", drill=is_drill, can_reply=True)
    check(text)
    assert text.startswith("【演练】") == is_drill
    assert all(code in text for code, _ in items)
    assert segments(text).count <= 6
