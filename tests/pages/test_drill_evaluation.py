"""The evaluators' sheet: a touch is kept at once, as a plain form, and players never come near."""

import io

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select

from drills.models import DrillRun, Mark
from incident.models import Attachment
from incident.services import Services
from tests.support.desk import make_people, make_person
from tests.support.drills import As, begin_run, clients
from workflows.lifecycle import Role

PICTURE = "image/jpeg"


@pytest.fixture
def run(desk: Services) -> DrillRun:
    people = make_people(desk)
    make_person(desk, "second", Role.EVALUATOR, number=60)
    return begin_run(desk, people[Role.DIRECTOR])


@pytest.fixture
def by(desk: Services, run: DrillRun) -> As:
    return clients(desk)


def address(run: DrillRun, objective: str, place: int = 0) -> str:
    return f"/drills/{run.key}/evaluate/{objective}/{place}"


def objective(run: DrillRun) -> str:
    return str(run.content["objectives"][0]["id"])


def give(client: FlaskClient, run: DrillRun, mark: str, **more: object) -> int:
    data = {"mark": mark, **more}
    kind = "multipart/form-data"
    return client.post(address(run, objective(run)), data=data, content_type=kind).status_code


def photo() -> tuple[io.BytesIO, str]:
    content = io.BytesIO()
    Image.new("RGB", (8, 8)).save(content, "JPEG")
    return io.BytesIO(content.getvalue()), "现场.jpg"


def test_a_touch_is_kept_and_comes_back_to_its_place(desk: Services, run: DrillRun, by: As) -> None:
    place = address(run, objective(run))
    answer = by("evaluator").post(place, data={"mark": "partly", "note": "口头"})

    assert answer.status_code == 303
    assert answer.location.endswith(f"/evaluate#{objective(run)}-0")
    with desk.reading() as session:
        kept = session.scalars(select(Mark)).one()
    assert (kept.mark, kept.note) == ("partly", "口头")
    page = by("evaluator").get(f"/drills/{run.key}/evaluate").text
    assert 'value="partly" aria-pressed="true"' in page


def test_what_was_measured_stands_beside_and_takes_no_touch(run: DrillRun, by: As) -> None:
    page = by("evaluator").get(f"/drills/{run.key}/evaluate").text

    assert "系统测得，不可改" in page
    assert "30 分钟内核实" in page
    assert "expectation" not in page.lower()


def test_a_photo_goes_with_the_mark_and_to_no_incident(
    desk: Services, run: DrillRun, by: As
) -> None:
    assert give(by("evaluator"), run, "met", file=photo()) == 303

    with desk.reading() as session:
        kept = session.scalars(select(Mark)).one()
        assert session.scalars(select(Attachment)).all() == []
    file = f"/drills/{run.key}/files/{kept.file_id}"
    assert by("evaluator").get(file).mimetype == PICTURE
    assert by("director").get(file).status_code == 200
    assert by("second").get(file).status_code == 404  # before a mark of his own
    assert by("duty_officer").get(file).status_code == 403


def test_what_is_no_photo_is_refused_and_the_note_is_kept(run: DrillRun, by: As) -> None:
    text = (io.BytesIO("名单".encode()), "名单.txt")
    answer = by("evaluator").post(
        address(run, objective(run)),
        data={"mark": "met", "note": "写了一半", "file": text},
        content_type="multipart/form-data",
    )

    assert answer.status_code == 422
    assert "请传照片" in answer.text or "只收照片" in answer.text
    assert "写了一半" in answer.text


@pytest.mark.parametrize("given", [{"mark": "half"}, {}, {"mark": "met", "note": "长" * 501}])
def test_a_mark_that_is_none_is_refused(run: DrillRun, by: As, given: dict[str, str]) -> None:
    assert by("evaluator").post(address(run, objective(run)), data=given).status_code == 422


def test_the_spread_is_shown_once_both_have_judged(run: DrillRun, by: As) -> None:
    give(by("evaluator"), run, "met")
    sheet = f"/drills/{run.key}/evaluate"
    assert "另有 1 位评过" in by("second").get(sheet).text
    give(by("second"), run, "not_met")

    assert "评估员相差 2 档" in by("evaluator").get(sheet).text
    assert "1 处意见不一" in by("director").get(sheet).text


def test_the_director_looks_and_does_not_judge(run: DrillRun, by: As) -> None:
    assert give(by("director"), run, "met") == 403
    assert "mark-choice" not in by("director").get(f"/drills/{run.key}/evaluate").text


@pytest.mark.parametrize("account", ["duty_officer", "commander", "observer"])
def test_nobody_else_comes_near(run: DrillRun, by: As, account: str) -> None:
    assert by(account).get(f"/drills/{run.key}/evaluate").status_code == 403
    assert give(by(account), run, "met") == 403


def test_an_evaluator_who_has_not_judged_sees_no_sum_of_others_marks(
    desk: Services, run: DrillRun, by: As
) -> None:
    give(by("evaluator"), run, "met")

    blind, seeing = (
        by(account).get(f"/drills/{run.key}/result").text for account in ("second", "evaluator")
    )

    assert "评估分暂不显示" in blind
    assert "评估分暂不显示" not in seeing
