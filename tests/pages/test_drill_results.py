"""The result of a drill, the hot wash, the survey and the report, each for whom it is."""

import io
from datetime import timedelta
from typing import cast
from urllib.parse import unquote

import pytest
from pypdf import PdfReader

from drills import player, runs
from drills.models import DrillRun
from incident.clock import FrozenClock
from incident.services import Services
from tests.support.desk import make_people
from tests.support.drills import As, begin_run, clients, prepare_run, run_of
from workflows.lifecycle import Role


@pytest.fixture
def run(desk: Services) -> DrillRun:
    """A drill that ended after an hour and a half of its time, in which nobody did anything."""
    people = make_people(desk)
    prepared = prepare_run(desk, people[Role.DIRECTOR])
    with desk.transaction() as session:
        runs.begin(session, prepared.key, who=people[Role.DIRECTOR], now=desk.now())
    player.play_due(desk)
    cast(FrozenClock, desk.clock).advance(timedelta(minutes=25))
    with desk.transaction() as session:
        runs.end(session, prepared.key, who=people[Role.DIRECTOR], now=desk.now())
    return run_of(desk, prepared.key)


@pytest.fixture
def by(desk: Services, run: DrillRun) -> As:
    return clients(desk)


def test_what_was_missed_stands_in_the_result_with_a_way_into_the_ledger(
    run: DrillRun, by: As
) -> None:
    page = by("director").get(f"/drills/{run.key}/result").text

    assert "30 分钟内核实" in page
    assert "未做" in page
    assert f"/improvements/new?drill={run.key}&amp;source=expectation:verified" in page


def test_one_press_proposes_an_item_and_the_next_leads_to_it(run: DrillRun, by: As) -> None:
    director = by("director")
    proposed = f"/improvements/new?drill={run.key}&source=expectation:verified&weakness=核实晚了"
    form = director.get(proposed)
    assert "核实晚了" in form.text
    given = {
        "drill": run.key,
        "source": "expectation:verified",
        "weakness": "核实晚了",
        "remedy": "值班手册写明",
        "owner": "duty_leader",
        "due_on": "2026-12-31",
    }
    entered = director.post("/improvements/new", data=given)

    assert entered.location.endswith("/improvements/GJ-2026-001")
    assert director.get(proposed).location.endswith("/improvements/GJ-2026-001")
    assert "GJ-2026-001" in director.get(f"/drills/{run.key}/result").text


def test_a_players_own_result_is_for_him_and_the_director(
    desk: Services, run: DrillRun, by: As
) -> None:
    result = f"/drills/{run.key}/result"
    own = by("duty_officer").get(result).text
    evaluators = by("evaluator").get(result).text

    assert "个人（只有本人和导调看得到）" in own
    assert "个人（只有本人和导调看得到）" in by("director").get(result).text
    assert "个人（只有本人和导调看得到）" not in evaluators


def test_a_player_waits_for_the_end(desk: Services) -> None:
    people = make_people(desk)
    going = begin_run(desk, people[Role.DIRECTOR])
    client = clients(desk)("duty_officer")

    for page in ("result", "wash", "survey"):
        answer = client.get(f"/drills/{going.key}/{page}")
        assert answer.status_code == 409
        assert "30 分钟内核实" not in answer.text


def test_who_took_no_part_sees_no_result(run: DrillRun, by: As) -> None:
    assert by("reporter").get(f"/drills/{run.key}/result").status_code == 403
    assert by("auditor").get(f"/drills/{run.key}/result").status_code == 403


def test_runs_of_one_scenario_stand_beside_each_other(
    desk: Services, run: DrillRun, by: As
) -> None:
    people = make_people(desk)
    later = begin_run(desk, people[Role.DIRECTOR])

    page = by("director").get(f"/drills/{later.key}/result").text

    assert "与历次比较" in page
    assert f"/drills/{run.key}/result" in page


def test_a_comment_of_the_hot_wash_bears_its_author(run: DrillRun, by: As) -> None:
    said = by("duty_officer").post(f"/drills/{run.key}/wash/weak", data={"text": "没人答复领导"})

    assert said.status_code == 303
    page = by("director").get(f"/drills/{run.key}/wash").text
    assert "没人答复领导" in page
    assert by("duty_officer").post(f"/drills/{run.key}/wash/weak", data={}).status_code == 422
    assert (
        by("duty_officer").post(f"/drills/{run.key}/wash/x", data={"text": "a"}).status_code == 409
    )


def test_the_survey_is_answered_once_and_read_by_the_director(
    desk: Services, run: DrillRun, by: As
) -> None:
    survey = f"/drills/{run.key}/survey"
    given = {"plan": "2", "worst": "找不到预案", "named": "yes"}
    assert by("duty_officer").post(survey, data=given).status_code == 303
    assert by("duty_officer").post(survey, data=given).status_code == 409

    assert "找不到预案" in by("director").get(survey).text
    assert "找不到预案" not in by("duty_officer").get(survey).text
    assert by("duty_leader").post(survey, data={"plan": "9"}).status_code == 422


def test_the_report_bears_the_mark_of_a_drill_on_every_page(run: DrillRun, by: As) -> None:
    director = by("director")
    written = {"well": "接报快", "weak": "核实晚", "advice": ""}
    assert director.post(f"/drills/{run.key}/report", data=written).status_code == 303

    answer = director.get(f"/drills/{run.key}/report.pdf")

    pages = [page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages]
    assert all("【演练】" in page for page in pages)
    told = "".join(pages).replace("\n", "")
    for words in ("接报快", "核实晚", "30 分钟内核实", "〔待核〕", run.key):
        assert words in told
    assert "【演练】" in unquote(answer.headers["Content-Disposition"])


def test_an_issued_report_stays_as_it_was(desk: Services, run: DrillRun, by: As) -> None:
    director, officer = by("director"), by("duty_officer")
    pdf = f"/drills/{run.key}/report.pdf"
    assert officer.get(pdf).status_code == 403
    director.post(f"/drills/{run.key}/report", data={"well": "接报快"})
    assert director.get(f"/drills/{run.key}/report/issue").status_code == 200
    director.post(f"/drills/{run.key}/report/issue")

    first = officer.get(pdf)
    late = director.post(f"/drills/{run.key}/report", data={"well": "改了"})

    assert late.status_code == 409
    assert director.post(f"/drills/{run.key}/report/issue").status_code == 409
    assert director.get(pdf).data == first.data
    told = "".join(page.extract_text() for page in PdfReader(io.BytesIO(first.data)).pages)
    assert "演练评估〔2026〕1号" in told


def test_an_observer_may_answer_the_survey_but_not_the_report(
    desk: Services, run: DrillRun, by: As
) -> None:
    assert by("observer").get(f"/drills/{run.key}/result").status_code == 200
    assert by("observer").get(f"/drills/{run.key}/report").status_code == 403
