"""The channels of a desk, from its settings: a provider, or the stand-in that rings nobody."""

from incident.clock import Clock, SystemClock
from incident.settings import Settings, kept_secret
from notifications.channel import Channel, Channels
from notifications.mail import SmtpMail
from notifications.sms import TwilioSms

GATEWAY_SECRET = "gateway-token"  # noqa: S105 - a file's name
GATEWAY_ACCOUNT = "AC" + "0" * 31 + "1"
GATEWAY_NUMBER = "+86100000000000"
CALLBACKS = "/callbacks/sms/"


def stand_in_account(settings: Settings) -> tuple[str, str]:
    """Return the account at the stand-in provider and its secret, which is made once and kept."""
    return GATEWAY_ACCOUNT, kept_secret(settings.data_dir, GATEWAY_SECRET)


def build_channels(settings: Settings, *, clock: Clock | None = None) -> Channels:
    """Build the channels: a drill's messages always go to the stand-in provider."""
    practice = _practice(settings)
    live: dict[str, Channel] = {practice.name: practice}
    if settings.has_live_sms:
        live = {practice.name: _provider(settings)}
    if settings.smtp_url and settings.mail_from:
        mail = SmtpMail(
            url=settings.smtp_url,
            sender=settings.mail_from,
            stand_in=False,
            now=(clock or SystemClock()).now,
        )
        live[mail.name] = mail
    return Channels(live=live, drill={practice.name: practice})


def callback_url(settings: Settings, code: str) -> str:
    """Return the address that a provider calls with news of a message."""
    return f"{settings.public_url}{CALLBACKS}{code}"


def callback_token(settings: Settings, *, drill: bool) -> str:
    """Return the secret that signs the callbacks of a real message, or of a drill's."""
    if settings.twilio_auth_token and not drill:
        return settings.twilio_auth_token
    _, secret = stand_in_account(settings)
    return secret


def _practice(settings: Settings) -> TwilioSms:
    account, secret = stand_in_account(settings)
    return TwilioSms(
        account_sid=account,
        auth_token=secret,
        from_number=GATEWAY_NUMBER,
        base_url=f"http://127.0.0.1:{settings.gateway_port}",
        stand_in=True,
    )


def _provider(settings: Settings) -> TwilioSms:
    return TwilioSms(
        account_sid=settings.twilio_account_sid or "",
        auth_token=settings.twilio_auth_token or "",
        from_number=settings.twilio_from_number or "",
        base_url=settings.sms_base_url,
        stand_in=False,
    )
