"""What every page may use: labels, times, addresses of files, and the shell's own values."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from flask import Flask, current_app, g, get_flashed_messages, request, url_for
from flask_wtf.csrf import generate_csrf

from incident import words
from incident.operations.drill_time import REAL, DrillTime
from incident.services import Services
from incident.web import pulse
from incident.web.access import NAVIGATION_ORDER, Permission, grants
from incident.web.desk import services
from incident.web.language import gettext, language
from templates import ROOT

STATIC = ROOT / "static"
THEMES = ("auto", "light", "dark")
MOST_PLACES = 8
ADDRESSES = {
    "home": "home.show",
    "account": "account.show",
    "sign_out": "access.sign_out",
    "language": "home.language",
    "components": "home.show",
}
NARROWED = {
    "search": ("incidents.index", Permission.INCIDENT),
    "improvements": ("drills.improvements", Permission.LEARN),
    "new_improvement": ("drills.new_improvement", Permission.IMPROVE),
    "new_scenario": ("drills.new_scenario", Permission.DIRECT),
}
"""Addresses that only those with a permission are given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """The person of the page's corner."""

    display: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One way of the navigation."""

    url: str
    label: str
    current: bool
    count: int | None = None


def dress(app: Flask) -> None:
    """Give the app's templates their filters, globals and context."""
    environment = app.jinja_env
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.filters.update(
        moment=moment,
        clocktime=clocktime,
        daytime=daytime,
        isotime=isotime,
        remaining=remaining,
        drilltime=drilltime,
    )
    environment.globals.update(
        _=gettext, label=label, asset=asset, csrf_token=generate_csrf, phrase=phrase
    )
    app.context_processor(_shell)


def label(group: str, key: object) -> str:
    """Return the words for a key in the page's language."""
    return words.label(group, key, language())


def phrase(group: str, key: str, **values: object) -> str:
    """Return a phrase with its values in the page's language."""
    return words.phrase(group, key, values, language())


def local(value: datetime) -> datetime:
    """Return a moment in the office's zone."""
    return value.astimezone(services().settings.time_zone)


def moment(value: datetime | None) -> str:
    """Return 2026年11月23日 03:12; a moment not known is said to be."""
    if value is None:
        return words.label("common", "unknown", language())
    return local(value).strftime(words.label("common", "moment", language()))


def clocktime(value: datetime) -> str:
    """Return 03:12."""
    return f"{local(value):%H:%M}"


def daytime(value: datetime) -> str:
    """Return 11-23 03:12."""
    return f"{local(value):%m-%d %H:%M}"


def isotime(value: datetime) -> str:
    """Return 2026-11-23T03:12:00+08:00."""
    return local(value).isoformat(timespec="seconds")


def remaining(due: datetime, now: datetime, time: DrillTime | None = None) -> str:
    """Return how long is left until `due`, or by how much it is over; `time` None is real."""
    left = (time or REAL).left(due, now)
    return phrase("lengths", "left" if left >= timedelta(0) else "over", time=duration(abs(left)))


def drilltime(reading: timedelta) -> str:
    """Return T+1:02:03."""
    seconds = int(abs(reading).total_seconds())
    sign = "-" if reading < timedelta(0) else "+"
    return f"T{sign}{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def duration(length: timedelta) -> str:
    """Return a length of time in its two largest parts."""
    minutes = int(length.total_seconds()) // 60
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    units = (("days", days), ("hours", hours), ("minutes", minutes))
    parts = [f"{number} {label('lengths', unit)}" for unit, number in units if number]
    return " ".join(parts[:2]) or f"0 {label('lengths', 'minutes')}"


def asset(path: str) -> str:
    """Return the address of a static file, which changes when the file does."""
    return url_for("static", filename=path, v=_digest(path))


@lru_cache(maxsize=256)
def _digest(path: str) -> str:
    try:
        return hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:10]
    except FileNotFoundError:
        return "0"


def _shell() -> dict[str, object]:
    """Return what the shell round every page shows."""
    desk = services()
    theme = request.cookies.get("theme", "auto")
    return {
        "me": _me(),
        "navigation": _navigation(),
        **_pulse(desk),
        "now": desk.now(),
        "language": language(),
        "theme": theme if theme in THEMES else "auto",
        "organisation": desk.settings.organisation,
        "channels_stand_in": desk.channels.live_is_stand_in,
        "flashes": get_flashed_messages(with_categories=True),
        "urls": _addresses(),
        "duty": None,
        "version": "",
    }


def _pulse(desk: Services) -> dict[str, object]:
    """Return how the machinery stands; what the auditor found is for those who can act on it."""
    found = pulse.take(desk)
    concerned = "who" in g and (grants(g.who, Permission.DESK) or grants(g.who, Permission.SYSTEM))
    return {
        "pulse": pulse.as_told(found),
        "pulse_others": [label("promises", name) for name in found.others] if concerned else [],
        "pulse_page": _page_of(found.others) if concerned else None,
    }


def _page_of(broken: Sequence[str]) -> str | None:
    """Return where the person may see to what is broken, None where he may not."""
    if grants(g.who, Permission.SYSTEM):
        return url_for("system.show")
    return url_for("spool.index") if "spool" in broken and grants(g.who, Permission.CALL) else None


def _me() -> Me | None:
    if "who" not in g:
        return None
    return Me(
        display=g.who.display, roles=tuple(label("roles", role) for role in sorted(g.who.roles))
    )


def _navigation() -> Sequence[Place]:
    if "who" not in g:
        return ()
    here = _first_part(request.path)
    places = [
        Place(
            url=url_for(endpoint),
            label=label("navigation", endpoint),
            current=here == _first_part(url_for(endpoint)),
        )
        for endpoint, permission in NAVIGATION_ORDER
        if grants(g.who, permission) and _exists(endpoint)
    ]
    return places[:MOST_PLACES]


def _first_part(address: str) -> str:
    return address.split("/")[1]


def _exists(endpoint: str) -> bool:
    return endpoint in current_app.view_functions


def _addresses() -> dict[str, str]:
    who = g.get("who")
    narrowed = {
        name: endpoint
        for name, (endpoint, permission) in NARROWED.items()
        if who is not None and grants(who, permission)
    }
    wanted = ADDRESSES | narrowed
    return {name: url_for(endpoint) for name, endpoint in wanted.items() if _exists(endpoint)}
