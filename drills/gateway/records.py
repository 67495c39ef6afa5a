"""A message and a call in the shape that Twilio's HTTP gives them."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from drills.gateway.store import FINAL, Item
from notifications.segments import segments

VERSION = "2010-04-01"


def message_record(item: Item, account_sid: str) -> Mapping[str, Any]:
    return _common(item, account_sid, folder="Messages") | {
        "body": item.body,
        "date_sent": _moment(item.sent_at),
        "error_code": item.error_code,
        "error_message": None if item.error_code is None else "See the error code.",
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": str(segments(item.body).count),
        "price": None,
        "price_unit": "USD",
    }


def call_record(item: Item, account_sid: str) -> Mapping[str, Any]:
    ended = item.updated_at if item.status in FINAL else None
    return _common(item, account_sid, folder="Calls") | {
        "answered_by": None,
        "duration": None,
        "end_time": _moment(ended),
        "start_time": _moment(item.sent_at),
        "price": None,
        "price_unit": "USD",
    }


def _common(item: Item, account_sid: str, *, folder: str) -> dict[str, Any]:
    return {
        "account_sid": account_sid,
        "api_version": VERSION,
        "date_created": _moment(item.created_at),
        "date_updated": _moment(item.updated_at),
        "direction": "outbound-api",
        "from": item.sender,
        "sid": item.sid,
        "status": item.status,
        "subresource_uris": {},
        "to": item.to,
        "uri": f"/{VERSION}/Accounts/{account_sid}/{folder}/{item.sid}.json",
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else format_datetime(moment)
