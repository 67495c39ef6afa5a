"""The stand-in as a group's robot: what is posted shows as the group would see it."""

import hmac
import json

from flask import Blueprint, Response, jsonify, request

from drills.gateway.parts import Trouble, parts
from drills.gateway.play import play
from drills.gateway.store import GROUP

PREFIX = "/robots"
group = Blueprint("gateway_group", __name__, url_prefix=PREFIX)

DIALECTS = frozenset({"wecom", "dingtalk", "feishu"})
NUMBER = "group:{}"
LONGEST = 2000


@group.post("/<dialect>")
def post(dialect: str) -> Response:
    """Take a post; the three name the text and the code of success differently."""
    if dialect not in DIALECTS:
        raise Trouble(404, 20404, "There is no such robot")
    if not hmac.compare_digest(request.args.get("key", "").encode(), parts().auth_token.encode()):
        return jsonify({"errcode": 93000, "code": 19001})
    text = _text()
    if not 0 < len(text) <= LONGEST:
        return jsonify({"errcode": 40008, "code": 9499})

    def take() -> Response:
        parts().store.accept(
            kind=GROUP, to=NUMBER.format(dialect), sender="", body=text, callback=None
        )
        return jsonify({"errcode": 0, "code": 0})

    struck = parts().faults.strike(
        on="create", message=(dialect, text), to=NUMBER.format(dialect), dialect="group"
    )
    return play(struck, take=take)


def _text() -> str:
    try:
        found = json.loads(request.get_data())
        kind = "content" if "msg_type" in found else "text"
        return str(found[kind]["text" if kind == "content" else "content"])
    except (ValueError, KeyError, TypeError):
        return ""
