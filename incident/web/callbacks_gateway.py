"""What a mainland gateway pushes: signed, kept in one transaction, answered within 700 ms."""

import logging
from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, jsonify, request
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from incident.channels import (
    DRILL_EXTENSION,
    PUSHES,
    SECOND_STAND_IN,
    SMS,
    push_accounts,
)
from incident.models import OutgoingMessage
from incident.operations import receipts, replies
from incident.services import Services
from incident.web.access import public
from incident.web.callbacks import refuse
from incident.web.desk import services
from notifications import gateway_push, gateway_signature
from notifications.gateway_push import Inbound, Report
from notifications.receipt import BadReceipt

logger = logging.getLogger(__name__)

LARGEST_PUSH = 256 * 1024

blueprint = Blueprint("callbacks_gateway", __name__)


@blueprint.post("/callbacks/gateway/report")
@public
def take_reports() -> Response:
    """Keep what became of messages; a job merges it."""
    desk = services()
    provider = _who_signs(desk)
    try:
        told = gateway_push.reports(request.get_data())
    except BadReceipt:
        abort(400)
    try:
        with desk.transaction() as session:
            _keep_reports(session, desk, told, provider=provider)
    except IntegrityError:
        return _again()
    return jsonify({"code": 0})


@blueprint.post("/callbacks/gateway/inbound")
@public
def take_replies() -> Response:
    """Keep what people answered; the engine finds out to what."""
    desk = services()
    provider = _who_signs(desk)
    try:
        told = gateway_push.replies(request.get_data())
    except BadReceipt:
        abort(400)
    try:
        with desk.transaction() as session:
            _keep_replies(session, desk, told, provider=provider)
    except IntegrityError:
        return _again()
    return jsonify({"code": 0})


def _keep_reports(
    session: Session, desk: Services, told: Sequence[Report], *, provider: str
) -> None:
    """Keep reports of messages that the desk knows, and that this gateway may speak of."""
    for one in told:
        message = receipts.message_of(session, one.reference)
        if message is None or (provider == SECOND_STAND_IN) != _is_practice(desk, message):
            logger.warning("a gateway reports a message that is none of its own")
            continue
        receipts.keep(session, one.reference, one.receipt, raw={}, now=desk.now())


def _is_practice(desk: Services, message: OutgoingMessage) -> bool:
    """Tell whether a message can only have gone to the stand-in."""
    return message.drill is not None or not desk.settings.has_live_sms


def _keep_replies(
    session: Session, desk: Services, told: Sequence[Inbound], *, provider: str
) -> None:
    for one in told:
        replies.keep(
            session,
            provider=provider,
            provider_id=one.id,
            channel=SMS,
            sender=one.sender,
            body=one.text,
            drill=provider == SECOND_STAND_IN and one.extension == DRILL_EXTENSION,
            now=desk.now(),
        )


def _who_signs(desk: Services) -> str:
    """Return which gateway signed the push; abort when none did."""
    if (request.content_length or 0) > LARGEST_PUSH:
        abort(413)
    path = urlsplit(desk.settings.public_url + PUSHES).path + request.path.removeprefix(PUSHES)
    signing = (
        provider
        for provider, (key, secret) in push_accounts(desk.settings).items()
        if gateway_signature.is_signed(
            dict(request.headers),
            key=key,
            secret=secret,
            path=path,
            body=request.get_data(),
            now=desk.now(),
        )
    )
    return next(signing, None) or refuse("a push bears no true signature")


def _again() -> Response:
    """Something of it came twice at once: ask for the whole push once more."""
    answer = jsonify({"code": 1})
    answer.status_code = 503
    return answer
