"""Whether the channels are set as they must be, and how their providers stand."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from sqlalchemy import Connection, select

from incident.findings import Finding, found, judged, missed
from incident.models import Provider
from incident.settings import Settings

LOW = 200  # messages that are still paid for


def channels(settings: Settings) -> Iterator[Finding]:
    """Check each channel by its settings; nothing is sent and nobody is asked."""
    yield _sms(settings)
    yield _voice(settings)
    yield _mail(settings)
    yield _robots(settings)


def providers(connection: Connection) -> Finding:
    """Check how the providers stand, as the engine last knew it."""
    rows = connection.execute(select(Provider.__table__)).all()
    ill = [f"{row.channel}/{row.name}" for row in rows if row.opened_at is not None]
    if ill:
        return missed("providers", "providers-ill", names=", ".join(ill))
    low = [row.name for row in rows if row.balance is not None and row.balance < LOW]
    if low:
        return missed("providers", "providers-low", names=", ".join(low), least=LOW)
    paused = [f"{row.channel}/{row.name}" for row in rows if row.paused_at is not None]
    return judged(
        "providers", "providers-well", "providers-paused", ok=not paused, names=", ".join(paused)
    )


def _sms(settings: Settings) -> Finding:
    if not settings.has_live_sms:
        return found("channels", "channels-stand-in", port=settings.gateway_port)
    if not settings.is_https:
        return missed("channels", "channels-no-tls", url=settings.public_url)
    if settings.mainland_url:
        return found("channels", "channels-mainland", host=urlsplit(settings.mainland_url).hostname)
    return found("channels", "channels-live", number=settings.twilio_from_number)


def _voice(settings: Settings) -> Finding:
    if settings.twilio_account_sid:
        return found("voice", "voice-live", number=settings.twilio_from_number)
    if settings.has_live_sms:
        return missed("voice", "voice-none")
    return found("voice", "to-stand-in", port=settings.gateway_port)


def _mail(settings: Settings) -> Finding:
    if settings.smtp_url and settings.mail_from:
        return found("mail", "mail-live", host=urlsplit(settings.smtp_url).hostname)
    if settings.smtp_url or settings.mail_from:
        return missed("mail", "mail-half")
    if settings.has_live_sms:
        return found("mail", "not-set")
    return found("mail", "to-stand-in", port=settings.gateway_mail_port)


def _robots(settings: Settings) -> Finding:
    robots = {
        "WeCom": settings.robot_wecom,
        "DingTalk": settings.robot_dingtalk,
        "Feishu": settings.robot_feishu,
    }
    names = ", ".join(name for name, url in robots.items() if url)
    if names:
        return found("robot", "robot-live", names=names)
    if settings.has_live_sms:
        return found("robot", "not-set")
    return found("robot", "to-stand-in", port=settings.gateway_port)
