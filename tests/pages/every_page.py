"""Every page of the desk with an address to open it at, and somebody who may."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from incident.models import (
    Briefing,
    Consultation,
    FollowUp,
    Incident,
    IncidentClock,
    Instruction,
    Task,
)
from incident.queries import timeline
from incident.services import Services
from incident.web.access import GRANTS, PUBLIC, Permission, comes_from_page, declared
from tests.pages.report_pages import typist
from tests.support.briefings import draft
from tests.support.desk import act, make_incident, make_people
from tests.support.running import session_cookie
from tests.support.watch import begin, make_entry, sign
from workflows.lifecycle import Role, State

KEY = "a-key-of-sixteen-or-more"
# What a browser saves, follows or is sent on from; and pieces of pages.
PIECES = (
    "/files/<",
    "/spooled/",
    ".pdf",
    ".ics",
    ".xlsx",
    ".yaml",
    "/now/",
    "/timeline",
    "<part>",
    "/static",
    "/pulse",
)
LEARNING = ("evaluate", "result", "wash", "survey", "report", "ask_issue")
CONTROL = ("ready", "ask_insert", "look_before_end", "look_before_jump", "inject")
WATCHING = ("watch", "inbox", "cards")
PLAYED = "drills.inbox"
PREFERRED = (Role.COMMANDER, Role.DUTY_OFFICER, Role.DIRECTOR, Role.SYSTEM_ADMIN, Role.AUDITOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a page is, and the account that opens it; None is nobody in particular."""

    path: str
    account: str | None


def make_content(services: Services, app: Flask) -> Mapping[str, Mapping[str, str]]:
    """Fill the desk; return what an address's arguments stand for, by endpoint, "" for any."""
    make_incident(services)
    people = make_people(services)
    incident = make_incident(services, state=State.CONSULTING)
    draft(services, incident)
    act(services, incident, "instruct", people[Role.COMMANDER], text="请速报进展")
    scenario = "school-canteen-salmonella"
    director = app.test_client()
    director.set_cookie(*session_cookie(services, Role.DIRECTOR))
    started = director.post(f"/drills/scenarios/{scenario}", data={"speed": "4"})
    mended = FollowUp(
        incident_id=incident.id,
        what="更换冷柜",
        owner=Role.GROUP_MEMBER,
        due_on=services.now().date(),
    )
    with services.transaction() as session:
        session.add(mended)
        session.flush()
        follow_up = str(mended.id)
    number = begin(services, people[Role.DUTY_OFFICER])
    sign(services, number, people[Role.DUTY_OFFICER])
    entry = make_entry(services, people[Role.DUTY_OFFICER])
    reporting = typist(services)
    reporting.send()
    reporting.file()
    drill = {"key": started.location.rpartition("/")[2], "inject": "2", "segment": "full"}
    return {
        "": {**_ids(services, incident), "follow_up": follow_up},
        **{f"drills.{name}": drill for name in (*LEARNING, *CONTROL, *WATCHING)},
        "drills.improvement": {"number": _improvement(services, director)},
        "handover.show": {"handover": str(number)},
        "duty_log.show": {"entry": str(entry)},
        "reports.done": {"key": reporting.key},
        "instructions.show": {"instruction": _instruction(services)},
        "people.show": {"name": Role.EXPERT},
        "facts.history": {"name": "ill"},
        "actions.show": {"name": "note"},
        "drills.ask": {"name": scenario},
        **_written(director, scenario),
        "drills.show": drill,
    }


def addresses(app: Flask, values: Mapping[str, Mapping[str, str]]) -> Iterator[Address]:
    """Return each page once, but those of things that make_content does not make."""
    for rule in app.url_map.iter_rules():
        known = {**values[""], **values.get(rule.endpoint, {})}
        if _is_page(app, rule) and rule.arguments <= set(known) and not _asks_else(rule):
            built = rule.build({name: known[name] for name in rule.arguments})
            assert built is not None
            yield Address(path=built[1], account=_account(app, rule))


def _asks_else(rule: Rule) -> bool:
    """Tell whether `number` is not an incident's there."""
    return "<int:number>" in str(rule)


def _is_page(app: Flask, rule: Rule) -> bool:
    address = str(rule)
    with app.test_request_context(address.replace("<", "").replace(">", "")):
        is_ours = comes_from_page()
    return is_ours and "GET" in (rule.methods or ()) and not any(one in address for one in PIECES)


def _account(app: Flask, rule: Rule) -> str | None:
    wanted = declared(app.view_functions[rule.endpoint])
    if wanted == PUBLIC or wanted is None:
        return None
    may = GRANTS[Permission(wanted)]
    if rule.endpoint.startswith("drills.") and rule.endpoint != PLAYED and Role.DIRECTOR in may:
        return Role.DIRECTOR.value  # a player would be turned away
    return next((role for role in PREFERRED if role in may), min(may)).value


def _written(director: FlaskClient, base: str) -> Mapping[str, Mapping[str, str]]:
    """Write a scenario and plan a drill; return the arguments of their pages."""
    made = {"way": "copy", "name": "a-copy", "base": base}
    director.post("/drills/scenarios/new", data=made)
    planned = {"title": "桌面推演", "office": "示例局", "planned_on": "2026-12-01"}
    director.post("/drills/programme", data=planned)
    names = ("scenario", "scenario_text", "scenario_head", "update_by_sheet")
    written = {"name": made["name"]}
    return {
        **{f"drills.{name}": written for name in names},
        "drills.scenario_item": {**written, "section": "injects", "item": "5"},
        "drills.ask_scenario": {**written, "step": "ready"},
        "drills.exercise": {"exercise": "1"},
    }


def _improvement(services: Services, director: FlaskClient) -> str:
    given = {
        "weakness": "续报要素不全",
        "remedy": "修订模板",
        "owner": Role.GROUP_MEMBER,
        "due_on": services.now().date().isoformat(),
    }
    return director.post("/improvements/new", data=given).location.rpartition("/")[2]


def _instruction(services: Services) -> str:
    with services.reading() as session:
        return session.scalars(select(Instruction.number)).one()


def _ids(services: Services, incident: Incident) -> dict[str, str]:
    with services.reading() as session:
        first = {
            name: session.scalars(
                select(model.id).where(model.incident_id == incident.id).order_by(model.id)
            ).first()
            for name, model in (
                ("task", Task),
                ("clock", IncidentClock),
                ("consultation", Consultation),
                ("briefing", Briefing),
            )
        }
        seq = timeline.last_seq(session, incident.id)
    return {
        **{name: str(found) for name, found in first.items()},
        "number": incident.number,
        "seq": str(seq),
        "id": incident.plan,
        "key": KEY,
        "step": "place",
    }
