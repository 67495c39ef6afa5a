"""The plans, to be read: editions, one edition whole, and its quick card."""

import html

import pytest

from incident.services import Services
from tests.support.desk import make_incident, make_people
from tests.support.running import flask_client
from workflows.library import Library

PLANS = Library.load().plans


def page(desk: Services, path: str, account: str = "plan_keeper") -> str:
    make_people(desk)
    answer = flask_client(desk, account).get(path)
    assert answer.status_code == 200, answer.text[:300]
    return html.unescape(answer.text)


def test_all_editions_are_listed_those_of_the_office_first(desk: Services) -> None:
    text = page(desk, "/plans")

    for plan in PLANS:
        assert f'href="/plans/{plan.id}"' in text
        assert plan.digest[:12] in text
    assert text.index("food-CN@2011") < text.index("food-51@2017")
    assert text.count("本机关适用") == 6
    assert "已失效" in text


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.id)
def test_an_edition_shows_every_rule_with_its_source_and_mark(desk: Services, plan: object) -> None:
    assert plan in PLANS
    found = PLANS[PLANS.index(plan)]  # type: ignore[arg-type]
    text = page(desk, f"/plans/{found.id}")

    for items in (found.criteria, found.clocks, found.measures, found.callouts, found.termination):
        for item in items:
            assert f'id="{item.id}"' in text
            assert item.basis in text
    for mark in ("V", "V~", "M", "M?", "M-", "P"):
        assert f">{mark}</abbr>" in text
    assert found.digest in text


def test_it_names_the_incidents_that_began_with_it(desk: Services) -> None:
    incident = make_incident(desk)

    assert incident.number in page(desk, f"/plans/{incident.plan}", "duty_officer")
    assert incident.number not in page(desk, f"/plans/{incident.plan}", "reporter")
    assert incident.number not in page(desk, f"/plans/{incident.plan}", "plan_keeper")


def test_a_past_edition_says_so(desk: Services) -> None:
    assert "这一版已经失效" in page(desk, "/plans/drug-CN@2005")


def test_the_card_holds_no_doubtful_rule(desk: Services) -> None:
    text = page(desk, "/plans/food-CN@2011/card")

    assert "速查卡" in text
    assert "M?</abbr>" not in text
    assert "2 小时" in text


def test_an_unknown_plan_is_not_found(desk: Services) -> None:
    make_people(desk)
    client = flask_client(desk, "duty_officer")

    assert client.get("/plans/food-XX@1999").status_code == 404
    assert client.get("/plans/food-XX@1999/card").status_code == 404


@pytest.mark.parametrize("account", ["auditor", "system_admin", "security_admin"])
def test_the_administrators_have_no_plans(desk: Services, account: str) -> None:
    make_people(desk)

    assert flask_client(desk, account).get("/plans").status_code == 403
