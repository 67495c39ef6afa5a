"""The stand-in as a gateway of the mainland: signed JSON, registered texts, HTTP 200 to all."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from drills.gateway.parts import parts
from drills.gateway.play import play
from drills.gateway.post import gateway_record
from drills.gateway.store import GATEWAY, Item
from notifications import gateway_signature
from notifications.registered import Parted, join, registered

PREFIX = "/mainland"
mainland = Blueprint("gateway_mainland", __name__, url_prefix=PREFIX)

TEMPLATE = "ML-{}"
LONGEST_PARAMETER = 200
MOST = 50
_PHONE = re.compile(r"\+86[0-9]{10,12}")

# Numbers that are refused for one reason each.
MAGIC = {"+8610000000901": 2101, "+8610000000902": 2102, "+8610000000903": 3002}


class No(Exception):
    """A request that is answered with a code of the gateway's own."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


def template_ids() -> dict[str, str]:
    """Return the id of each registered text, as the stand-in gave it."""
    return {name: TEMPLATE.format(name) for name in registered()}


@mainland.before_request
def _only_the_signed() -> Response | None:
    """Let in what is signed with the account's secret, not too long ago."""
    known = parts()
    good = gateway_signature.is_signed(
        dict(request.headers),
        key=known.account_sid,
        secret=known.auth_token,
        path=request.path,
        body=request.get_data(),
        now=known.now(),
    )
    return None if good else jsonify({"code": 1002})


@mainland.errorhandler(No)
def _refuse(no: No) -> Response:
    return jsonify({"code": no.code})


@mainland.post("/sms/send")
def send() -> Response:
    """Take a message: its text is put together from the registered one."""
    asked = _asked()
    phone, reference = str(asked.get("phone", "")), str(asked.get("reference", ""))
    if not _PHONE.fullmatch(phone):
        raise No(2103 if phone.startswith("+") else 2101)
    if phone in MAGIC:
        raise No(MAGIC[phone])
    body = _text(asked)
    push = asked.get("push")
    if push is not None and not parts().postman.may_call(str(push)):
        raise No(1003)

    def take() -> Response:
        item = parts().store.accept(
            kind=GATEWAY,
            to=phone,
            sender=str(asked.get("extension", "")),
            body=body,
            callback=None if push is None else str(push),
            reference=reference,
        )
        parts().take(item)
        return jsonify({"code": 0, "id": item.sid})

    struck = parts().faults.strike(
        on="create", message=(phone, reference), to=phone, dialect="mainland"
    )
    return play(struck, take=take)


@mainland.post("/sms/recent")
def recent() -> Response:
    """Tell of what was taken for a number since a moment, newest first."""
    asked = _asked()
    since = _moment(asked.get("since"))
    phone = str(asked.get("phone", ""))
    return _told(
        [item for item in parts().store.newest(kind=GATEWAY, to=phone) if item.created_at >= since],
        to=phone,
    )


@mainland.post("/sms/query")
def query() -> Response:
    """Tell of one message."""
    item = parts().store.get(str(_asked().get("id")), kind=GATEWAY)
    return _told([item] if item else [], to=item.to if item else None)


@mainland.post("/account/balance")
def balance() -> Response:
    """Tell how many messages are still paid for: of the stand-in, as many as one likes."""
    return jsonify({"code": 0, "left": 10_000 - len(parts().store)})


def _told(items: list[Item], *, to: str | None) -> Response:
    def tell() -> Response:
        return jsonify({"code": 0, "messages": [gateway_record(item) for item in items[:MOST]]})

    struck = parts().faults.strike(on="ask", message=None, to=to, dialect="mainland")
    return play(struck, take=tell)


def _asked() -> Mapping[str, Any]:
    try:
        found = json.loads(request.get_data())
    except ValueError:
        raise No(1003) from None
    if not isinstance(found, dict):
        raise No(1003)
    return found


def _text(asked: Mapping[str, Any]) -> str:
    """Put the text together; signature, template and parameters must be those registered."""
    names = {id: name for name, id in template_ids().items()}
    name, signature = names.get(str(asked.get("template"))), asked.get("signature")
    parameters = asked.get("parameters")
    if not isinstance(signature, str) or not signature or "】" in signature:
        raise No(2001)
    if name is None:
        raise No(2002)
    if not isinstance(parameters, dict) or not all(
        isinstance(value, str) and len(value) <= LONGEST_PARAMETER for value in parameters.values()
    ):
        raise No(2003)
    try:
        return join(Parted(template=name, signature=signature, parameters=parameters))
    except KeyError:
        raise No(2003) from None


def _moment(text: object) -> datetime:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        raise No(1003) from None
    if found.tzinfo is None:
        raise No(1003)
    return found
