"""Mail by SMTP: one message to one person."""

import smtplib
import ssl
from collections.abc import Callable, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP as SMTP_LINES
from email.utils import format_datetime, parseaddr
from urllib.parse import SplitResult, unquote, urlsplit

from notifications.message import (
    Accepted,
    Message,
    NotProcessed,
    Outcome,
    Refused,
    Sent,
    Uncertain,
)

SUBJECT = 60
_PORTS = {"smtp": 587, "smtps": 465}


class SmtpMail:
    """The mail channel; each message has a connection of its own, so threads may share it.

    `url` is smtps://user:password@host:port, or smtp://, which turns to TLS where the server
    offers it and never gives a password without. `timeout` is seconds for each step.
    """

    name = "mail"

    def __init__(
        self,
        *,
        url: str,
        sender: str,
        stand_in: bool,
        provider: str = "smtp",
        now: Callable[[], datetime],
        timeout: float = 8,
    ) -> None:
        self._server = urlsplit(url)
        if self._server.scheme not in _PORTS or not self._server.hostname:
            raise ValueError("the mail server's address must begin with smtp:// or smtps://")
        if "@" not in parseaddr(sender)[1]:
            raise ValueError("the sender of mail must be an address")
        self.stand_in = stand_in
        self.provider = provider
        self._sender = sender
        self._now = now
        self._timeout = timeout

    def send(self, message: Message) -> Outcome:
        """Hand the mail to the server; what fails before the text is given was not processed."""
        try:
            letter = self._letter(message)
        except ValueError:
            return Refused(code="address", reason="the address is not one")
        try:
            smtp = self._connect()
        except smtplib.SMTPAuthenticationError as error:
            return _not_processed(error.smtp_code, configuration=True)
        except smtplib.SMTPNotSupportedError:
            return NotProcessed(reason="the mail server has no TLS", configuration=True)
        except (OSError, smtplib.SMTPException) as failure:
            return NotProcessed(reason=f"no connection: {type(failure).__name__}")
        try:
            return self._hand_over(smtp, letter, to=message.to)
        finally:
            smtp.close()

    def find(self, message: Message, *, since: datetime) -> Sequence[Sent] | None:
        """A mail server cannot be asked."""
        return None

    def look_up(self, provider_id: str) -> Sent | None:
        """A mail server cannot be asked."""
        return None

    def _letter(self, message: Message) -> EmailMessage:
        """Write the mail; the same message always has the same id, so a second is known."""
        domain = parseaddr(self._sender)[1].rpartition("@")[2]
        letter = EmailMessage(policy=SMTP_LINES)
        letter["From"] = self._sender
        letter["To"] = message.to
        letter["Subject"] = _subject(message.body)
        letter["Date"] = format_datetime(self._now())
        letter["Message-ID"] = f"<{message.code}@{domain}>"
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content("\n\n".join(filter(None, (message.body, message.link))) + "\n")
        return letter

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        address = (server.hostname or "", server.port or _PORTS[server.scheme])
        context = ssl.create_default_context()
        if server.scheme == "smtps":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(*address, timeout=self._timeout, context=context)
        else:
            smtp = smtplib.SMTP(*address, timeout=self._timeout)
        try:
            _introduce(smtp, server, context)
        except (OSError, smtplib.SMTPException):
            smtp.close()
            raise
        return smtp

    def _hand_over(self, smtp: smtplib.SMTP, letter: EmailMessage, *, to: str) -> Outcome:
        try:
            sender = parseaddr(self._sender)[1]
            code, _ = smtp.mail(sender)
            if code != 250:
                return _not_processed(code, configuration=code >= 500)
            code, _ = smtp.rcpt(parseaddr(to)[1])
            if code not in (250, 251):
                return _refused(code)
        except (OSError, smtplib.SMTPException) as failure:
            return NotProcessed(reason=f"the connection broke: {type(failure).__name__}")
        return _give(smtp, letter)


def _introduce(smtp: smtplib.SMTP, server: SplitResult, context: ssl.SSLContext) -> None:
    smtp.ehlo_or_helo_if_needed()
    if server.scheme == "smtp" and smtp.has_extn("starttls"):
        smtp.starttls(context=context)
        smtp.ehlo()
    elif server.scheme == "smtp" and server.username:
        raise smtplib.SMTPNotSupportedError("a password is never given without TLS")
    if server.username:
        smtp.login(unquote(server.username), unquote(server.password or ""))


def _give(smtp: smtplib.SMTP, letter: EmailMessage) -> Outcome:
    """Give the text; from here on a broken connection leaves everything open."""
    try:
        code, _ = smtp.data(letter.as_bytes())
    except smtplib.SMTPDataError as error:
        return _refused(error.smtp_code)
    except (OSError, smtplib.SMTPException) as failure:
        return Uncertain(reason=f"the connection broke: {type(failure).__name__}")
    if code >= 400:
        return _refused(code)
    if code != 250:
        return Uncertain(reason="the mail server's answer was not understood")
    return Accepted(provider_id=str(letter["Message-ID"]), status="sent", receipts=False)


def _refused(code: int) -> Outcome:
    if code >= 500:
        return Refused(code=str(code), reason=f"the mail server refused with {code}")
    return _not_processed(code, configuration=False)


def _not_processed(code: int, *, configuration: bool) -> NotProcessed:
    reason = f"the mail server answered {code}"
    return NotProcessed(reason=reason, configuration=configuration)


def _subject(body: str) -> str:
    first = " ".join(body.split())
    return first if len(first) <= SUBJECT else first[: SUBJECT - 1] + "…"
