"""The roster's pages: a month, a change, a swap, somebody away, files and a calendar."""

import io
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import openpyxl
import pytest
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select

from incident.models import Absence, DutyOverride, Post, Rotation, Swap
from incident.services import Services
from incident.who import Who
from tests.support.databases import SqliteDatabases
from tests.support.desk import desk_database, make_people, make_services
from tests.support.roster import make_officers, make_post, make_rotation
from tests.support.running import flask_client
from workflows.lifecycle import Role

SHIFT = "/roster/shifts/desk/2026-11-25/0"  # officer-a's, with d as stand-in


@pytest.fixture
def desk(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[Services]:
    """A desk whose post has four officers; a is on duty on the 25th."""
    services = make_services(desk_database(sqlite_databases), tmp_path / "desk")
    make_people(services)
    yield services
    services.engine.dispose()


@pytest.fixture
def officers(desk: Services) -> list[Who]:
    found = make_officers(desk)
    order = [(one, found[place - 1]) for place, one in enumerate(found)]
    make_rotation(desk, make_post(desk), order)
    return found


def leader(desk: Services) -> FlaskClient:
    return flask_client(desk, "duty_leader")


def change(**changes: str) -> dict[str, str]:
    return {
        "starts_at": "2026-11-25T08:30",
        "ends_at": "2026-11-26T08:30",
        "reason": "出差",
        **changes,
    }


def test_a_desk_without_posts_says_how_to_begin(desk: Services) -> None:
    page = leader(desk).get("/roster").text

    assert "还没有值班岗位" in page
    assert "/roster/posts" in page


def test_a_post_and_its_rotation_are_set_on_pages(desk: Services) -> None:
    a, b = make_officers(desk, 2)
    client = leader(desk)
    post = {"name": "值班员", "role": "duty_officer", "changes": "17:30、8:30", "two_tiers": "1"}

    made = client.post("/roster/posts", data=post)
    turned = client.post(
        "/roster/posts/duty_officer/rotations",
        data={
            "days": "every",
            "turn_days": "1",
            "starts_on": "2026-11-24",
            "main": [str(a.id), str(b.id), ""],
            "stand_in": [str(b.id), "", ""],
        },
    )

    assert (made.status_code, turned.status_code) == (303, 303)
    with desk.reading() as session:
        assert session.scalars(select(Post.changes)).one() == ["08:30", "17:30"]
        assert session.scalars(select(Rotation.order)).one() == [[a.id, b.id], [b.id, None]]


def test_nobody_is_made_his_own_stand_in(desk: Services, officers: list[Who]) -> None:
    a = officers[0]
    form = {"starts_on": "2026-12-24", "main": [str(a.id)], "stand_in": [str(a.id)]}

    answer = leader(desk).post("/roster/posts/desk/rotations", data=form)

    assert answer.status_code == 422
    assert "不能给自己当 B 岗" in answer.text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"changes": "25:00"}, "时刻写成 08:30 的样子", id="no time"),
        pytest.param({"changes": "08:30, 8:30"}, "同一时刻写了两次", id="twice"),
        pytest.param({"role": "auditor"}, "这个角色不排班", id="role"),
        pytest.param({"name": ""}, "请填写", id="no name"),
    ],
)
def test_a_bad_post_keeps_what_was_typed(
    desk: Services, changes: dict[str, str], words: str
) -> None:
    form = {"name": "值班员", "role": "duty_officer", "changes": "08:30", **changes}

    answer = leader(desk).post("/roster/posts", data=form)

    assert answer.status_code == 422
    assert words in answer.text


def test_the_month_shows_who_is_there_and_what_is_wrong(
    desk: Services, officers: list[Who]
) -> None:
    page = leader(desk).get("/roster?month=2027-01").text

    assert "周五" in page
    assert "节假日表只到 2026-12-31" in page
    assert "没有岗位" in page  # nobody has set the leader's


def test_a_change_shows_with_its_reason_and_is_taken_back(
    desk: Services, officers: list[Who]
) -> None:
    client = leader(desk)

    client.post(f"{SHIFT}/change", data=change(main=str(officers[2].id)))
    shown = client.get(SHIFT).text
    with desk.reading() as session:
        number = session.scalars(select(DutyOverride.id)).one()
    client.post(f"{SHIFT}/revoke/{number}")

    assert "出差" in shown
    assert "出差" not in client.get(SHIFT).text


def test_a_change_backwards_in_time_is_refused(desk: Services, officers: list[Who]) -> None:
    form = change(main=str(officers[2].id), ends_at="2026-11-25T08:00")

    answer = leader(desk).post(f"{SHIFT}/change", data=form)

    assert answer.status_code == 422
    assert "时间先后颠倒" in answer.text


def test_a_swap_goes_from_asking_to_approval_on_pages(desk: Services, officers: list[Who]) -> None:
    a, _, c, _ = (flask_client(desk, f"officer-{name}") for name in "abcd")

    asked = a.post(f"{SHIFT}/swap", data={"other": str(officers[2].id), "reason": "家中有事"})
    assert asked.status_code == 303, asked.text
    assert "1 个换班申请等我答复" in c.get("/roster/swaps").text
    assert "1 个换班申请等我答复" not in leader(desk).get("/roster/swaps").text
    c.post("/roster/swaps/1/agree")
    assert "1 个换班申请等我答复" in leader(desk).get("/roster/swaps").text
    assert c.post("/roster/swaps/1/approve").status_code == 403
    leader(desk).post("/roster/swaps/1/approve")

    with desk.reading() as session:
        assert session.scalars(select(Swap.state)).one() == "approved"
    assert "换班" in a.get(SHIFT).text


def test_somebody_else_s_duty_is_not_given_away(desk: Services, officers: list[Who]) -> None:
    b = flask_client(desk, "officer-b")

    answer = b.post(f"{SHIFT}/swap", data={"other": str(officers[2].id), "reason": "试"})

    assert answer.status_code == 422
    assert "这个班现在不是此人的" in answer.text


def test_people_note_their_own_absence_and_nobody_else_s(
    desk: Services, officers: list[Who]
) -> None:
    a = flask_client(desk, "officer-a")
    span = {"starts_at": "2026-11-25T00:00", "ends_at": "2026-11-27T00:00"}

    assert a.post("/roster/people/absences", data=span).status_code == 303
    other = {**span, "person": str(officers[1].id)}
    assert a.post("/roster/people/absences", data=other).status_code == 403
    assert leader(desk).post("/roster/people/absences", data=other).status_code == 303
    assert a.post("/roster/people/absences/2/revoke").status_code == 404
    assert a.post("/roster/people/absences/1/revoke").status_code == 303
    with desk.reading() as session:
        away = session.scalars(select(Absence.user_id).where(Absence.revoked_at.is_(None))).all()
    assert away == [officers[1].id]


def test_a_telephone_that_was_tried_is_no_longer_stale(desk: Services, officers: list[Who]) -> None:
    client = leader(desk)
    before = client.get("/roster/people").text

    client.post(f"/roster/people/{officers[0].id}/checked")

    assert "5 人的电话 90 天没有验证" in before
    assert "4 人的电话 90 天没有验证" in client.get("/roster/people").text


def test_telephones_are_shown_to_the_desk_alone(desk: Services, officers: list[Who]) -> None:
    expert = flask_client(desk, Role.EXPERT)

    for path in ("/roster", SHIFT, "/roster/people"):
        assert "+86100" in flask_client(desk, "duty_officer").get(path).text
        assert "+86100" not in expert.get(path).text


def test_a_spreadsheet_is_looked_through_before_it_is_taken(
    desk: Services, officers: list[Who]
) -> None:
    client = leader(desk)
    content = client.get("/roster/month.xlsx?month=2026-12").data
    book = openpyxl.load_workbook(io.BytesIO(content))
    page = book["明细"]
    page["D3"] = "officer-d"
    page["E3"] = "officer-a"
    changed = io.BytesIO()
    book.save(changed)

    looked = client.post(
        "/roster/import", data={"file": (io.BytesIO(changed.getvalue()), "r.xlsx")}
    )
    rows = re.search(r'name="rows" value="([^"]*)"', looked.text)
    with desk.reading() as session:
        assert session.scalars(select(DutyOverride)).all() == []
    assert rows is not None
    taken = client.post("/roster/import", data={"rows": unescape(rows[1]), "step": "import"})

    assert looked.status_code == 200
    assert "1 个班次可以导入，还没有导入" in looked.text
    assert taken.status_code == 303
    with desk.reading() as session:
        assert {row.why for row in session.scalars(select(DutyOverride))} == {"import"}


@pytest.mark.parametrize("rows", ["{", "[1]", "[[1, 2]]", '"text"', "null"])
def test_rows_that_were_meddled_with_are_refused(desk: Services, rows: str) -> None:
    answer = leader(desk).post("/roster/import", data={"rows": rows, "step": "import"})

    assert answer.status_code == 422


def test_a_calendar_s_address_works_without_a_sign_in_until_it_is_void(
    desk: Services, officers: list[Who]
) -> None:
    a = flask_client(desk, "officer-a")
    stranger = desk_stranger(desk)

    page = a.post("/roster/feed").text
    address = re.search(r"/roster/feed/[\w-]+\.ics", page)
    assert address is not None
    content = stranger.get(address[0])
    events = Calendar.from_ical(content.data).walk("VEVENT")

    assert content.mimetype == "text/calendar"
    assert {str(event["summary"]) for event in events} == {
        "值班：值班员（A 岗）",
        "值班：值班员（B 岗）",
    }
    assert b"officer-b" not in content.data
    assert b"+86100" not in content.data
    assert a.post("/roster/feed/end").status_code == 303
    assert stranger.get(address[0]).status_code == 404


def desk_stranger(desk: Services) -> FlaskClient:
    """Return a client that is not signed in."""
    return flask_client(desk, "observer").application.test_client()


def test_the_desk_and_the_account_say_who_is_on_duty(desk: Services, officers: list[Who]) -> None:
    with desk.transaction() as session:
        session.scalars(select(Post)).one().name = "食品值班"

    shown = flask_client(desk, "duty_officer").get("/desk").text
    mine = flask_client(desk, "officer-a").get("/account").text

    assert "食品值班" in shown
    assert "下一班" in shown
    assert "11-25 08:30" in mine
