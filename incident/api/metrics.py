"""Figures for Prometheus: requests of this process, and what waits in the database."""

import time
from collections.abc import Iterator

from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from incident.api import trust_figures
from incident.api.contract import operation
from incident.models import Incident, OutgoingMessage
from incident.queries import events, shell
from incident.services import Services
from incident.web.access import Permission, requires

EXTENSION = "tocsin-metrics"
blueprint = Blueprint("api_metrics", __name__)


class DeskCollector(Collector):
    """Reads the database when Prometheus asks."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def describe(self) -> list[GaugeMetricFamily]:
        """Return nothing, so that registering does not read the database."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield real incidents and messages by state, the newest entry, the engine's pulse."""
        with self._services.reading() as session:
            incidents = GaugeMetricFamily("tocsin_incidents", "By state.", labels=["state"])
            counted = select(Incident.state, func.count()).where(Incident.drill.is_(None))
            counted = counted.group_by(Incident.state)
            for state, number in session.execute(counted):
                incidents.add_metric([state], number)
            messages = GaugeMetricFamily("tocsin_messages", "By state.", labels=["state"])
            waiting = select(OutgoingMessage.state, func.count())
            waiting = waiting.where(OutgoingMessage.drill.is_(None)).group_by(OutgoingMessage.state)
            for state, number in session.execute(waiting):
                messages.add_metric([state], number)
            head = events.head(session)
            pulse = shell.engine(session, self._services.now())
        yield incidents
        yield messages
        yield GaugeMetricFamily("tocsin_entries", "Entries of the event log.", value=head)
        yield GaugeMetricFamily("tocsin_engine_alive", "1 while it turns.", value=int(pulse.alive))
        yield from trust_figures.families(self._services)


class Requests:
    """Counts and times the requests of one process."""

    def __init__(self, services: Services) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(DeskCollector(services))
        labels = ["method", "route", "status"]
        self._seconds = Histogram(
            "tocsin_request_seconds", "By route.", ["method", "route"], registry=self.registry
        )
        self._answers = Counter("tocsin_requests", "By status.", labels, registry=self.registry)

    def begin(self) -> None:
        """Note when the present request began."""
        g.began = time.perf_counter()

    def end(self, response: Response) -> Response:
        """Count the request and its time."""
        route = request.url_rule.rule if request.url_rule else "-"
        self._answers.labels(request.method, route, str(response.status_code)).inc()
        if "began" in g:
            elapsed = time.perf_counter() - g.began
            self._seconds.labels(request.method, route).observe(elapsed)
        return response


def install(app: Flask, services: Services) -> None:
    """Begin to count."""
    requests = Requests(services)
    app.extensions[EXTENSION] = requests
    app.before_request(requests.begin)
    app.after_request(requests.end)


@blueprint.get("/metrics")
@requires(Permission.SYSTEM)
@operation("Give figures to Prometheus.", media="text/plain")
def show() -> Response:
    requests: Requests = current_app.extensions[EXTENSION]
    return Response(generate_latest(requests.registry), content_type=CONTENT_TYPE_LATEST)
