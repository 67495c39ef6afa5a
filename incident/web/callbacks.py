"""The providers' callbacks about SMS: believed only with a true signature, kept, then answered."""

import logging
from typing import NoReturn

from flask import Blueprint, Response, abort, request
from sqlalchemy.exc import IntegrityError

from incident.channels import SMS, STAND_IN, TWILIO, callback_token, callback_url
from incident.crashpoints import crashpoint
from incident.models import OutgoingMessage
from incident.operations import receipts, replies
from incident.services import Services
from incident.stand_in import GATEWAY_DRILL_NUMBER, stand_in_account
from incident.web.access import public
from incident.web.desk import services
from notifications.receipt import BadReceipt, BadSignature, Receipt, is_signed, read

logger = logging.getLogger(__name__)

SIGNATURE = "X-Twilio-Signature"
INBOUND = "inbound"
LONGEST_ID, LONGEST_STATUS = 60, 20  # what the table has room for
LONGEST_SENDER, LONGEST_TEXT = 20, 1600

blueprint = Blueprint("callbacks", __name__)


@blueprint.post("/callbacks/sms/<code>")
@public
def take_receipt(code: str) -> Response:
    """Keep a receipt; a job merges it. One that came before is answered alike."""
    desk = services()
    told = believed(desk, code, channel=SMS)
    crashpoint("callback.before_inbox")
    keep(desk, code, told)
    crashpoint("callback.after_inbox")
    return Response(status=204)


@blueprint.post("/callbacks/sms/inbound")
@public
def take_reply() -> Response:
    """Keep what somebody answered by SMS; the engine reads it."""
    desk = services()
    provider = _who_signs(desk)
    provider_id, sender = request.form.get("MessageSid", ""), request.form.get("From", "")
    if not 0 < len(provider_id) <= LONGEST_ID or not 0 < len(sender) <= LONGEST_SENDER:
        abort(400)
    try:
        with desk.transaction() as session:
            replies.keep(
                session,
                provider=provider,
                provider_id=provider_id,
                channel=SMS,
                sender=sender,
                body=request.form.get("Body", "")[:LONGEST_TEXT],
                drill=provider == STAND_IN and request.form.get("To") == GATEWAY_DRILL_NUMBER,
                now=desk.now(),
            )
    except IntegrityError:
        logger.info("a reply came twice at once")
    return Response("<Response/>", mimetype="text/xml")


def believed(desk: Services, code: str, *, channel: str) -> Receipt:
    """Return what a provider says of a message; abort when it is not signed or not to be read."""
    message = message_of(desk, code)
    try:
        told = read(
            url=callback_url(desk.settings, code, channel=channel) or "",
            form=request.form,
            signature=request.headers.get(SIGNATURE),
            tokens=[callback_token(desk.settings, drill=message.drill is not None)],
        )
    except BadSignature:
        logger.warning("a callback for message %s bears no true signature", message.id)
        abort(403)
    except BadReceipt:
        abort(400)
    if len(told.provider_id) > LONGEST_ID or len(told.status) > LONGEST_STATUS:
        abort(400)
    return told


def message_of(desk: Services, code: str) -> OutgoingMessage:
    """Return the message that a callback's address names; abort where there is none."""
    with desk.reading() as session:
        message = receipts.message_of(session, code)
    if message is None:
        abort(403)
    return message


def keep(desk: Services, code: str, told: Receipt) -> None:
    """Keep a receipt; that it came twice at once is no fault."""
    try:
        with desk.transaction() as session:
            receipts.keep(session, code, told, raw=request.form, now=desk.now())
    except IntegrityError:
        logger.info("a receipt came twice at once")


def _who_signs(desk: Services) -> str:
    """Return whose token signed a reply; abort when nobody's did."""
    known = {STAND_IN: stand_in_account(desk.settings)[1]}
    if desk.settings.twilio_auth_token:
        known[TWILIO] = desk.settings.twilio_auth_token
    url = callback_url(desk.settings, INBOUND) or ""
    signature = request.headers.get(SIGNATURE)
    signing = (
        provider
        for provider, token in known.items()
        if is_signed(url=url, form=request.form, signature=signature, tokens=[token])
    )
    return next(signing, None) or refuse("a reply bears no true signature")


def refuse(why: str) -> NoReturn:
    """Answer 403, and say why in the log."""
    logger.warning(why)
    abort(403)
