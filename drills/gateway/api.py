"""The part of Twilio's HTTP that the desk uses: messages and calls, made, listed and fetched."""

import html
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request

from drills.gateway.parts import Trouble, only_the_account, parts
from drills.gateway.play import play
from drills.gateway.records import call_record, message_record
from drills.gateway.store import CALL, MESSAGE, Item

api = Blueprint("gateway_api", __name__, url_prefix="/2010-04-01/Accounts/<account>")
api.before_request(only_the_account)

LONGEST_BODY = 1600
LONGEST_VALIDITY = 36_000
LONGEST_RING = 600
PAGE = 50
LARGEST_PAGE = 1000
_PAGING = frozenset({"Page", "PageSize", "PageToken"})
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_ASKS = re.compile(r"<Gather\b[^>]*\baction=\"([^\"]*)\"")
_SAY = re.compile(r"<Say\b[^>]*>(.*?)</Say>", re.DOTALL)

# Numbers that are refused for one reason each, as with Twilio's own test credentials.
MAGIC = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}


@api.post("/Messages.json")
def create_message(account: str) -> Response:
    """Take an SMS after the checks that Twilio makes, unless a fault is in the way."""
    sender, to = _numbers()
    body = request.form.get("Body", "")
    if not body:
        raise Trouble(400, 21602, "Message body is required")
    if len(body) > LONGEST_BODY:
        raise Trouble(400, 21617, f"The message body exceeds the {LONGEST_BODY} character limit")
    _check_validity()
    return _taken(kind=MESSAGE, to=to, sender=sender, body=body, record=message_record)


@api.post("/Calls.json")
def create_call(account: str) -> Response:
    """Take a call; what the TwiML says is kept, once."""
    sender, to = _numbers()
    script = request.form.get("Twiml", "")
    said, asks = _SAY.search(script), _ASKS.search(script)
    if said is None:
        raise Trouble(400, 21205, "Twiml with something to say is required")
    keys_url = html.unescape(asks[1]) if asks else None
    if keys_url is not None and not parts().postman.may_call(keys_url):
        raise Trouble(400, 21205, "The action of the Gather is not a valid URL")
    return _taken(
        kind=CALL,
        to=to,
        sender=sender,
        body=html.unescape(said[1]),
        record=call_record,
        keys_url=keys_url,
        ring=_seconds("Timeout", LONGEST_RING),
    )


@api.get("/Messages.json")
def list_messages(account: str) -> Response:
    return _listed("messages", kind=MESSAGE, moment="DateSent", record=message_record)


@api.get("/Calls.json")
def list_calls(account: str) -> Response:
    return _listed("calls", kind=CALL, moment="StartTime", record=call_record)


@api.get("/Messages/<sid>.json")
def fetch_message(account: str, sid: str) -> Response:
    return _fetched(sid, kind=MESSAGE, record=message_record)


@api.get("/Calls/<sid>.json")
def fetch_call(account: str, sid: str) -> Response:
    return _fetched(sid, kind=CALL, record=call_record)


Record = Callable[[Item, str], Mapping[str, Any]]


def _numbers() -> tuple[str, str]:
    """Return From and To, after the checks that messages and calls share."""
    sender, to = request.form.get("From", ""), request.form.get("To", "")
    if not to:
        raise Trouble(400, 21604, "A 'To' phone number is required.")
    if not sender:
        raise Trouble(400, 21603, "A 'From' phone number is required.")
    if not _E164.fullmatch(sender):
        raise Trouble(400, 21212, "The 'From' phone number is not a valid phone number.")
    if parts().from_number not in (None, sender):
        raise Trouble(400, 21606, "The 'From' phone number is not one of this account.")
    if not _E164.fullmatch(to):
        raise Trouble(400, 21211, "The 'To' phone number is not a valid phone number.")
    if to in MAGIC:
        raise Trouble(400, MAGIC[to], "This test number is refused.")
    return sender, to


def _check_validity() -> None:
    asked = request.form.get("ValidityPeriod", str(LONGEST_VALIDITY))
    if not re.fullmatch(r"[0-9]{1,5}", asked) or not 1 <= int(asked) <= LONGEST_VALIDITY:
        raise Trouble(400, 20001, f"ValidityPeriod must be from 1 to {LONGEST_VALIDITY} seconds")


def _seconds(name: str, longest: int) -> int:
    """Read how long a telephone is to ring, in seconds; Twilio's own default is 60."""
    asked = request.form.get(name, "60")
    if not re.fullmatch(r"[0-9]{1,3}", asked) or not 1 <= int(asked) <= longest:
        raise Trouble(400, 20001, f"{name} must be from 1 to {longest} seconds")
    return int(asked)


def _taken(
    *,
    kind: str,
    to: str,
    sender: str,
    body: str,
    record: Record,
    keys_url: str | None = None,
    ring: int = 0,
) -> Response:
    callback = request.form.get("StatusCallback") or None
    if callback is not None and not parts().postman.may_call(callback):
        raise Trouble(400, 21609, "The StatusCallback URL is not valid.")

    def take() -> Response:
        item = parts().store.accept(
            kind=kind,
            to=to,
            sender=sender,
            body=body,
            callback=callback,
            keys_url=keys_url,
            ring=ring,
        )
        parts().take(item)
        answer = jsonify(record(item, parts().account_sid))
        answer.status_code = 201
        return answer

    struck = parts().faults.strike(on="create", message=(to, callback or body), to=to)
    return play(struck, take=take)


def _listed(name: str, *, kind: str, moment: str, record: Record) -> Response:
    return _asked(lambda: _list(name, kind=kind, moment=moment, record=record))


def _fetched(sid: str, *, kind: str, record: Record) -> Response:
    return _asked(lambda: _fetch(sid, kind=kind, record=record))


def _asked(answer: Callable[[], Response]) -> Response:
    struck = parts().faults.strike(on="ask", message=None, to=request.args.get("To"))
    return play(struck, take=answer)


def _list(name: str, *, kind: str, moment: str, record: Record) -> Response:
    """Answer a page of what was taken, newest first, narrowed by number and moment."""
    earliest, latest = _between(moment)
    found = [
        item
        for item in parts().store.newest(kind=kind, to=request.args.get("To") or None)
        if earliest <= (item.sent_at or item.created_at) < latest
    ]
    size = min(_whole("PageSize", PAGE) or PAGE, LARGEST_PAGE)
    page = _whole("Page", 0)
    shown = found[page * size : (page + 1) * size]
    last = (page + 1) * size >= len(found)
    return jsonify(
        {
            name: [record(item, parts().account_sid) for item in shown],
            "page": page,
            "page_size": size,
            "start": page * size,
            "end": page * size + max(len(shown) - 1, 0),
            "uri": _page_uri(page, size),
            "first_page_uri": _page_uri(0, size),
            "next_page_uri": None if last else _page_uri(page + 1, size),
            "previous_page_uri": None if page == 0 else _page_uri(page - 1, size),
        }
    )


def _fetch(sid: str, *, kind: str, record: Record) -> Response:
    item = parts().store.get(sid, kind=kind)
    if item is None:
        raise Trouble(404, 20404, f"The requested resource {request.path} was not found")
    return jsonify(record(item, parts().account_sid))


def _between(moment: str) -> tuple[datetime, datetime]:
    """Read the filters `X`, `X>` and `X<`, each a day or a moment in ISO 8601."""
    earliest, latest = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    day = request.args.get(moment)
    if day:
        earliest = _moment(day)
        latest = earliest + timedelta(days=1)
    if after := request.args.get(f"{moment}>"):
        earliest = max(earliest, _moment(after))
    if before := request.args.get(f"{moment}<"):
        latest = min(latest, _moment(before))
    return earliest, latest


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Trouble(400, 20001, "A date must be in ISO 8601") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _whole(name: str, default: int) -> int:
    text = request.args.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise Trouble(400, 20001, f"{name} must be a whole number")
    return int(text)


def _page_uri(page: int, size: int) -> str:
    asked = {name: value for name, value in request.args.items() if name not in _PAGING}
    return f"{request.path}?{urlencode(asked | {'Page': page, 'PageSize': size})}"
