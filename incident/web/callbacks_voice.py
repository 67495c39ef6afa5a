"""The callbacks about telephone calls: how a call stands, and which key was pressed."""

import logging

from flask import Blueprint, Response, abort, request
from sqlalchemy.exc import IntegrityError

from incident.channels import STAND_IN, TWILIO, VOICE, callback_token, callback_url
from incident.models import OutgoingMessage
from incident.operations import replies
from incident.services import Services
from incident.web.access import public
from incident.web.callbacks import LONGEST_ID, SIGNATURE, believed, keep, message_of
from incident.web.desk import services
from notifications.keypad import answered
from notifications.receipt import is_signed
from notifications.voice import KEYS

logger = logging.getLogger(__name__)

LONGEST_DIGITS = 4

blueprint = Blueprint("callbacks_voice", __name__)


@blueprint.post("/callbacks/voice/<code>")
@public
def take_status(code: str) -> Response:
    """Keep how a call stands: that somebody picked up is no answer."""
    desk = services()
    keep(desk, code, believed(desk, code, channel=VOICE))
    return Response(status=204)


@blueprint.post("/callbacks/voice/<code>/keys")
@public
def take_key(code: str) -> Response:
    """Keep the key that was pressed, and say so to whoever pressed it."""
    desk = services()
    message = message_of(desk, code)
    url = (callback_url(desk.settings, code, channel=VOICE) or "") + KEYS
    token = callback_token(desk.settings, drill=message.drill is not None)
    signature = request.headers.get(SIGNATURE)
    if not is_signed(url=url, form=request.form, signature=signature, tokens=[token]):
        logger.warning("a key for message %s bears no true signature", message.id)
        abort(403)
    call, digits = request.form.get("CallSid", ""), request.form.get("Digits", "")
    if not 0 < len(call) <= LONGEST_ID - LONGEST_DIGITS - 1 or len(digits) > LONGEST_DIGITS:
        abort(400)
    if digits:
        _keep(desk, message, call=call, digits=digits)
    return Response(answered(digits, keys_url=url), mimetype="text/xml")


def _keep(desk: Services, message: OutgoingMessage, *, call: str, digits: str) -> None:
    """Keep a key, once for each call."""
    live_is_real = desk.settings.twilio_account_sid and message.drill is None
    try:
        with desk.transaction() as session:
            replies.keep(
                session,
                provider=message.provider or (TWILIO if live_is_real else STAND_IN),
                provider_id=f"{call}-{digits}",
                channel=VOICE,
                sender=message.to,
                message_code=message.code,
                body=digits,
                drill=message.drill is not None,
                now=desk.now(),
            )
    except IntegrityError:
        logger.info("a key came twice at once")
