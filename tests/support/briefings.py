"""Briefings for tests: drafted, issued, completed and printed by the people of make_people."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from incident.documents import OfficialDocument
from incident.inputs.base import parse
from incident.inputs.briefings import BriefingText
from incident.jobs.render import render
from incident.models import Briefing, Incident
from incident.operations import briefings, clocks, steps
from incident.press import Press
from incident.services import Services
from incident.who import Who
from tests.support.desk import act, make_people
from tests.support.papers import Paper
from workflows.lifecycle import Role

WRITTEN = {
    "samples": "已留样并送检",
    "opinion": "未见不实信息",
    "loss": "未造成重大损失",
    "responsibility": "由事发单位承担主体责任",
    "rectification": "已停业整改并通过验收",
    "lessons": "应当加强食堂冷食管理",
    "conclusion": "细菌性食物中毒",
}


def draft(
    services: Services,
    incident: Incident,
    kind: str = "initial",
    who: Who | None = None,
    **text: Any,
) -> Briefing:
    """Return a draft of the duty officer's, or of `who`."""
    drafter = who or make_people(services)[Role.DUTY_OFFICER]
    with services.transaction() as session:
        held = steps.hold(session, incident.number)
        written = parse(BriefingText, text)
        return briefings.draft(session, held, kind, services.context(drafter), text=written)


def revise(services: Services, incident: Incident, briefing: Briefing, **text: Any) -> None:
    """Write the parts that people write."""
    officer = make_people(services)[Role.DUTY_OFFICER]
    with services.transaction() as session:
        held = steps.hold(session, incident.number)
        row = briefings.find(session, held, briefing.id)
        written = parse(BriefingText, text)
        briefings.revise(session, held, row, written, services.context(officer))


def issue(
    services: Services,
    incident: Incident,
    briefing: Briefing,
    who: Who | None = None,
    *,
    seen: str | None = None,
) -> Briefing:
    """Return the briefing issued by the commander, or by `who`."""
    signer = who or make_people(services)[Role.COMMANDER]
    with services.transaction() as session:
        held = steps.hold(session, incident.number)
        row = briefings.find(session, held, briefing.id)
        briefings.issue(session, held, row, services.context(signer), seen=seen)
        return row


def draft_and_issue(
    services: Services, incident: Incident, kind: str = "initial", **text: Any
) -> Briefing:
    """Return a briefing that was drafted and issued at once."""
    return issue(services, incident, draft(services, incident, kind, **text))


def document_of(services: Services, briefing: Briefing) -> OfficialDocument:
    """Return the document that was issued, or what the draft says now."""
    with services.reading() as session:
        row = session.get_one(Briefing, briefing.id)
        return briefings.document(session, row, services.rules)


def printed(services: Services, briefing: Briefing, press: Press, folder: Path) -> Paper:
    """Let the engine print what waits, and read the PDF as the store has it."""
    render(services, press)
    with services.reading() as session:
        digest = briefings.printed(session, session.get_one(Briefing, briefing.id))
    assert digest is not None
    return Paper(services.store.get(digest), folder)


def update(services: Services, incident: Incident, **facts: Any) -> None:
    """Enter facts as the hospital tells them; `reason` says why a count falls."""
    reason = facts.pop("reason", None)
    officer = make_people(services)[Role.DUTY_OFFICER]
    raw = {"facts": facts, "source": "hospital"} | ({"reason": reason} if reason else {})
    act(services, incident, "update_facts", officer, **raw)


def complete(services: Services, incident: Incident) -> None:
    """Enter every fact that a final briefing asks for."""
    occurred = incident.occurred_at or services.now()
    update(
        services,
        incident,
        exposed=310,
        visited=41,
        hospitalised=5,
        deaths=0,
        cause="金黄色葡萄球菌肠毒素",
        measures="停止供餐；封存可疑食品",
        counties=1,
        suspect_product="凉拌鸡丝",
        first_onset_at=(occurred + timedelta(hours=1)).isoformat(),
        last_onset_at=(occurred + timedelta(hours=3)).isoformat(),
    )


def keep_clocks(services: Services, incident: Incident) -> None:
    """Mark every clock that still runs as kept."""
    officer = make_people(services)[Role.DUTY_OFFICER]
    with services.transaction() as session:
        held = steps.hold(session, incident.number)
        for clock in clocks.running_or_done(session, held):
            if clock.satisfied_at is None:
                clocks.mark(
                    session, held, clock.id, at=None, note="已办", who=officer, now=services.now()
                )
