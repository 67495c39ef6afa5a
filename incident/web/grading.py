"""The grading sheet: facts, criteria and verdict side by side, what-if, proposals."""

from collections.abc import Mapping

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from incident.queries import choices, known, sheet
from incident.web import action_pages, frame, showing
from incident.web.access import Permission, requires, who
from incident.web.action_forms import FLAGS
from incident.web.desk import services
from incident.web.facts import row
from incident.web.looks import phrase
from workflows.facts import FACTS, FactValue
from workflows.grading import Verdict

blueprint = Blueprint("grading", __name__)
STEPS = ("propose_grade", "approve_grade", "regrade")
PREFIX = "if."
LARGEST = 10_000_000


@blueprint.get("/incidents/<number>/grade")
@requires(Permission.INCIDENT)
def show(number: str) -> ResponseReturnValue:
    """Show the sheet; assumed facts come by the address and are stored nowhere."""
    desk = services()
    assumed = _assumed(request.args)
    with desk.reading() as session:
        incident = frame.look_inside(session, number)
        asked = sheet.asked(incident, desk.rules)
        facts = known.known(session, incident.id, also=asked)
        verdict = sheet.verdict(session, incident, desk.rules, {})
        what_if = sheet.verdict(session, incident, desk.rules, assumed) if assumed else None
        open_now = choices.choices(session, incident, who(), now=desk.now(), rules=desk.rules)
        may_update = "update_facts" in choices.beside(incident, who())
        context = {
            **frame.of(session, incident, "grading"),
            **action_pages.for_grading(session, incident),
            "proposals": sheet.proposals(session, incident.id),
            "adopted": sheet.adopted(session, incident.id),
        }
    return render_template(
        "incidents/grade.html",
        **context,
        plan=desk.rules.library.plan(incident.plan),
        rows=[row(one, number) for one in facts],
        findings=_findings(verdict),
        tracks=[(one, showing.grade_words(one.grade)) for one in verdict.tracks],
        questions=verdict.needs_expert,
        choices=[(one, _why(one)) for one in open_now if one.action in STEPS],
        may_update=may_update,
        asked=[(name, FACTS[name].kind) for name in asked if FACTS[name].kind != "choice"],
        assumed=_shown(assumed),
        what_if=what_if,
        what_if_because=showing.because(what_if) if what_if else (),
        what_if_nearest=showing.nearest(what_if) if what_if else (),
        assumed_words=showing.used_facts(assumed),
        prefix=PREFIX,
    )


def _findings(verdict: Verdict) -> list[tuple[object, str]]:
    return [(one, showing.used_facts(one.facts)) for one in verdict.findings]


def _why(choice: choices.Choice) -> str | None:
    return phrase("errors", choice.why, **choice.values) if choice.why else None


def _assumed(args: Mapping[str, str]) -> dict[str, FactValue]:
    """Return the facts that the address assumes; what does not fit is left out."""
    found: dict[str, FactValue] = {}
    for name, fact in FACTS.items():
        text = args.get(PREFIX + name, "").strip()
        if fact.kind == "count" and text.isascii() and text.isdigit() and len(text) < 9:
            found[name] = min(int(text), LARGEST)
        elif fact.kind == "flag" and text in FLAGS:
            found[name] = FLAGS[text]
    return found


def _shown(assumed: Mapping[str, FactValue]) -> dict[str, str]:
    words = {True: "yes", False: "no"}
    return {
        name: words[value] if isinstance(value, bool) else str(value)
        for name, value in assumed.items()
    }
