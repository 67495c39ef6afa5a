"""The form of an improvement, and the page of one."""

from collections.abc import Mapping
from datetime import date

from flask import render_template, url_for

from drills.learning import ledger, ledger_view
from incident.errors import InvalidInput, TocsinError
from incident.queries import plans, scope
from incident.web.access import BUSINESS, Permission, grants, who
from incident.web.desk import services
from incident.web.faults import error_words, field_words
from incident.web.looks import label

NOTHING: Mapping[str, str] = {}
ROOM = "incidents.room"


def day() -> date:
    """Return the present day of the office."""
    return services().rules.day(services().now())


def typed(given: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of a new item as they were given, in an address or a form."""
    return {name: given.get(name, "").strip() for name in ledger.Item.model_fields}


def form_page(given: Mapping[str, str], error: TocsinError | None) -> str:
    """Return the form for a new item."""
    with services().reading() as session:
        owners = ledger.owners(session, BUSINESS)
    return render_template(
        "improvements/new.html",
        values=given,
        owners=[(one.name, one.display) for one in owners],
        editions=_editions(),
        **_wrong(error),
    )


def item_page(
    number: str, given: Mapping[str, str] = NOTHING, error: TocsinError | None = None
) -> str:
    """Return the page of an item."""
    desk = services()
    with desk.reading() as session:
        row = ledger.find(session, number)
        line = ledger_view.line(session, row, day(), desk.rules)
        owners = ledger.owners(session, BUSINESS)
        room = line.incident is not None and session.scalar(
            scope.incidents(who()).filter_by(number=line.incident)
        )
    keeps = grants(who(), Permission.IMPROVE)
    is_owner = row.owner_id == who().id
    stored = {
        "owner": line.owner_name,
        "remedy": row.remedy,
        "due_on": row.due_on.isoformat(),
        "edition": row.edition or "",
        "text": row.evidence or "",
    }
    return render_template(
        "improvements/show.html",
        line=line,
        row=row,
        values={**stored, **given},
        owners=[(one.name, one.display) for one in owners],
        editions=_editions(),
        room_url=url_for(ROOM, number=line.incident) if room else None,
        may_change=keeps and not row.closed_at,
        may_prove=(keeps or is_owner) and not row.closed_at,
        may_close=keeps and not is_owner and line.state == ledger.PROVEN,
        is_owner=is_owner,
        **_wrong(error),
    )


def _editions() -> list[tuple[str, str]]:
    """Return the editions of the library, those that the office uses first."""
    rules = services().rules
    return [(one.plan.id, one.plan.id) for one in plans.editions(rules, day())]


def _wrong(error: TocsinError | None) -> dict[str, object]:
    fields = field_words(error) if isinstance(error, InvalidInput) else {}
    return {
        "errors": fields,
        "summary": [
            (name, f"{label('improvements', f'field_{name}')} {text}")
            for name, text in fields.items()
        ],
        "problem": error_words(error) if error and not fields else None,
    }
