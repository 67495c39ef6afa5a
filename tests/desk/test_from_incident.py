"""A closed incident becomes a scenario: times as they were, and nobody and nothing real in it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from drills.from_incident import making
from drills.from_incident.material import Learnt, Material, Told, gather
from drills.writing import drafts
from incident.clock import FrozenClock
from incident.errors import Conflict
from incident.models import Incident, User
from incident.services import Services
from tests.support.desk import act, make_incident, make_people
from workflows.library import Library
from workflows.lifecycle import Role, State

LIBRARY = Library.load()
NAMES = st.text(alphabet="赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许", min_size=3, max_size=8)
PHONES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
CODES = st.from_regex(r"[A-Z]{2}[0-9]{5,8}", fullmatch=True)


@st.composite
def reports(draw: st.DrawFn) -> dict[str, Any]:
    """Return a report full of names, with all of them in its narrative too."""
    named = {
        "place": {"division": "330106", "address": draw(NAMES)},
        "unit": {"name": draw(NAMES), "licence": draw(CODES)},
        "suspect": {
            "product": draw(NAMES),
            "producer": draw(NAMES),
            "batch": draw(CODES),
            "approval_no": draw(CODES),
            "meal": draw(st.one_of(NAMES, st.just("昨日午餐"))),
        },
        "reporter": {
            "name": draw(NAMES),
            "organisation": draw(NAMES),
            "phone": draw(PHONES),
        },
    }
    said = "，".join(str(text) for part in named.values() for text in part.values())
    return {
        "kind": "food",
        "source": "hospital",
        "setting": "school",
        "counts": {"ill": draw(st.integers(0, 500)), "basis": "visited"},
        "symptoms": ["呕吐", draw(NAMES)],
        "narrative": said,
        "measures": said,
        **named,
    }


def originals(report: Mapping[str, Any]) -> set[str]:
    parts = (report["place"], report["unit"], report["suspect"], report["reporter"])
    found = {str(text) for part in parts for text in part.values()} | {report["symptoms"][1]}
    return found - {"昨日午餐"}


def material(*told: Mapping[str, Any], **changes: Any) -> Material:
    return Material(
        **{
            "kind": "food",
            "setting": "school",
            "plan": "food-CN@2011",
            "told": tuple(Told(minute=20 * number, report=one) for number, one in enumerate(told)),
            "learnt": (),
            "asked": (),
            "steps": {},
            "clocks": {},
            "tasks": {},
            "briefings": {},
            "concluded": None,
            "secrets": frozenset(),
            **changes,
        }
    )


@settings(max_examples=60, deadline=None)
@given(told=st.lists(reports(), min_size=1, max_size=3))
def test_nothing_that_a_report_names_is_in_the_scenario(told: list[dict[str, Any]]) -> None:
    text = making.text(material(*told), "case", LIBRARY)

    assert not [one for report in told for one in originals(report) if one in text]


@settings(max_examples=20, deadline=None)
@given(report=reports())
def test_the_same_is_replaced_by_the_same(report: dict[str, Any]) -> None:
    made = making.values(material(report, report), "case", LIBRARY)

    first, second = (one["report"] for one in made["injects"])
    assert first["unit"] == second["unit"]
    assert first["suspect"] == second["suspect"]
    assert first["reporter"] == second["reporter"]


def pass_minutes(services: Services, minutes: int) -> None:
    assert isinstance(services.clock, FrozenClock)
    services.clock.advance(timedelta(minutes=minutes))


def closed(services: Services) -> Incident:
    """Return an incident that was handled in its minutes, and archived."""
    people = make_people(services)
    with services.transaction() as session:
        for number, user in enumerate(session.scalars(select(User))):
            user.display = f"某某{number}同志"
            user.organisation = "某某分局"
    incident = make_incident(
        services,
        narrative="王某某称其子在某某小学就餐后呕吐，电话13812345678",
        reporter={"name": "王某某", "organisation": "某某医院", "phone": "13812345678"},
        unit={"name": "某某小学"},
        place={"division": "330106", "address": "某某街9号"},
        suspect={"product": "某某牌牛奶", "batch": "B20261101", "meal": "学校午餐"},
    )
    pass_minutes(services, 12)
    act(services, incident, "verify", people[Role.DUTY_OFFICER], conclusion="属实")
    pass_minutes(services, 9)
    facts = {"ill": 60, "cause": "某某牌牛奶检出"}
    act(
        services,
        incident,
        "update_facts",
        people[Role.DUTY_OFFICER],
        facts=facts,
        source="hospital",
    )
    with services.transaction() as session:
        found = session.get(Incident, incident.id)
        assert found is not None
        found.state = State.CLOSED
    return incident


def made_of(services: Services, incident: Incident) -> tuple[str, Material]:
    with services.reading() as session:
        found = session.get(Incident, incident.id)
        assert found is not None
        held = gather(session, found, services.rules.divisions)
    return making.text(held, "case", LIBRARY), held


def test_nobody_of_the_desk_and_nothing_of_the_incident_is_in_the_scenario(
    services: Services,
) -> None:
    text, held = made_of(services, closed(services))

    assert len(held.secrets) > 20
    for one in ("某某", "王某某", "13812345678", "B20261101", "西湖", "杭州", "SP2026"):
        assert one not in text
    assert drafts.TO_FILL in text


def test_times_are_kept_and_what_was_done_is_expected(services: Services) -> None:
    text, _ = made_of(services, closed(services))

    checked = drafts.check("case", text, LIBRARY)
    assert checked.scenario is not None
    assert checked.problems == ()
    injects = {one.id: one.at for one in checked.scenario.injects}
    assert injects == {"first-report": "0m", "facts-1": "21m"}
    wanted = {one.id: one.within for one in checked.scenario.expectations}
    assert wanted["verify"] == "15m"


def test_what_a_director_has_not_filled_in_does_not_get_ready(services: Services) -> None:
    text, _ = made_of(services, closed(services))
    director = make_people(services)[Role.DIRECTOR]
    with services.transaction() as session:
        row = drafts.begin(session, "case", text, who=director, now=services.now())

    with pytest.raises(Conflict, match="scenario-to-fill"), services.transaction() as session:
        drafts.declare_ready(
            session, "case", row.version, LIBRARY, who=director, now=services.now()
        )


@pytest.mark.parametrize("drill", [None, "YL-20261123-01"])
def test_what_is_not_over_or_was_a_drill_makes_none(services: Services, drill: str | None) -> None:
    incident = make_incident(services, drill=drill)
    if drill:
        with services.transaction() as session:
            found = session.get(Incident, incident.id)
            assert found is not None
            found.state = State.CLOSED

    with pytest.raises(Conflict, match="incident-not-closed"):
        made_of(services, incident)


def test_a_count_that_fell_without_a_word_is_left_out_and_said() -> None:
    first = {"kind": "food", "source": "phone", "place": {"division": "330106"}}
    later = {**first, "counts": {"ill": 60}, "report_type": "progress"}
    fell = Learnt(minute=30, facts={"ill": 40})
    rose = Learnt(minute=10, facts={"ill": 50})

    made = making.values(material(first, later, learnt=(rose, fell)), "case", LIBRARY)

    brought = [(one["id"], one["at"]) for one in made["injects"]]
    assert brought == [("first-report", "0m"), ("facts-1", "10m"), ("report-2", "20m")]
    assert "1 " in made["background"][0]["text"]


def test_a_step_comes_with_its_minutes_and_its_part() -> None:
    report = {"kind": "food", "source": "phone", "place": {"division": "330106"}}
    held = material(
        report,
        steps={"verify": 7, "activate": 61},
        clocks={"FC-INITIAL": 120},
        tasks={"A05": (80, True)},
        concluded=200,
    )

    checked = drafts.check("case", making.text(held, "case", LIBRARY), LIBRARY)

    assert checked.problems == ()
    assert checked.scenario is not None
    wanted = {one.id: (one.within, one.parts) for one in checked.scenario.expectations}
    assert wanted["verify"] == ("10m", ("duty",))
    assert wanted["activate"] == ("65m", ("command",))
    assert wanted["clock-fc-initial"] == ("120m", ())
    assert wanted["task-a05"] == ("80m", ("group",))
    assert wanted["concluded"] == ("200m", ("chair",))
    assert sum(one.weight for one in checked.scenario.objectives) == 100
