"""Serve the parts of a desk that answer on its port."""

from collections.abc import Callable

import click
from flask import Flask

from incident.commands.base import open_services
from incident.commands.start import begin, log_to_stderr, read_settings, with_parent_option
from incident.services import Services
from incident.serving import (
    KEPT_FOR_PAGES,
    THREADS,
    WebServer,
)
from incident.web.live import Live

MakeApp = Callable[[Services], Flask]
GEVENT_WORKER = "geventwebsocket.gunicorn.workers.GeventWebSocketWorker"


def web_command(make_app: MakeApp) -> click.Command:
    """Return the command that serves an application without live events."""

    @click.command("web")
    @click.option("--workers", default=2, show_default=True, help="Processes.")
    @click.option("--threads", default=16, show_default=True, help="Threads of each.")
    def web(workers: int, threads: int) -> None:
        """Serve pages and API; live events come from `tocsin live`."""
        log_to_stderr()
        found = read_settings()
        open_services().engine.dispose()
        WebServer(_plain(make_app, threads), found, workers=workers, threads=threads).run()

    return web


def live_command(make_app: MakeApp) -> click.Command:
    """Return the command that serves the live events of an application."""

    @click.command("live")
    def live() -> None:
        """Serve live events to many screens, by gevent and websocket only."""
        log_to_stderr()
        found = read_settings()
        WebServer(
            _live(make_app, capacity=10_000, async_mode="gevent"),
            found,
            workers=1,
            threads=1,
            worker_class=GEVENT_WORKER,
        ).run()

    return live


def desk_command(make_app: MakeApp) -> click.Command:
    """Return the command that serves all of an application in one process."""

    @click.command("desk", hidden=True)
    @with_parent_option
    def desk(*, with_parent: bool) -> None:
        """Serve pages, API and live events in one threaded process."""
        begin(with_parent=with_parent)
        found = read_settings()
        make = _live(make_app, capacity=THREADS - KEPT_FOR_PAGES, async_mode="threading")
        WebServer(make, found, workers=1, threads=THREADS).run()

    return desk


def _plain(make_app: MakeApp, threads: int) -> Callable[[], Flask]:
    return lambda: make_app(open_services(pool_size=threads))


def _live(make_app: MakeApp, *, capacity: int, async_mode: str) -> Callable[[], Flask]:
    """Return what builds, in its worker, an application with live events."""

    def make() -> Flask:
        services = open_services(pool_size=20)
        app = make_app(services)
        Live(services, capacity=capacity, async_mode=async_mode).join(app)
        return app

    return make
