"""Hostile text through every text field of an incident's pages comes out as text."""

from collections.abc import Iterator

import pytest

from tests.pages.incident_world import World, make_world
from tests.support.desk import PASSWORD, make_incident

CORPUS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "{{ 7*7 }}{% raw %}",
    "${7*7}{name}{0.__class__}%s%(x)s",
    "javascript:alert(1)",
    "</textarea><b>bold</b>",
    "\u202egnp.exe",
    "龘" * 60,
)
BAD = ("<script>alert", "<img src=x", "<svg/onload", "<b>bold", "49{")
PAGES = ("", "/facts", "/grade", "/board", "/consultations", "/files", "/clocks", "/messages")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = make_world(tmp_path_factory.mktemp("world"), states=False)
    yield made
    made.desk.engine.dispose()


@pytest.mark.parametrize("text", CORPUS)
def test_hostile_text_is_shown_as_text_on_every_page(world: World, text: str) -> None:
    number = make_incident(
        world.desk,
        unit={"name": text[:60]},
        place={"division": "330106", "address": text[:60]},
        suspect={"product": text[:60]},
        symptoms=[text[:60]],
    ).number
    live(world, number, text)

    officer = world.person("duty_officer")
    pages = [officer.read(f"/incidents/{number}{page}") for page in (*PAGES, "/review")]
    pages += [officer.read("/incidents"), officer.read(f"/incidents/{number}/timeline")]
    for page in pages:
        assert not [bad for bad in BAD if bad in page]


@pytest.mark.parametrize("text", CORPUS)
def test_hostile_text_that_is_refused_is_shown_again_as_text(world: World, text: str) -> None:
    number = make_incident(world.desk).number
    officer = world.person("duty_officer")

    sent = {"conclusion": "", "differences": text}
    page = officer.send(number, "verify", **sent).get_data(as_text=True)
    assert not [bad for bad in BAD if bad in page]
    search = officer.read("/incidents", q=text, state=text, grade=text, kind=text, drill=text)
    assert not [bad for bad in BAD if bad in search]


def live(world: World, number: str, text: str) -> None:
    """Carry an incident to its review with this text in every field."""
    officer, commander = world.person("duty_officer"), world.person("commander")
    chair = world.person("chair")
    officer.do(number, "note", text=text)
    officer.do(number, "verify", conclusion=text, differences=text)
    officer.do(number, "propose_grade", grade="III", reason=text)
    commander.do(number, "approve_grade", grade="III", criterion=text, expert_advice=text)
    commander.do(
        number,
        "activate",
        matters=text,
        level="III",
        measures=text,
        expected_until="2026-11-25T12:00",
    )
    commander.do(number, "instruct", text=text)
    officer.post(f"/incidents/{number}/tasks/new", title=text, group=text[:60], note=text)
    officer.upload(f"/incidents/{number}/files", f"{text}.txt", b"plain")
    commander.do(number, "convene", question=text, experts=["expert"], due_at="2026-11-23T15:00")
    give_opinion(world, number, text)
    chair.do(
        number,
        "conclude",
        conclusion=text,
        dissent=text,
        adopted__measures=text,
        adopted__briefing=text,
        password=PASSWORD,
    )
    officer.do(number, "update_facts", facts__cause=text, source="phone")
    findings = dict.fromkeys(
        (f"findings.{e.id}" for e in world.desk.rules.library.plan("food-CN@2011").termination),
        "met",
    )
    commander.do(number, "terminate", **findings)
    written = {"review.course": text, "review.well": text, "review.not_well": text}
    assert officer.post(f"/incidents/{number}/review", **written).status_code == 303


def give_opinion(world: World, number: str, text: str) -> None:
    expert = world.person("expert")
    listed = expert.read(f"/incidents/{number}/consultations")
    path = f"/incidents/{number}/consultations/"
    path += listed.split("/consultations/")[1].split('"')[0]
    expert.post(f"{path}/declaration", has_conflict="no")
    given = {"text": text, "cause": text, "measures": text, "confidence": "low", "locked": "1"}
    assert expert.post(f"{path}/opinion", **given).status_code == 303
