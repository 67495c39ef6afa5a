"""Read what a mainland gateway pushes: reports of messages, and replies of people."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from notifications.gateway_sms import STATUSES, reason_of
from notifications.receipt import BadReceipt, Receipt

MOST = 100  # in one push: it must be kept before the gateway loses its patience
LONGEST_REPLY = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of one message; `reference` is the code that we gave it."""

    reference: str
    receipt: Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """What somebody answered. The push names no message: who sent what, when, is all there is.

    `id` is made of exactly that, so that the same push is known when it comes again.
    """

    id: str
    sender: str = field(repr=False)
    text: str = field(repr=False)
    extension: str


def reports(body: bytes) -> list[Report]:
    """Read a push of reports; raises BadReceipt for anything else."""
    return [_report(one) for one in _list(body)]


def replies(body: bytes) -> list[Inbound]:
    """Read a push of replies; raises BadReceipt for anything else."""
    return [_reply(one) for one in _list(body)]


def _list(body: bytes) -> list[Mapping[str, object]]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise BadReceipt("the push is not JSON") from None
    if not isinstance(found, list) or len(found) > MOST:
        raise BadReceipt("the push is no list, or too long a one")
    if not all(isinstance(one, dict) for one in found):
        raise BadReceipt("the push holds something that is no object")
    return found


def _report(one: Mapping[str, object]) -> Report:
    status = STATUSES.get(str(one.get("status")))
    reference, provider_id = str(one.get("reference", "")), str(one.get("id", ""))
    if status is None or not 0 < len(provider_id) <= 60 or not 0 < len(reference) <= 32:
        raise BadReceipt("a report names no message or no status")
    code = reason_of(one.get("reason")) if status == "undelivered" else None
    return Report(
        reference=reference,
        receipt=Receipt(provider_id=provider_id, status=status, error_code=code),
    )


def _reply(one: Mapping[str, object]) -> Inbound:
    sender, text, moment = (str(one.get(name, "")) for name in ("phone", "text", "at"))
    if not 0 < len(sender) <= 20 or len(text) > LONGEST_REPLY:
        raise BadReceipt("a reply names no sender, or is too long")
    known = json.dumps([sender, text, moment], ensure_ascii=False).encode()
    return Inbound(
        id=hashlib.sha256(known).hexdigest()[:40],
        sender=sender,
        text=text,
        extension=str(one.get("extension", ""))[:10],
    )
