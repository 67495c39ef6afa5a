"""The duty desk: what needs somebody now, and whom to ring."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from incident.models import Incident as IncidentRow
from incident.models import IncidentClock, OutgoingMessage
from incident.services import Services
from tests.support.desk import act, make_incident, make_people
from tests.support.reaching import called
from tests.support.running import flask_client


def page(services: Services, path: str = "/desk", account: str = "duty_officer") -> str:
    make_people(services)
    answer = flask_client(services, account).get(path)
    assert answer.status_code == 200, answer.text[:300]
    return answer.text


def numbers(text: str) -> list[str]:
    return re.findall(r'data-row-link="/incidents/([^"]+)"', text)


def hasten(services: Services, incident: IncidentRow, minutes: int) -> None:
    """Let the nearest clock of an incident be due in some minutes, of a hundred."""
    now = services.now()
    due = now + timedelta(minutes=minutes)
    with services.transaction() as session:
        mine = IncidentClock.incident_id == incident.id
        session.execute(update(IncidentClock).where(mine).values(satisfied_at=now))
        session.add(
            IncidentClock(
                incident_id=incident.id,
                rule="X",
                title="示例时限",
                actor="值班员",
                receiver="带班领导",
                basis="示例",
                confidence="P",
                starts_at=due - timedelta(minutes=100),
                due_at=due,
                alarms=[],
                satisfied_by=["mark"],
                advisory=False,
            )
        )
        row = update(IncidentRow).where(IncidentRow.id == incident.id)
        session.execute(row.values(next_due_at=due))


def test_the_nearest_clock_stands_first_and_drills_stand_last(services: Services) -> None:
    late, soon = make_incident(services), make_incident(services)
    drill = make_incident(services, drill="D1")
    over = make_incident(services)
    for incident, minutes in ((late, 90), (soon, 10), (drill, 1), (over, -5)):
        hasten(services, incident, minutes)
    text = page(services)

    assert numbers(text) == [over.number, soon.number, late.number, drill.number]
    assert "3 起待核，1 起时限已过，1 个时限将到" in text
    row = text[text.index(f'data-row-link="/incidents/{drill.number}') :]
    assert "drill-word" in row[:900]


def test_a_row_tells_what_is_known_and_what_is_not(services: Services) -> None:
    make_incident(services, counts={"ill": 40, "deaths": 0})
    text = page(services)

    assert "发病 40" in text
    assert "死亡 0" in text
    assert "重症 不详" in text
    assert "呕吐、腹泻" in text
    assert "西湖区" in text


def test_the_ring_counts_the_people_who_answered(services: Services) -> None:
    incident = make_incident(services)
    people = make_people(services)
    before = page(services)
    act(services, incident, "acknowledge", people["duty_officer"])
    after = page(services)

    (asked,) = set(re.findall(r"<b>0/(\d+)</b> 已确认", before))
    assert f"<b>1/{asked}</b> 已确认" in after
    assert silent(before).count("值班员") == 1
    assert silent(after).count("值班员") == 0


def silent(text: str) -> list[str]:
    panel = text[text.index("未确认的人") : text.index("今日值班")]
    return re.findall(r'class="contact"><b>([^<]+)', panel)


def test_those_whom_nothing_reached_are_named_first(services: Services) -> None:
    incident = make_incident(services)
    person = called(services, incident, "带班领导")
    with services.transaction() as session:
        mine = OutgoingMessage.alert_person_id == person.id
        session.execute(update(OutgoingMessage).where(mine).values(state="failed"))
    text = page(services)

    assert "没送到" in text
    assert silent(text)[0] == person.person


def test_counters_tell_what_waits(services: Services) -> None:
    make_incident(services)
    make_incident(services, state="grading")
    make_incident(services, state="responding")
    make_incident(services, drill="D1")
    text = page(services)
    counted = {
        word: int(n) for n, word in re.findall(r"<b>(\d+)</b> (待核|待定级|响应中|待办任务)", text)
    }

    assert (counted["待核"], counted["待定级"], counted["响应中"]) == (1, 1, 1)
    assert counted["待办任务"] > 5


def test_an_empty_desk_says_what_would_appear(services: Services) -> None:
    text = page(services)

    assert "没有待核的接报" in text
    assert "新的接报会出现在这里" in text
    assert "还没有演练过" in text


def test_it_follows_live_and_without_script_by_itself(services: Services) -> None:
    text = page(services)

    assert "data-watch-desk" in text
    assert '<noscript><meta http-equiv="refresh" content="15"></noscript>' in text
    for part in ("headline", "counters", "queue", "siren", "silent", "people"):
        assert f'data-url="/desk/{part}"' in text
        fragment = page(services, f"/desk/{part}")
        assert f'data-url="/desk/{part}"' in fragment
        assert "<html" not in fragment


def test_an_unknown_part_is_not_found(services: Services) -> None:
    make_people(services)

    assert flask_client(services, "duty_officer").get("/desk/nothing").status_code == 404


@pytest.mark.parametrize("path", ["/desk", "/desk/queue", "/desk/siren", "/desk/silent"])
@pytest.mark.parametrize(
    ("account", "status"),
    [
        ("duty_officer", 200),
        ("leader", 200),
        ("group_member", 200),
        ("reporter", 403),
        ("expert", 403),
        ("director", 403),
        ("auditor", 403),
        ("system_admin", 403),
    ],
)
def test_the_desk_is_for_the_desk(desk: Services, path: str, account: str, status: int) -> None:
    make_people(desk)

    assert flask_client(desk, account).get(path).status_code == status


def test_the_page_speaks_english(desk: Services) -> None:
    make_incident(desk)
    client = flask_client(desk, "duty_officer")
    client.set_cookie("language", "en")
    text = client.get("/desk").text

    assert "1 to verify" in text
    assert "Not acknowledged" in text
