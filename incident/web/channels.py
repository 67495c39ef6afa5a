"""The channels for those who keep them: order and health of the providers, tests, a pause."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from incident.errors import NotFound
from incident.models import Provider, User
from incident.operations import providers
from incident.queries import providers as listed
from incident.services import Services
from incident.web.access import Permission, requires, who
from incident.web.desk import services
from incident.web.looks import label, phrase
from notifications.chain import Chain

blueprint = Blueprint("channels", __name__, url_prefix="/system/channels")


@blueprint.get("")
@requires(Permission.SYSTEM)
def show() -> ResponseReturnValue:
    """Show the providers of every channel, and what became of the last tests."""
    desk = services()
    with desk.reading() as session:
        found = [
            (chain.name, _shown(desk, session, chain), chain.stand_in) for chain in _live(desk)
        ]
        tests = listed.tests(session)
        own = session.get(User, who().id)
    return render_template("system/channels.html", channels=found, tests=tests, own=own)


@blueprint.post("/<channel>/<name>/raise")
@requires(Permission.SYSTEM)
def raise_one(channel: str, name: str) -> ResponseReturnValue:
    """Put a provider one place forward."""
    desk = services()
    with desk.transaction() as session:
        row = _row(desk, session, channel, name)
        providers.raise_one(session, row, among=_among(desk, channel), who=who(), now=desk.now())
    return _back("provider-raised", name)


@blueprint.get("/<channel>/<name>/pause")
@requires(Permission.SYSTEM)
def look_twice(channel: str, name: str) -> ResponseReturnValue:
    """Say what a pause would mean, before it happens."""
    desk = services()
    with desk.reading() as session:
        row = _row(desk, session, channel, name)
        others = providers.others(session, row, among=_among(desk, channel))
    return render_template("system/pause.html", provider=row, others=others)


@blueprint.post("/<channel>/<name>/pause")
@requires(Permission.SYSTEM)
def pause(channel: str, name: str) -> ResponseReturnValue:
    """Take a provider out; the last one only when the warning was read."""
    desk = services()
    with desk.transaction() as session:
        providers.pause(
            session,
            _row(desk, session, channel, name),
            among=_among(desk, channel),
            last_too=request.form.get("last") == "1",
            who=who(),
            now=desk.now(),
        )
    return _back("provider-paused", name)


@blueprint.post("/<channel>/<name>/resume")
@requires(Permission.SYSTEM)
def resume(channel: str, name: str) -> ResponseReturnValue:
    """Let a provider be tried again."""
    desk = services()
    with desk.transaction() as session:
        row = _row(desk, session, channel, name)
        providers.resume(session, row, who=who(), now=desk.now())
    return _back("provider-resumed", name)


@blueprint.post("/<channel>/<name>/test")
@requires(Permission.SYSTEM)
def test(channel: str, name: str) -> ResponseReturnValue:
    """Send a message by this provider alone, to the one who asks."""
    desk = services()
    with desk.transaction() as session:
        row = _row(desk, session, channel, name)
        user = session.get_one(User, who().id)
        providers.send_test(session, row, user, rules=desk.rules, who=who(), now=desk.now())
    return _back("provider-tested", name)


def _live(desk: Services) -> list[Chain]:
    return [one for one in desk.channels.live.values() if isinstance(one, Chain)]


def _among(desk: Services, channel: str) -> tuple[str, ...]:
    return next((chain.providers for chain in _live(desk) if chain.name == channel), ())


def _row(desk: Services, session: Session, channel: str, name: str) -> Provider:
    """Return a provider that real messages go by; raise NotFound."""
    if name not in _among(desk, channel):
        raise NotFound
    return providers.find(session, channel, name)


def _shown(desk: Services, session: Session, chain: Chain) -> list[listed.Shown]:
    return listed.shown(
        session, chain.name, chain.providers, stand_in=chain.stand_in, now=desk.now()
    )


def _back(notice: str, name: str) -> ResponseReturnValue:
    flash(phrase("notices", notice, name=label("providers", name)), "success")
    return redirect(url_for(".show"))
