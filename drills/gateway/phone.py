"""What somebody does at a telephone of the stand-in: answer by SMS, pick up, press a key."""

from collections.abc import Callable, Mapping
from urllib.parse import quote

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from drills.gateway.calls import Switchboard
from drills.gateway.parts import Trouble, only_the_account, parts
from drills.gateway.store import CALL, GATEWAY, MESSAGE, REPLY, Item

phone = Blueprint("gateway_phone", __name__, url_prefix="/phones/<number>")

LONGEST_REPLY = 500
_DO: Mapping[str, Callable[[Switchboard, str], bool]] = {
    "pick-up": Switchboard.pick_up,
    "refuse": Switchboard.refuse,
    "ignore": Switchboard.ignore,
    "hang-up": Switchboard.hang_up,
}


@phone.before_request
def _only_from_this_page() -> None:
    """Take nothing that another page makes a browser send; elsewhere ask for the token."""
    origin = request.headers.get("Origin")
    if origin is not None and origin != request.host_url.rstrip("/"):
        raise Trouble(403, 20403, "Only the stand-in's own page may do this")
    if not parts().open_inbox:
        only_the_account()


@phone.post("/messages/<sid>/reply")
def reply(number: str, sid: str) -> Response:
    """Answer a message, as its telephone would."""
    message = _on(number, sid, MESSAGE, GATEWAY)
    text = request.form.get("text", "").strip()[:LONGEST_REPLY]
    if not text or message.callback is None:
        raise Trouble(400, 21602, "A reply needs a text, and a message that can be answered")
    said = parts().store.accept(
        kind=REPLY, to=number, sender=message.sender, body=text, callback=None, reference=sid
    )
    here = parts()  # the errand runs outside of the request
    here.errands.after(0, lambda: here.postman.reply(said, to=message))
    return _back(number)


@phone.post("/calls/<sid>/<what>")
def call(number: str, sid: str, what: str) -> Response:
    """Do something with a call; what is too late does nothing."""
    _on(number, sid, CALL)
    switchboard = parts().switchboard
    if what == "press":
        switchboard.press(sid, request.form.get("key", ""))
    elif what in _DO:
        _DO[what](switchboard, sid)
    else:
        raise Trouble(404, 20404, "A telephone cannot do this")
    return _back(number)


def _on(number: str, sid: str, *kinds: str) -> Item:
    item = parts().store.find(sid)
    if item is None or item.to != number or item.kind not in kinds:
        raise Trouble(404, 20404, "Nothing of this kind is on this telephone")
    return item


def _back(number: str) -> Response:
    """Go back to the page that it came from: this telephone's, or all."""
    path = f"/phones/{quote(number)}" if request.form.get("single") else "/"
    return redirect(path + ("?lang=en" if request.form.get("lang") == "en" else ""), 303)
