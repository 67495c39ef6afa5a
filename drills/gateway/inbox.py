"""The page of the stand-in provider: what arrived, as the phones would show it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import yaml
from babel.messages.pofile import read_po
from flask import Blueprint, render_template, request

from drills.gateway.calls import RINGING, TALKING
from drills.gateway.parts import Trouble, only_the_account, parts
from drills.gateway.store import CALL, GATEWAY, GROUP, MAIL, MESSAGE, Item
from notifications.segments import segments
from notifications.text import bears_drill_mark
from templates import ROOT

inbox = Blueprint("gateway_inbox", __name__)

PHONES = 60
GLIMPSE = 3
WHOLE = 200
KEYS = ("1", "2")
ANSWERS = ("1", "2", "3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One message on a phone; `at` is in the site's zone.

    `quick` are answers that are ready to be sent. A call may ring, or ask for a key; `heard`
    is what it said last.
    """

    sid: str
    kind: str
    can_reply: bool
    quick: tuple[str, ...]
    rings: bool
    talks: bool
    heard: str | None
    text: str
    drill: bool
    status: str
    error_code: int | None
    segments: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """One number: how much came, and the newest of it first."""

    number: str
    kind: str
    total: int
    arrivals: tuple[Arrival, ...]


@inbox.before_request
def _only_insiders() -> None:
    """Ask for the account's token where others than this machine can see the page."""
    if not parts().open_inbox:
        only_the_account()


@inbox.get("/")
def all_phones() -> str:
    store = parts().store
    phones = [_phone(number, at_most=GLIMPSE) for number in store.numbers(at_most=PHONES)]
    return _page(phones, total=len(store), numbers=store.count_numbers(), single=False)


@inbox.get("/phones/<number>")
def one_phone(number: str) -> str:
    phone = _phone(number, at_most=WHOLE)
    if not phone.arrivals:
        raise Trouble(404, 20404, "Nothing has arrived for this number")
    return _page([phone], total=phone.total, numbers=1, single=True)


def _page(phones: list[Phone], *, total: int, numbers: int, single: bool) -> str:
    language = "en" if request.args.get("lang") == "en" else "zh"
    return render_template(
        "gateway.html",
        phones=phones,
        total=total,
        numbers=numbers,
        single=single,
        language=language,
        keys=KEYS,
        _=_translator(language),
    )


def _phone(number: str, *, at_most: int) -> Phone:
    items = parts().store.newest(to=number)
    arrivals = tuple(_arrival(item) for item in items[:at_most])
    kind = items[0].kind if items and items[0].kind in (GROUP, MAIL) else "phone"
    return Phone(number=number, kind=kind, total=len(items), arrivals=arrivals)


def _arrival(item: Item) -> Arrival:
    can_reply = item.kind in (MESSAGE, GATEWAY) and item.callback is not None
    return Arrival(
        sid=item.sid,
        kind=item.kind,
        can_reply=can_reply,
        quick=_quick(item.body) if can_reply else (),
        rings=item.kind == CALL and item.status == RINGING,
        talks=item.kind == CALL and item.status == TALKING,
        heard=item.heard,
        text=item.body,
        drill=bears_drill_mark(item.body),
        status=item.status,
        error_code=item.error_code,
        segments=segments(item.body).count,
        at=item.created_at.astimezone(parts().zone),
    )


def _quick(body: str) -> tuple[str, ...]:
    """Return the answers that a message asks for, with its own code."""
    asked = _code().search(body)
    return tuple(asked[1] + answer for answer in ANSWERS) if asked else ()


@cache
def _code() -> re.Pattern[str]:
    """Return the pattern of a code in a message: it follows the words that ask for an answer."""
    words = yaml.safe_load((ROOT / "messages" / "sms.yaml").read_text(encoding="utf-8"))
    asks = {way.partition("{code}")[0] for way in words["replies"]}
    return re.compile(f"(?:{'|'.join(map(re.escape, sorted(asks)))})([2-9A-Z]{{2}})")


@cache
def _translator(language: str) -> Callable[[str], str]:
    """Return what turns the page's Chinese into a language; Chinese stays as it is."""
    if language == "zh":
        return str
    with (ROOT / "translations" / language / "gateway.po").open("rb") as file:
        catalogue = {str(entry.id): str(entry.string) for entry in read_po(file) if entry.string}
    return lambda words: catalogue.get(words, words)
