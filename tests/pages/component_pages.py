"""The components page with invented values, for tests that need no desk behind it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from jinja2 import Environment

from templates import ROOT, make_environment

NOW = datetime(2026, 11, 22, 19, 12, tzinfo=UTC)
NAVIGATION = [
    {"url": "/desk", "label": "工作台", "current": True, "count": None},
    {"url": "/reports", "label": "接报", "current": False, "count": 3},
]


def same(text: str) -> str:
    return text


def environment(translate: Callable[[str], str] = same) -> Environment:
    """Return the pages' environment with stand-ins for what the desk adds to it."""
    env = make_environment("pages")
    env.filters.update(
        moment=lambda at: f"{at:%Y-%m-%d %H:%M}",
        clocktime=lambda at: f"{at:%H:%M}",
        daytime=lambda at: f"{at:%m-%d %H:%M}",
        isotime=lambda at: at.isoformat(timespec="seconds"),
        remaining=lambda due, now, time=None: f"{(due - now).total_seconds() / 60:.0f}",
    )
    env.globals.update(
        _=translate,
        csrf_token=lambda: "a-token",
        asset=lambda path: f"/static/{path}",
        label=lambda group, key: f"{group}:{key}",
    )
    return env


def context(**changes: Any) -> dict[str, Any]:
    return {
        "me": {"display": "王示例", "roles": ["值班员"]},
        "navigation": NAVIGATION,
        "drill": False,
        "pulse": {"state": "good", "pill": "引擎正常", "text": ""},
        "pulse_others": [],
        "now": NOW,
        "language": "zh",
        "theme": "light",
        "duty": None,
        "organisation": "示例市市场监督管理局",
        "channels_stand_in": True,
        "version": "0",
        "flashes": [],
        "urls": dict.fromkeys(("home", "search", "sign_out", "language", "components"), "/"),
        **changes,
    }


def render(name: str = "components.html", **changes: Any) -> str:
    return environment().get_template(name).render(context(**changes))


def snippet(source: str, **values: Any) -> str:
    """Render a few lines of template; spaces run together so that tests read well."""
    text = environment().from_string(source).render(now=NOW, **values)
    return re.sub(r"\s+", " ", text).strip()


def sheet(name: str) -> str:
    return (ROOT / "static" / name).read_text()
