"""One's own duties as a calendar, under a secret address that can be made void."""

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from incident import calendars, words
from incident.calendars import Appointment
from incident.errors import NotFound
from incident.operations import duty_feeds
from incident.queries import on_duty
from incident.queries.on_duty import Duty
from incident.web.access import Permission, public, requires, who
from incident.web.desk import services
from incident.web.looks import phrase

blueprint = Blueprint("roster_feed", __name__, url_prefix="/roster/feed")
AHEAD = 180


@blueprint.post("")
@requires(Permission.ROSTER)
def make() -> ResponseReturnValue:
    """Make an address, and show it this once."""
    desk = services()
    with desk.transaction() as session:
        token = duty_feeds.make(session, who().person, now=desk.now())
    base = desk.settings.public_url.rstrip("/")
    return render_template("roster/feed.html", address=base + url_for(".feed", token=token)), 201


@blueprint.post("/end")
@requires(Permission.ROSTER)
def end() -> ResponseReturnValue:
    """Make the address void."""
    with services().transaction() as session:
        duty_feeds.revoke(session, who().person)
    flash(phrase("notices", "feed-ended"), "success")
    return redirect(url_for("account.show"), 303)


@blueprint.get("/<token>.ics")
@public
def feed(token: str) -> ResponseReturnValue:
    """Give the duties of whose address it is; nobody else is named."""
    desk, now = services(), services().now()
    with desk.reading() as session:
        user = duty_feeds.owner(session, token)
        if user is None:
            raise NotFound
        found = on_duty.mine(session, user.id, desk.rules, now, days=AHEAD)
        language, name = user.language, user.display
    title = words.phrase("calendar", "name", {"person": name}, language)
    told = (_appointment(duty, language) for duty in found)
    answer = Response(calendars.feed(title, told, now=now), mimetype="text/calendar")
    answer.headers.set("Content-Disposition", "attachment", filename="duty.ics")
    return answer


def _appointment(duty: Duty, language: str) -> Appointment:
    tier = words.label("tiers", duty.tier, language)
    return Appointment(
        key=f"{duty.code}-{duty.tier}-{duty.starts_at:%Y%m%dT%H%M}",
        title=words.phrase("calendar", "duty", {"post": duty.post, "tier": tier}, language),
        starts_at=duty.starts_at,
        ends_at=duty.ends_at,
    )
