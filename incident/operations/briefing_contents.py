"""A briefing as an official document: head, addressees, facts, content."""

from incident import words
from incident.documents import OfficialDocument, Publicity, Status, Urgency
from incident.models import Briefing
from incident.operations import briefing_facts, briefing_kinds
from incident.operations.briefing_facts import Text, level, say
from incident.operations.briefing_sources import Stored
from incident.rulebook import Rulebook
from workflows.plan import Grade

GRAVE = (Grade.I, Grade.II)


def compose(stored: Stored, briefing: Briefing) -> OfficialDocument:
    """Return the draft on the facts as they are stored."""
    text: Text = briefing.content["text"]
    return OfficialDocument(
        content=briefing_kinds.compose(stored, briefing, text),
        facts=briefing_facts.compose(stored, text),
        status=Status.DRAFT,
        organisation=stored.rules.organisation,
        incident=stored.incident.number,
        facts_version=stored.seq,
        chain_head=stored.head or None,
        drill=stored.incident.drill is not None,
        title=text.get("title"),
        addressees=tuple(text.get("addressees", ())) or addressees(stored, briefing.kind),
        cc=tuple(text.get("cc", ())) or copies(stored, briefing.kind),
        urgency=_urgency(stored, briefing.kind, text),
        publicity=Publicity(text["publicity"]) if text.get("publicity") else None,
        contact=text.get("contact"),
        sections=briefing_kinds.sections(stored, briefing.kind, text),
        time_zone=stored.rules.zone.key,
    )


def title(stored: Stored, briefing: Briefing) -> str:
    """Return the title under which a list shows the briefing."""
    text: Text = briefing.content["text"]
    activated = stored.steps.get("activate")
    return str(
        text.get("title")
        or say(
            f"title_{briefing.kind}",
            name=stored.incident.title,
            n=numeral(briefing.sequence),
            level=level(activated.data["level"]) if activated else "",
        )
    )


def numeral(n: int) -> str:
    """Return a small number in Chinese, a larger one in digits."""
    digits = words.label("briefings", "digits")
    return digits[n - 1] if 1 <= n <= len(digits) else str(n)


def addressees(stored: Stored, kind: str) -> tuple[str, ...]:
    """Return to whom a document of a kind goes where nobody wrote otherwise (食品安全法 103)."""
    if kind == "activation_order":
        return (say("groups"), say("units"))
    return (_government(stored.rules), _upper_office(stored.rules))


def copies(stored: Stored, kind: str) -> tuple[str, ...]:
    """Return who has a copy where nobody wrote otherwise."""
    offices = [say("health")]
    if stored.incident.setting == "school":
        offices.append(say("education"))
    if kind == "activation_order":
        offices = [_government(stored.rules), _upper_office(stored.rules)]
    return tuple(offices)


def _government(rules: Rulebook) -> str:
    place = rules.divisions.name(rules.jurisdiction)
    return say("government", place=place) if place else say("own_government")


def _upper_office(rules: Rulebook) -> str:
    code = rules.jurisdiction
    if code.endswith("0000"):
        return say("national_office")
    parents = [code[:2] + "0000"] if code.endswith("00") else [code[:4] + "00", code[:2] + "0000"]
    names = [name for parent in parents if (name := rules.divisions.name(parent))]
    return say("upper_office", place=names[0]) if names else say("any_upper_office")


def _urgency(stored: Stored, kind: str, text: Text) -> Urgency | None:
    """Return what was chosen; else a first report is urgent, and a grave incident more so."""
    if text.get("urgency"):
        return Urgency(text["urgency"])
    if kind in ("final", "special"):
        return None
    if stored.incident.grade in GRAVE:
        return Urgency.EXTRA_URGENT
    return Urgency.URGENT if kind == "initial" else None
