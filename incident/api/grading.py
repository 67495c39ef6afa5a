"""Ask what a plan says of facts, without touching anything."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any

from flask import Blueprint, Response
from pydantic import Field, StringConstraints

from incident.api import answering, reading
from incident.api.contract import PREFIX, operation
from incident.errors import Conflict, FieldError, InvalidInput
from incident.inputs.base import Input, Moment, Short, parse
from incident.rulebook import Rulebook
from incident.web.access import Permission, requires
from incident.web.desk import services
from workflows.facts import FACTS, FactValue
from workflows.grading import Verdict, grade
from workflows.library import PlanNotFound
from workflows.plan import Kind, Plan

blueprint = Blueprint("api_grading", __name__, url_prefix=PREFIX)


class Preview(Input):
    """Facts to be graded; one left out is unknown. `plan` asks for a given edition.

    `jurisdiction` is a GB/T 2260 code, the office's own unless told; `at` is now unless told.
    """

    kind: Kind
    jurisdiction: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")] | None = None
    at: Moment | None = None
    plan: Short | None = None
    facts: Annotated[dict[Short, Any], Field(max_length=60)]


@blueprint.post("/grading/preview")
@requires(Permission.PLANS)
@operation(
    "Grade facts without touching anything.", body=(Preview,), answer=Verdict, problems=(409,)
)
def preview() -> Response:
    asked = parse(Preview, reading.body())
    facts = _checked(asked.facts)
    rules = services().rules
    place = asked.jurisdiction or rules.jurisdiction
    if not rules.divisions.exists(place):
        raise InvalidInput([FieldError("jurisdiction", "unknown-division")])
    day = rules.day(asked.at or services().now())
    tracks = rules.library.tracks(asked.kind, place, day)
    return answering.respond(grade(_plan(asked, place, day, rules), facts, tracks=tracks))


def _plan(asked: Preview, place: str, day: date, rules: Rulebook) -> Plan:
    try:
        if asked.plan is None:
            return rules.library.in_force(asked.kind, place, day)
        plan = rules.library.plan(asked.plan)
    except PlanNotFound as error:
        if asked.plan is None:
            raise Conflict("no-plan-in-force") from error
        raise InvalidInput([FieldError("plan", "no-such-plan")]) from error
    if asked.kind not in plan.kinds:
        raise InvalidInput([FieldError("plan", "other-kind")])
    return plan


def _checked(facts: Mapping[str, Any]) -> dict[str, FactValue]:
    errors = list(_wrong(facts))
    if errors:
        raise InvalidInput(errors)
    return dict(facts)


def _wrong(facts: Mapping[str, Any]) -> Iterator[FieldError]:
    for name, value in facts.items():
        if name not in FACTS:
            yield FieldError(f"facts.{name}", "unknown-fact")
        elif value is not None and not FACTS[name].accepts(value):
            yield FieldError(f"facts.{name}", "wrong-type")
