"""The providers' callbacks: believed only with a true signature, kept, and answered at once."""

import logging

from flask import Blueprint, Response, abort, request
from sqlalchemy.exc import IntegrityError

from incident.channels import callback_token, callback_url
from incident.operations import receipts
from incident.services import Services
from incident.web.access import public
from incident.web.desk import services
from notifications.receipt import BadReceipt, BadSignature, Receipt, read

logger = logging.getLogger(__name__)

SIGNATURE = "X-Twilio-Signature"
LONGEST_ID, LONGEST_STATUS = 60, 20  # what the table has room for

blueprint = Blueprint("callbacks", __name__)


@blueprint.post("/callbacks/sms/<code>")
@public
def take_receipt(code: str) -> Response:
    """Keep a receipt; a job merges it. One that came before is answered alike."""
    desk = services()
    told = _believed(desk, code)
    try:
        with desk.transaction() as session:
            receipts.keep(session, code, told, raw=request.form, now=desk.now())
    except IntegrityError:
        logger.info("a receipt came twice at once")
    return Response(status=204)


def _believed(desk: Services, code: str) -> Receipt:
    with desk.reading() as session:
        message = receipts.message_of(session, code)
    if message is None:
        abort(403)
    try:
        told = read(
            url=callback_url(desk.settings, code),
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
