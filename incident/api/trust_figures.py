"""Figures of how far the desk can be trusted: lateness, promises, clocks, the spool."""

from collections.abc import Iterator, Mapping

from prometheus_client.core import GaugeMetricFamily

from incident import spool
from incident.queries import oversight
from incident.queries.lateness import lateness
from incident.services import Services
from incident.skew import skew


def families(services: Services) -> Iterator[GaugeMetricFamily]:
    """Yield the figures; the database is read when they are asked for."""
    now = services.now()
    with services.reading() as session:
        late, found = lateness(session, now), oversight.findings(session)
        turned = oversight.turned_at(session)
        apart = skew(session.connection(), services.clock)
    yield _labelled("tocsin_overdue_seconds", "The oldest that is due, by kind.", "what", late)
    kept = {one.name: float(one.holds) for one in found}
    yield _labelled("tocsin_promise_holds", "1 while it is kept.", "promise", kept)
    if turned is not None:
        age = (now - turned).total_seconds()
        yield GaugeMetricFamily("tocsin_engine_age_seconds", "Since its last turn.", value=age)
    yield GaugeMetricFamily(
        "tocsin_clock_skew_seconds", "Database less desk.", value=apart.total_seconds()
    )
    waits = len(spool.waiting(services.settings.spool_dir))
    yield GaugeMetricFamily("tocsin_spooled_reports", "Not entered yet.", value=waits)


def _labelled(name: str, about: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
