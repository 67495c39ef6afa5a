"""The channels of a desk, from its settings: providers in order, or stand-ins that ring nobody."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from incident.clock import Clock, SystemClock
from incident.settings import Settings
from incident.stand_in import (
    GATEWAY_DRILL_NUMBER,
    GATEWAY_NUMBER,
    GATEWAY_SENDER,
    stand_in_account,
)
from notifications.chain import Chain, Provider
from notifications.channel import Channel, Channels
from notifications.gateway_sms import GatewaySms
from notifications.mail import SmtpMail
from notifications.registered import registered
from notifications.robots import Robot
from notifications.sms import TwilioSms
from notifications.voice import TwilioVoice

Now = Callable[[], datetime]

REAL_EXTENSION, DRILL_EXTENSION = "1", "9"
CALLBACKS = "/callbacks/{channel}/{code}"
ANSWERS = "/answer/{code}"
PUSHES = "/callbacks/gateway"
SMS, VOICE, MAIL, ROBOT = "sms", "voice", "mail", "robot"
TWILIO, MAINLAND = "twilio", "mainland"
STAND_IN, SECOND_STAND_IN = "stand-in", "stand-in-2"


def build_channels(settings: Settings, *, clock: Clock | None = None) -> Channels:
    """Build the channels: a drill's messages always go to the stand-in provider.

    Where no provider of SMS is set, real ones go there too, by every channel that is not set.
    """
    now = (clock or SystemClock()).now
    practice = _practice(settings, now, drill=False)
    real = _real(settings, now)
    live = real if real.get(SMS) else practice | real
    return Channels(
        live=_chains(live, now), drill=_chains(_practice(settings, now, drill=True), now)
    )


def answer_link(settings: Settings, code: str) -> str:
    """Return the page on which a signed-in person answers a message; only mail may show it."""
    return settings.public_url + ANSWERS.format(code=code)


def callback_url(settings: Settings, code: str, *, channel: str = SMS) -> str | None:
    """Return the address that a provider calls with news of a message, None where none calls."""
    if channel not in (SMS, VOICE):
        return None
    return settings.public_url + CALLBACKS.format(channel=channel, code=code)


def can_reply(channels: Channels, to: str, *, drill: bool) -> bool:
    """Tell whether what a telephone answers by SMS comes back, by the first provider for it."""
    chain = (channels.drill if drill else channels.live).get(SMS)
    offer = chain.offers(to) if isinstance(chain, Chain) else None
    return offer is None or offer.reply


def has_robots(settings: Settings) -> bool:
    """Tell whether a group is told by a robot of its own; the stand-in's shows only drills."""
    return bool(settings.robot_wecom or settings.robot_dingtalk or settings.robot_feishu)


def callback_token(settings: Settings, *, drill: bool) -> str:
    """Return the secret that signs the callbacks of a real message, or of a drill's."""
    if settings.twilio_auth_token and not drill:
        return settings.twilio_auth_token
    _, secret = stand_in_account(settings)
    return secret


def push_accounts(settings: Settings) -> dict[str, tuple[str, str]]:
    """Return by provider the key and the secret that sign what gateways push."""
    accounts = {SECOND_STAND_IN: stand_in_account(settings)}
    if settings.mainland_url:
        key, secret = settings.mainland_key or "", settings.mainland_secret or ""
        accounts[MAINLAND] = (key, secret)
    return accounts


def _real(settings: Settings, now: Now) -> dict[str, Sequence[Provider]]:
    """Return the real providers of each channel that has any."""
    found: dict[str, Sequence[Provider]] = {
        SMS: _real_sms(settings, now),
        VOICE: _real_voice(settings),
        MAIL: _real_mail(settings, now),
        ROBOT: _real_robots(settings, now),
    }
    return {name: providers for name, providers in found.items() if providers}


def _practice(settings: Settings, now: Now, *, drill: bool) -> dict[str, Sequence[Provider]]:
    """Return the stand-ins of every channel."""
    return {
        SMS: _practice_sms(settings, now, drill=drill),
        VOICE: _practice_voice(settings, drill=drill),
        MAIL: _practice_mail(settings, now),
        ROBOT: _practice_robots(settings, now),
    }


def _chains(channels: Mapping[str, Sequence[Provider]], now: Now) -> dict[str, Channel]:
    return {
        name: Chain(name=name, providers=providers, now=now) for name, providers in channels.items()
    }


def _real_sms(settings: Settings, now: Now) -> list[Provider]:
    """The mainland's gateway first, for it alone brings back replies from the mainland."""
    providers: list[Provider] = []
    if settings.mainland_url:
        gateway = GatewaySms(
            base_url=settings.mainland_url,
            key=settings.mainland_key or "",
            secret=settings.mainland_secret or "",
            templates=settings.mainland_templates or {},
            extension=REAL_EXTENSION,
            stand_in=False,
            provider=MAINLAND,
            now=now,
        )
        providers.append(gateway)
    if settings.twilio_account_sid:
        providers.append(
            TwilioSms(
                account_sid=settings.twilio_account_sid,
                auth_token=settings.twilio_auth_token or "",
                from_number=settings.twilio_from_number or "",
                base_url=settings.sms_base_url,
                stand_in=False,
                provider=TWILIO,
            )
        )
    return providers


def _real_voice(settings: Settings) -> list[Provider]:
    if not settings.twilio_account_sid:
        return []
    return [
        TwilioVoice(
            account_sid=settings.twilio_account_sid,
            auth_token=settings.twilio_auth_token or "",
            from_number=settings.twilio_from_number or "",
            base_url=settings.sms_base_url,
            stand_in=False,
            provider=TWILIO,
        )
    ]


def _real_mail(settings: Settings, now: Now) -> list[Provider]:
    if not settings.smtp_url or not settings.mail_from:
        return []
    return [SmtpMail(url=settings.smtp_url, sender=settings.mail_from, stand_in=False, now=now)]


def _real_robots(settings: Settings, now: Now) -> list[Provider]:
    robots = (
        ("wecom", settings.robot_wecom, None),
        ("dingtalk", settings.robot_dingtalk, settings.robot_dingtalk_secret),
        ("feishu", settings.robot_feishu, settings.robot_feishu_secret),
    )
    return [
        Robot(provider=name, url=url, secret=secret, stand_in=False, now=now)
        for name, url, secret in robots
        if url
    ]


def _practice_sms(settings: Settings, now: Now, *, drill: bool) -> list[Provider]:
    account, secret = stand_in_account(settings)
    first = TwilioSms(
        account_sid=account,
        auth_token=secret,
        from_number=GATEWAY_DRILL_NUMBER if drill else GATEWAY_NUMBER,
        base_url=_gateway(settings),
        stand_in=True,
        provider=STAND_IN,
    )
    second = GatewaySms(
        base_url=f"{_gateway(settings)}/mainland",
        key=account,
        secret=secret,
        templates={name: f"ML-{name}" for name in registered()},
        extension=DRILL_EXTENSION if drill else REAL_EXTENSION,
        push_url=settings.public_url + PUSHES,
        stand_in=True,
        provider=SECOND_STAND_IN,
        now=now,
    )
    return [first, second]


def _practice_voice(settings: Settings, *, drill: bool) -> list[Provider]:
    account, secret = stand_in_account(settings)
    return [
        TwilioVoice(
            account_sid=account,
            auth_token=secret,
            from_number=GATEWAY_DRILL_NUMBER if drill else GATEWAY_NUMBER,
            base_url=_gateway(settings),
            stand_in=True,
            provider=STAND_IN,
        )
    ]


def _practice_mail(settings: Settings, now: Now) -> list[Provider]:
    return [
        SmtpMail(
            url=f"smtp://127.0.0.1:{settings.gateway_mail_port}",
            sender=GATEWAY_SENDER,
            stand_in=True,
            provider="stand-in-mail",
            now=now,
        )
    ]


def _practice_robots(settings: Settings, now: Now) -> list[Provider]:
    _, secret = stand_in_account(settings)
    return [
        Robot(
            provider="stand-in-group",
            dialect="wecom",
            url=f"{_gateway(settings)}/robots/wecom?key={secret}",
            secret=None,
            stand_in=True,
            now=now,
        )
    ]


def _gateway(settings: Settings) -> str:
    return f"http://127.0.0.1:{settings.gateway_port}"
