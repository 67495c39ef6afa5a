"""What the forms of actions show beside their fields: first values, choices, what was brought."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from incident.inputs.facts import MOMENTS
from incident.models import Incident, Review
from incident.operations import attachments, facts, grading
from incident.operations.facts import TEXTS
from incident.operations.steps import UNGRADED
from incident.queries import conference, known, sheet, work
from incident.web import action_forms, showing
from incident.web.action_forms import Form
from incident.web.desk import services
from incident.web.looks import label, phrase
from incident.web.rehearsal import Effects
from workflows.facts import FACTS

Values = Mapping[str, str]
NOT_KEPT = frozenset({"csrf_token", "step", "password"})
GRADES = ("I", "II", "III", "IV")
RESPONSE_DAYS = timedelta(days=3)
OPINION_HOURS = timedelta(hours=2)
FORMS_OF_TEXT = ("symptoms", "measures", "cause")


def defaults(session: Session, incident: Incident, name: str, given: Values) -> Values:
    """Return the first values of a form: what is known already is not asked again."""
    desk = services()
    values = dict(given.items())
    if name == "update_facts":
        stored = facts.current(session, incident.id)
        values |= action_forms.fields_of(stored, desk.settings.time_zone)
        values["basis"] = str(stored.get("count_basis", ""))
    elif name in ("propose_grade", "approve_grade", "regrade"):
        values |= _of_grading(session, incident, name)
    elif name == "activate":
        values["level"] = incident.grade if incident.grade in GRADES else ""
        values["expected_until"] = showing.local_input(desk.now() + RESPONSE_DAYS)
    elif name == "convene":
        values["due_at"] = showing.local_input(desk.now() + OPINION_HOURS)
    elif name == "archive":
        values |= of_review(session.get(Review, incident.id))
    return values


def typed(session: Session, incident: Incident, name: str, form: Form) -> Values:
    """Return what was typed as the values of the form that is shown again."""
    if name != "update_facts":
        return form
    stored = facts.current(session, incident.id)
    return action_forms.rebased(form, action_forms.fields_of(stored, services().settings.time_zone))


def of_review(review: Review | None) -> dict[str, str]:
    """Return a stored review as the values of its fields."""
    if review is None:
        return {}
    parts = {"course": review.course, "well": review.well, "not_well": review.not_well}
    return {f"review.{name}": text for name, text in parts.items()}


def helps(session: Session, incident: Incident, name: str, values: Values) -> dict[str, Any]:
    """Return what the fields of a form choose from and rest on."""
    makers = {
        "convene": _for_convening,
        "terminate": _for_ending,
        "instruct": _for_instruction,
        "update_facts": _for_facts,
    }
    shown: dict[str, Any] = {"grades": _grades(("IV", "III", "II", "I", UNGRADED))}
    if name in ("propose_grade", "approve_grade", "regrade"):
        shown |= for_grading(session, incident)
    if name == "archive":
        rows = action_forms.follow_ups(values) if isinstance(values, MultiDict) else []
        shown["follow_ups"] = [*rows, *({} for _ in range(3))]
    return shown | (makers[name](session, incident) if name in makers else {})


def for_grading(session: Session, incident: Incident) -> dict[str, Any]:
    """Return the verdict, the open proposal, and the grades to choose from."""
    verdict = sheet.verdict(session, incident, services().rules, {})
    return {
        "verdict": verdict,
        "because": showing.because(verdict),
        "nearest": showing.nearest(verdict),
        "unknown": showing.names(verdict.unknown),
        "proposal": next(
            (one for one in sheet.proposals(session, incident.id) if one.decision is None), None
        ),
        "grades": _grades(("IV", "III", "II", "I", UNGRADED)),
    }


def kept(form: Form) -> list[tuple[str, str]]:
    """Return the fields that travel through the second look."""
    return [
        (name, value) for name, values in form.lists() for value in values if name not in NOT_KEPT
    ]


def brought(session: Session, incident: Incident, name: str, form: Form) -> list[tuple[str, str]]:
    """Return what was typed as labelled lines, for the second look."""
    endings = services().rules.library.plan(incident.plan).termination
    texts = {f"findings.{ending.id}": ending.text for ending in endings}
    files = {str(file.id): file.name for file in attachments.of(session, incident.id)}
    experts = {one.name: one.display for one in conference.directory(session)}
    names = {"evidence": files, "experts": experts}
    lines = []
    for field, values in form.lists():
        told = [names.get(field, {}).get(value, value) for value in values if value.strip()]
        if field not in NOT_KEPT | {"version", "seen"} and told:
            term = texts.get(field) or field_label(field)
            lines.append((term, "、".join(_spoken(field, value) for value in told)))
    return lines


def submit_words(name: str, form: Form, effects: Effects) -> str:
    """Return the words of the button that does it: a verb, and how many people it calls."""
    return phrase(
        "room",
        f"do_{name}",
        grade=label("grades", form.get("level") or form.get("grade") or UNGRADED),
        n=effects.messages,
        into=form.get("into", ""),
        office=form.get("office", ""),
    )


def target(number: str, name: str) -> str:
    """Return the page that shows what an action has done."""
    endpoint = {
        "propose_grade": "grading.show",
        "approve_grade": "grading.show",
        "regrade": "grading.show",
        "update_facts": "facts.index",
        "convene": "consultations.index",
        "conclude": "consultations.index",
        "terminate": "reviews.show",
        "archive": "reviews.show",
        "instruct": "instructions.index",
    }.get(name, "incidents.room")
    return url_for(endpoint, number=number)


def error_line(field: str, text: str) -> str:
    """Return what is wrong with a field, after its label."""
    return phrase("room", "wrong_field", field=field_label(field), text=text)


def field_label(field: str) -> str:
    """Return the label of a field of an action's form."""
    group, _, name = field.partition(".")
    if group == "facts" and name:
        return label("facts", name)
    if group == "follow_ups":
        index, _, part = name.partition(".")
        row = int(index) + 1 if index.isdigit() else index
        return phrase("room", "row", n=row, field=label("action_fields", part or group))
    return label("action_fields", field if group != "findings" else group)


def _spoken(field: str, value: str) -> str:
    """Return a value of a form in words."""
    if field in ("grade", "level", "adopted.grade"):
        return label("grades", value)
    if field.startswith("findings."):
        return label("answers", value)
    if field == "personal_data.decision":
        return label("personal_data", value)
    return value.replace("T", " ") if field in ("expected_until", "due_at", "at") else value


def _of_grading(session: Session, incident: Incident, name: str) -> dict[str, str]:
    verdict = sheet.verdict(session, incident, services().rules, {})
    proposal = grading.open_proposal(session, incident.id)
    reason = verdict.because[0] if verdict.because else None
    if name == "propose_grade" or proposal is None:
        return {"grade": verdict.grade or UNGRADED}
    agrees = reason is not None and proposal.grade == verdict.grade
    criterion = f"{reason.basis} {reason.text}" if reason and agrees else ""
    return {"grade": proposal.grade, "criterion": criterion[:120]}


def _grades(names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(name, label("grades", name)) for name in names]


def _for_convening(session: Session, incident: Incident) -> dict[str, Any]:
    return {
        "directory": conference.directory(session),
        "files": attachments.of(session, incident.id),
    }


def _for_ending(session: Session, incident: Incident) -> dict[str, Any]:
    return {"endings": services().rules.library.plan(incident.plan).termination}


def _for_instruction(session: Session, incident: Incident) -> dict[str, Any]:
    return {"owners": work.owners(session)}


def _for_facts(session: Session, incident: Incident) -> dict[str, Any]:
    desk = services()
    stored = facts.current(session, incident.id)
    wanted = sheet.asked(incident, desk.rules)
    return {
        "counts": [n for n in known.ORDER if n in FACTS and FACTS[n].kind == "count"],
        "flags": [n for n in known.ORDER if n in FACTS and FACTS[n].kind == "flag"],
        "texts": [n for n in sorted(TEXTS) if n not in MOMENTS],
        "long_texts": FORMS_OF_TEXT,
        "wanted": wanted,
        "before": action_forms.fields_of(stored, desk.settings.time_zone),
    }
