"""The pages of follow-ups: the desk's list, the review's table, and the form that ends one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from incident.services import Services
from tests.desk.test_follow_ups import archived
from tests.support.databases import SqliteDatabases
from tests.support.desk import desk_database, make_people, make_services
from tests.support.running import flask_client


@pytest.fixture
def desk(sqlite_databases: SqliteDatabases, tmp_path: Path) -> Iterator[Services]:
    made = make_services(desk_database(sqlite_databases), tmp_path / "desk")
    make_people(made)
    yield made
    made.engine.dispose()


def test_the_desk_leads_to_what_is_open_and_its_owner_ends_it(desk: Services) -> None:
    number = archived(desk).number
    member = flask_client(desk, "group_member")
    assert "未结整改" in member.get("/desk").text
    listed = member.get("/follow-ups").text
    assert "2 项整改未办结" in listed
    assert listed.count("登记办结") == 1

    place = listed.split(f'href="/incidents/{number}/follow-ups/')[1].split('"')[0]
    path = f"/incidents/{number}/follow-ups/{place}"
    assert "修订采样清单" in member.get(path).text
    empty = member.post(path, data={"note": ""})
    assert empty.status_code == 422
    assert "请填写" in empty.text
    done = member.post(path, data={"note": "清单已修订并印发"})
    assert done.status_code == 303

    review = member.get(f"/incidents/{number}/review").text
    assert "清单已修订并印发" in review
    assert "1 项整改未办结" in member.get("/follow-ups").text
    assert "已经办结" in member.get(path).text
    assert member.post(path, data={"note": "再来一次"}).status_code == 409


def test_somebody_else_is_told_who_may(desk: Services) -> None:
    number = archived(desk).number
    member = flask_client(desk, "commander")
    leader = flask_client(desk, "duty_leader").get("/follow-ups").text
    place = leader.split(f'href="/incidents/{number}/follow-ups/')[1].split('"')[0]
    path = f"/incidents/{number}/follow-ups/{place}"

    assert "只能由责任人或带班领导登记办结" in member.get(path).text
    refused = member.post(path, data={"note": "代办"})
    assert refused.status_code == 403
    assert "只能由责任人或带班领导登记办结" in refused.text


def test_with_nothing_open_the_list_says_so(desk: Services) -> None:
    assert "没有未办结的整改事项" in flask_client(desk, "leader").get("/follow-ups").text
