"""No message of a drill reaches a channel that could ring a real telephone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.chain import Chain
from notifications.channel import Channels, DrillLeak
from notifications.message import Accepted, Message, NotProcessed, Outcome, Sent
from notifications.sms import TwilioSms
from notifications.voice import TwilioVoice
from tests.support.provider import make_message


@dataclass
class Recorder:
    """A channel that remembers what it was given."""

    name: str
    stand_in: bool
    provider: str = "stand-in"
    given: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> Outcome:
        self.given.append(message)
        return Accepted(provider_id="1", status="queued")

    def find(self, message: Message, *, since: datetime) -> None:
        return None

    def look_up(self, provider_id: str) -> Sent | None:
        return None


names = st.sampled_from(["sms", "voice", "mail", "robot", ""])
tables: st.SearchStrategy[Mapping[str, Recorder]] = st.dictionaries(
    names, st.builds(Recorder, name=names, stand_in=st.booleans())
)
messages = st.builds(make_message, drill=st.booleans(), channel=names)


@given(live=tables, drill=tables, sent=st.lists(messages, max_size=20))
def test_no_set_of_channels_lets_a_drill_reach_a_real_one(live, drill, sent):
    channels = Channels(live=live, drill=drill)
    for message in sent:
        try:
            channels.send(message)
        except DrillLeak:
            assert message.drill
    for channel in [*live.values(), *drill.values()]:
        assert channel.stand_in or not any(message.drill for message in channel.given)


@given(shared=tables, sent=st.lists(messages, max_size=20))
def test_the_guard_holds_when_live_and_drill_share_their_channels(shared, sent):
    channels = Channels(live=shared, drill=shared)
    for message in sent:
        try:
            channels.send(message)
        except DrillLeak:
            assert message.drill
            assert not shared[message.channel].stand_in
    for channel in shared.values():
        assert channel.stand_in or not any(message.drill for message in channel.given)


@given(live=tables, drill=tables, message=messages)
def test_a_real_message_never_goes_by_the_channels_of_drills(live, drill, message):
    try:
        Channels(live=live, drill=drill).send(message)
    except DrillLeak:
        return
    others = live if message.drill else drill
    assert all(not channel.given for channel in others.values())


def test_what_is_almost_true_is_not_a_stand_in():
    channel = Recorder(name="sms", stand_in="no")
    with pytest.raises(DrillLeak):
        Channels(live={}, drill={"sms": channel}).send(make_message(drill=True))
    assert channel.given == []


@given(stand_ins=st.lists(st.booleans(), min_size=1, max_size=2), name=names)
def test_a_chain_is_a_stand_in_only_when_every_provider_is_one(stand_ins, name):
    providers = [
        Recorder(name=name, stand_in=stand_in, provider=provider)
        for provider, stand_in in zip(("stand-in", "stand-in-2"), stand_ins, strict=False)
    ]
    chain = Chain(name=name, providers=providers, now=lambda: datetime(2026, 11, 23, tzinfo=UTC))
    channels = Channels(live={name: chain}, drill={name: chain})
    message = make_message(drill=True, channel=name)
    if all(stand_ins):
        assert isinstance(channels.send(message), Accepted)
    else:
        with pytest.raises(DrillLeak):
            channels.send(message)
        assert all(each.given == [] for each in providers)


def test_a_chain_without_providers_is_no_stand_in():
    empty = Chain(name="sms", providers=[], now=lambda: datetime(2026, 11, 23, tzinfo=UTC))
    with pytest.raises(DrillLeak):
        Channels(live={}, drill={"sms": empty}).send(make_message(drill=True))


def test_a_channel_that_is_not_configured_is_said_to_be_missing():
    outcome = Channels(live={}, drill={}).send(make_message(channel="mail"))
    assert outcome == NotProcessed(reason="no channel 'mail' is configured", configuration=True)


@pytest.mark.parametrize(
    ("stand_ins", "expected"),
    [((), False), ((False,), False), ((True,), True), ((True, False), True)],
)
def test_the_pages_can_say_that_real_messages_end_in_the_stand_in(stand_ins, expected):
    live = {str(place): Recorder("x", stand_in) for place, stand_in in enumerate(stand_ins)}
    assert Channels(live=live, drill={}).live_is_stand_in is expected


@pytest.mark.parametrize("channel", [TwilioSms, TwilioVoice])
@pytest.mark.parametrize("base_url", [None, "https://api.twilio.com", "https://API.twilio.com/x"])
def test_twilio_itself_can_never_be_called_a_stand_in(channel, base_url):
    with pytest.raises(ValueError, match="stand-in"):
        channel(
            account_sid="AC1",
            auth_token="t",
            from_number="+86100000000099",
            base_url=base_url,
            stand_in=True,
        )


@pytest.mark.parametrize("base_url", ["ftp://127.0.0.1", "127.0.0.1:8025", "http://", "file:///x"])
def test_an_address_of_another_kind_is_refused_at_once(base_url):
    with pytest.raises(ValueError, match="http"):
        TwilioSms(
            account_sid="AC1",
            auth_token="t",
            from_number="+86100000000099",
            base_url=base_url,
            stand_in=False,
        )
