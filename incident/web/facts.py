"""The facts of an incident: each with its source, and its series."""

from datetime import datetime

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from incident import charts
from incident.errors import NotFound
from incident.operations.facts import TEXTS
from incident.queries import choices, known, sheet
from incident.queries.known import Known
from incident.web import frame, showing
from incident.web.access import Permission, requires, who
from incident.web.desk import services
from incident.web.looks import daytime, label, local, phrase
from workflows.facts import FACTS

blueprint = Blueprint("facts", __name__)
Counts = dict[str, tuple[tuple[datetime, int], ...]]


@blueprint.get("/incidents/<number>/facts")
@requires(Permission.INCIDENT)
def index(number: str) -> ResponseReturnValue:
    """Show what is known, from whom, as of when; what the plan asks for stands there too."""
    desk = services()
    with desk.reading() as session:
        incident = frame.look(session, number)
        wanted = sheet.asked(incident, desk.rules)
        found = known.known(session, incident.id, also=wanted)
        counts = known.counts(session, incident.id)
        context = frame.of(session, incident, "facts")
        may_update = "update_facts" in choices.beside(incident, who())
    rows = [row(one, number) for one in found]
    return render_template(
        "incidents/facts.html",
        **context,
        rows=[item for item in rows if item["value"] is not None],
        unknown=[item for item in rows if item["value"] is None],
        figure=_figure(counts),
        may_update=may_update,
    )


@blueprint.get("/incidents/<number>/facts/<name>")
@requires(Permission.INCIDENT)
def history(number: str, name: str) -> ResponseReturnValue:
    """Show the series of one fact; nothing in it is ever overwritten."""
    if name not in FACTS and name not in TEXTS:
        raise NotFound
    with services().reading() as session:
        incident = frame.look(session, number)
        rows = known.history(session, incident.id, name)
        counts = known.counts(session, incident.id)
        context = frame.of(session, incident, "facts")
    return render_template(
        "incidents/fact.html",
        **context,
        name=name,
        rows=[(one, showing.fact_value(name, one.value)) for one in rows],
        unit=showing.fact_unit(name),
        figure=_figure({name: counts[name]}) if len(counts.get(name, ())) > 1 else None,
    )


def row(fact: Known, number: str) -> dict[str, object]:
    """Return a fact as a line of the table."""
    return {
        "key": fact.name,
        "name": label("facts", fact.name),
        "value": showing.fact_value(fact.name, fact.value),
        "unit": showing.fact_unit(fact.name),
        "source": label("sources", fact.source) if fact.source else None,
        "basis": label("count_bases", fact.basis) if fact.basis else None,
        "as_of": fact.as_of,
        "history_url": url_for("facts.history", number=number, name=fact.name)
        if fact.value is not None
        else None,
    }


def _figure(counts: Counts) -> charts.Figure | None:
    """Draw the counts that were told more than once."""
    moving = {name: points for name, points in counts.items() if len(points) > 1}
    if not moving:
        return None
    series = [
        charts.Series(
            name=label("facts", name), points=tuple((local(at), count) for at, count in points)
        )
        for name, points in list(moving.items())[:3]
    ]
    words = charts.Words(
        title=phrase("room", "facts_over_time"),
        description=phrase("room", "facts_over_time_told"),
        heads=(phrase("room", "moment_head"),),
    )
    return charts.counts_over_time(series, words=words, moment=daytime, now=services().now())
