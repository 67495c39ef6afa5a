"""A stand-in SMS provider that speaks Twilio's HTTP: for drills, tests and trying out."""

import logging
from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path
from threading import Event
from zoneinfo import ZoneInfo

from flask import Flask, Response, request
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException

from drills.gateway.admin import admin
from drills.gateway.api import api
from drills.gateway.callbacks import Courier
from drills.gateway.calls import Switchboard
from drills.gateway.errands import Errands
from drills.gateway.faults import Faults
from drills.gateway.group import group
from drills.gateway.inbox import inbox
from drills.gateway.journal import Journal
from drills.gateway.mail import MailSink
from drills.gateway.mainland import mainland
from drills.gateway.parts import Parts, Trouble, install, parts
from drills.gateway.phone import phone
from drills.gateway.play import trouble_answer
from drills.gateway.post import LOOPBACK, Postman
from drills.gateway.server import GatewayServer
from drills.gateway.store import Store
from templates import ROOT

logger = logging.getLogger(__name__)

LARGEST_REQUEST = 64 * 1024
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def create_gateway(
    *,
    account_sid: str,
    auth_token: str,
    journal: Path,
    now: Callable[[], datetime],
    from_number: str | None = None,
    pace: float = 0.6,
    callback_hosts: Collection[str] = (),
    zone: str = "Asia/Shanghai",
    open_inbox: bool = True,
) -> Flask:
    """Build the provider; what the journal holds is taken up where it was left.

    `from_number` None takes any sender. `pace` is seconds between queued, sent and delivered.
    `callback_hosts` are allowed for callbacks beside loopback. `open_inbox` False asks for the
    account's token at the inbox: wherever others than this machine can reach it.
    """
    store, faults, errands = Store(Journal(journal), now=now), Faults(), Errands()
    postman = Postman(
        errands,
        account_sid=account_sid,
        auth_token=auth_token,
        callback_hosts=callback_hosts,
        now=now,
    )
    installed = Parts(
        account_sid=account_sid,
        auth_token=auth_token,
        from_number=from_number,
        store=store,
        faults=faults,
        errands=errands,
        postman=postman,
        courier=Courier(store, faults, postman, errands, pace=pace),
        switchboard=Switchboard(store, faults, postman, errands, pace=pace),
        now=now,
        zone=ZoneInfo(zone),
        open_inbox=open_inbox,
        stopping=Event(),
    )
    return _running(_bare_app(open_inbox=open_inbox), installed)


def _running(app: Flask, installed: Parts) -> Flask:
    """Install the parts, and take up what was left undone."""
    install(app, installed)
    for item in installed.store.unfinished():
        installed.take(item)
    return app


def serve_gateway(
    app: Flask, *, host: str = "127.0.0.1", port: int = 8025, mail_port: int | None = None
) -> None:
    """Serve until interrupted; mail too, where it has a port."""
    sink = _mail_sink(app, mail_port)
    server = GatewayServer(app, host=host, port=port)
    try:
        server.serve()
    finally:
        if sink is not None:
            sink.close()
        server.close()


def _mail_sink(app: Flask, port: int | None) -> MailSink | None:
    """Listen for mail; a port that is taken is no reason to serve no telephones."""
    try:
        return None if port is None else MailSink(parts(app).store, port=port)
    except OSError as error:
        logger.error("the stand-in takes no mail, its port %s: %s", port, error.strerror)
        return None


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach what listens there."""
    return host in LOOPBACK


def _bare_app(*, open_inbox: bool) -> Flask:
    """Build the application with its routes, and answers in the provider's form."""
    app = Flask(__name__, static_folder=ROOT / "static", template_folder=ROOT / "pages")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    if open_inbox:
        app.config["TRUSTED_HOSTS"] = ["127.0.0.1", "localhost", "[::1]"]
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for blueprint in (api, admin, inbox, phone, mainland, group):
        app.register_blueprint(blueprint)
    app.register_error_handler(Trouble, trouble_answer)
    app.register_error_handler(HTTPException, _as_trouble)
    app.register_error_handler(OSError, _out_of_order)
    app.after_request(_with_headers)
    return app


def _as_trouble(error: HTTPException) -> Response:
    status = error.code or 500
    return trouble_answer(Trouble(status, 20000 + status, f"{error.name}: {request.path}"))


def _out_of_order(error: OSError) -> Response:
    """Say that nothing was taken when the journal cannot be written."""
    logger.error("the journal could not be written: %s", error.strerror)
    return trouble_answer(Trouble(503, 20503, "Service unavailable"))


def _with_headers(answer: Response) -> Response:
    answer.headers.update(_HEADERS)
    return answer
