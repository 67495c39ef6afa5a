"""The web application of a desk: pages, API and callbacks over given services."""

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask, current_app
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from incident.api import bearers, limits, metrics, problems
from incident.api.blueprints import BLUEPRINTS
from incident.services import Services
from incident.settings import Settings
from incident.web import (
    access,
    cookies,
    faults,
    headers,
    looks,
    packing,
    spooling,
    trace,
    uploading,
)
from incident.web.blueprints import API, PAGES
from incident.web.confirmation import confirm_first
from incident.web.desk import EXTENSION, renew_calendar
from templates import ROOT

BODY_LIMIT = 2 * 1024 * 1024
FORM_PARTS = 400
FORM_MEMORY = 500_000


def create_app(services: Services) -> Flask:
    """Return the application of a desk."""
    app = Flask(
        "tocsin",
        root_path=str(ROOT),
        template_folder="pages",
        static_folder="static",
        static_url_path="/static",
    )
    app.extensions[EXTENSION] = services
    app.config.update(
        SECRET_KEY=services.settings.secret_key,
        TRUSTED_HOSTS=_hosts(services.settings),
        MAX_CONTENT_LENGTH=BODY_LIMIT,
        MAX_FORM_PARTS=FORM_PARTS,
        MAX_FORM_MEMORY_SIZE=FORM_MEMORY,
        SESSION_COOKIE_NAME="tocsin-form",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=services.settings.is_https,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_CHECK_DEFAULT=False,
        PROPAGATE_EXCEPTIONS=False,
    )
    if proxies := services.settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies
        )
    CSRFProtect(app)
    looks.dress(app)
    metrics.install(app, services)
    spooling.install(app, services)
    _hook(app)
    limits.install(app, services)
    for blueprint in (*PAGES, *API, *BLUEPRINTS):
        app.register_blueprint(blueprint)
    access.open_static(app)
    faults.install(app, machine=problems.answer)
    return app


def _hosts(settings: Settings) -> list[str]:
    """Return the names under which the desk may be asked; any other Host header is refused."""
    public = urlsplit(settings.public_url).hostname or "localhost"
    return sorted({public, settings.host, "localhost", "127.0.0.1", "[::1]"})


def _hook(app: Flask) -> None:
    app.before_request(trace.begin)
    app.before_request(uploading.widen)
    app.before_request(renew_calendar)
    app.before_request(cookies.identify)
    app.before_request(bearers.identify)
    app.before_request(access.guard)
    app.before_request(bearers.check_scope)
    app.before_request(_refuse_forgery)
    app.before_request(_ask_again)
    app.after_request(headers.add)
    app.after_request(packing.pack)
    app.after_request(trace.end)


def _refuse_forgery() -> None:
    """Check the CSRF token of a page's form; the API goes by tokens, callbacks by signature."""
    if access.comes_from_page():
        current_app.extensions["csrf"].protect()


def _ask_again() -> ResponseReturnValue | None:
    """Ask for the password before a change, when the session rested for long."""
    if access.comes_from_page() and cookies.needs_password():
        return confirm_first()
    return None
