"""The audit trail: who did what when, and whether the chain of entries is whole."""

from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from incident.operations.audit import Verified, verify
from incident.queries import audit as trail
from incident.web.access import Permission, requires
from incident.web.desk import services
from incident.web.looks import label

blueprint = Blueprint("audit", __name__)
FIELDS = ("actor", "type", "object", "subject", "since", "until")
LONGEST = 60


@blueprint.get("/audit")
@requires(Permission.AUDIT)
def show() -> ResponseReturnValue:
    """Show the entries that are looked for, the newest first."""
    return _page(None)


@blueprint.post("/audit/verify")
@requires(Permission.AUDIT)
def check() -> ResponseReturnValue:
    """Walk the whole chain and say what was found."""
    with services().reading() as session:
        found = verify(session)
    return _page(found)


def _page(verified: Verified | None) -> str:
    asked = {name: request.args.get(name, "").strip()[:LONGEST] for name in FIELDS}
    before = request.args.get("before", "")[:12]
    with services().reading() as session:
        traces = trail.traces(
            session,
            _wanted(asked),
            before=int(before) if before.isascii() and before.isdigit() else None,
        )
        chain = trail.chain(session)
        types = trail.types(session)
    return render_template(
        "audit/show.html",
        asked=asked,
        traces=traces,
        chain=chain,
        types=[(type, label("entries", type)) for type in types],
        subjects=[(name, label("subjects", name)) for name in trail.SUBJECTS],
        verified=verified,
        older=_address(asked, traces.older),
        newer=_address(asked, traces.newer),
    )


def _wanted(asked: dict[str, str]) -> trail.Wanted:
    return trail.Wanted(
        actor=asked["actor"],
        type=asked["type"],
        object=asked["object"],
        subject=asked["subject"] if asked["subject"] in trail.SUBJECTS else "",
        since=_midnight(asked["since"], days=0),
        until=_midnight(asked["until"], days=1),
    )


def _midnight(text: str, *, days: int) -> datetime | None:
    """Return the local midnight that begins a day, or one some days later; None for no day."""
    try:
        day = date.fromisoformat(text)
        moment = datetime.combine(day, time(), services().settings.time_zone)
        return moment + timedelta(days=days)
    except (ValueError, OverflowError):
        return None


def _address(asked: dict[str, str], before: int | None) -> str | None:
    if before is None:
        return None
    kept = {name: value for name, value in asked.items() if value}
    return f"{url_for('.show')}?{urlencode({**kept, 'before': before})}"
