"""What the duty log's forms send, as the inputs want it, and an entry as the fields of a report."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from incident.models import LogEntry
from incident.rulebook import Rulebook
from incident.web import report_form, roster_forms

TIMES = ("at", "reported_at", "callback_due_at")
TEXTS = (
    "channel",
    "category",
    "caller",
    "organisation",
    "phone",
    "summary",
    "done",
    "reported_to",
    "instruction",
    "feedback",
)
SOURCES = {
    "phone": "phone",
    "12345": "hotline_12345",
    "12315": "hotline_12315",
    "media": "media",
    "web": "media",
    "superior": "superior",
}
OTHER = "other"


def filled(form: Mapping[str, str], *names: str) -> dict[str, str]:
    """Return the fields that have something in them."""
    return roster_forms.filled(form, *names)


def entry(form: Mapping[str, str], zone: ZoneInfo) -> dict[str, str]:
    """Return an entry of the log."""
    times = {name: roster_forms.moment(text, zone) for name, text in filled(form, *TIMES).items()}
    return {**filled(form, *TEXTS), **times}


def closing(form: Mapping[str, str], zone: ZoneInfo) -> dict[str, str]:
    """Return how a promised call was made; its fields stand beside those of the entry."""
    told = filled(form, "close_at", "close_summary")
    found = {name.removeprefix("close_"): text for name, text in told.items()}
    if "at" in found:
        found["at"] = roster_forms.moment(found["at"], zone)
    return found


def of_entry(row: LogEntry, rules: Rulebook) -> dict[str, str]:
    """Return an entry as it would be typed."""
    texts = {name: getattr(row, name) or "" for name in TEXTS}
    return texts | {name: report_form.local_text(getattr(row, name), rules) for name in TIMES}


def as_report(row: LogEntry, received_at: str) -> dict[str, str]:
    """Return the fields of a report that an entry already answers."""
    told = {
        "received_at": received_at,
        "source": SOURCES.get(row.channel, OTHER),
        "narrative": row.summary,
        "measures": row.done,
        "reporter.name": row.caller,
        "reporter.organisation": row.organisation,
        "reporter.phone": row.phone,
    }
    return {name: text for name, text in told.items() if text}
