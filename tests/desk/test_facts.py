"""Facts as a series: nothing is overwritten, the latest moment counts, unknown stays unknown."""

from datetime import timedelta
from typing import Any

import pytest

from incident.clock import FrozenClock
from incident.errors import InvalidInput
from incident.models import Incident, Observation
from incident.operations import facts
from incident.services import Services
from tests.support.desk import NOW, act, make_incident, make_people, read
from tests.support.steps import entries, trace


@pytest.fixture
def incident(sqlite_services: Services) -> Incident:
    return make_incident(sqlite_services)


def update(services: Services, incident: Incident, stated: dict[str, Any], **more: Any) -> Incident:
    officer = make_people(services)["duty_officer"]
    raw = {"facts": stated, "source": "hospital", **more}
    return act(services, incident, "update_facts", officer, **raw)


def known(services: Services, incident: Incident) -> dict[str, Any]:
    with services.reading() as session:
        return facts.current(session, incident.id)


def series(services: Services, incident: Incident, name: str) -> list[Observation]:
    with services.reading() as session:
        return facts.series(session, incident.id, name)


def faults(error: InvalidInput) -> list[tuple[str, str]]:
    return [(item.field, item.code) for item in error.errors]


def test_the_past_is_never_overwritten(services: Services) -> None:
    incident = make_incident(services)
    first = series(services, incident, "ill")[0].id
    update(services, incident, {"ill": 60}, basis="confirmed")
    story = series(services, incident, "ill")
    assert [(one.value, one.basis) for one in story] == [(40, "suspected"), (60, "confirmed")]
    assert story[0].id == first
    assert known(services, incident)["ill"] == 60


def test_an_older_value_that_comes_late_does_not_override(
    sqlite_services: Services, incident: Incident
) -> None:
    assert isinstance(sqlite_services.clock, FrozenClock)
    sqlite_services.clock.moment = NOW + timedelta(hours=2)
    update(sqlite_services, incident, {"ill": 60, "setting": "banquet"})
    old = (NOW + timedelta(hours=1)).isoformat()
    after = update(sqlite_services, incident, {"ill": 50, "setting": "canteen"}, as_of=old)
    assert (known(sqlite_services, incident)["ill"], after.setting) == (60, "banquet")
    entry = entries(sqlite_services, incident)[-1]
    assert entry.data["changes"] == {"ill": [40, 50], "setting": ["school", "canteen"]}
    assert (entry.at, entry.entered_at) == (NOW + timedelta(hours=1), NOW + timedelta(hours=2))


def test_of_two_values_for_one_moment_the_later_entered_counts(
    sqlite_services: Services, incident: Incident
) -> None:
    update(sqlite_services, incident, {"ill": 41})
    update(sqlite_services, incident, {"ill": 42})
    assert known(sqlite_services, incident)["ill"] == 42


def test_a_falling_count_is_refused_without_and_taken_with_a_reason(
    sqlite_services: Services, incident: Incident
) -> None:
    before = trace(sqlite_services)
    with pytest.raises(InvalidInput) as refused:
        update(sqlite_services, incident, {"ill": 39})
    assert faults(refused.value) == [("facts.ill", "falls")]
    assert trace(sqlite_services) == before
    update(sqlite_services, incident, {"ill": 39}, reason="重复登记")
    assert known(sqlite_services, incident)["ill"] == 39
    assert entries(sqlite_services, incident)[-1].type == "facts_corrected"


def test_a_withdrawn_fact_is_unknown_again_and_not_nobody(
    sqlite_services: Services, incident: Incident
) -> None:
    with pytest.raises(InvalidInput):
        update(sqlite_services, incident, {"severe": None})
    update(sqlite_services, incident, {"severe": None}, reason="尚未核实")
    assert "severe" not in known(sqlite_services, incident)
    assert "不详" in entries(sqlite_services, incident)[-1].text


def test_a_withdrawn_setting_is_unknown_on_the_incident_too(
    sqlite_services: Services, incident: Incident
) -> None:
    assert incident.setting == "school"
    after = update(sqlite_services, incident, {"setting": None})
    assert after.setting is None


@pytest.mark.parametrize(
    ("stated", "fault"),
    [
        pytest.param({"deaths": 41}, [], id="more deaths than ill, with the basis known"),
        pytest.param({"severe": 41}, [("facts.severe", "above")], id="more severe than ill"),
        pytest.param({"ill": 50, "severe": 50}, [], id="all severe"),
        pytest.param({"exposed": 39}, [("facts.ill", "above")], id="more ill than exposed"),
    ],
)
def test_facts_that_cannot_be_true_together_are_refused(
    shared_services: Services, stated: dict[str, int], fault: list[tuple[str, str]]
) -> None:
    incident = make_incident(shared_services)
    if not fault:
        assert update(shared_services, incident, stated).version > incident.version
        return
    with pytest.raises(InvalidInput) as refused:
        update(shared_services, incident, stated)
    assert faults(refused.value) == fault


def test_more_deaths_than_ill_need_a_stated_basis(sqlite_services: Services) -> None:
    incident = make_incident(sqlite_services, counts={"ill": 3})
    with pytest.raises(InvalidInput):
        update(sqlite_services, incident, {"deaths": 4})
    update(sqlite_services, incident, {"deaths": 4, "count_basis": "confirmed"})
    assert known(sqlite_services, incident)["deaths"] == 4


def test_a_fact_of_the_future_is_refused(sqlite_services: Services, incident: Incident) -> None:
    future = (NOW + timedelta(minutes=1)).isoformat()
    with pytest.raises(InvalidInput) as refused:
        update(sqlite_services, incident, {"ill": 41}, as_of=future)
    assert faults(refused.value) == [("as_of", "in-future")]


def test_texts_as_long_as_their_columns_fit_both_databases(services: Services) -> None:
    incident = make_incident(services)
    texts = {"suspect_product": "品" * 120, "suspect_batch": "批" * 60, "cause": "因" * 4000}
    update(services, incident, {**texts, "ill": 39}, reason="由" * 300)
    after = read(services, incident.number)
    assert (after.product, after.batch) == (texts["suspect_product"], texts["suspect_batch"])


def test_only_what_the_rules_know_goes_to_the_rules() -> None:
    assert facts.for_rules({"ill": 3, "cause": "不明", "overseas": False}) == {
        "ill": 3,
        "overseas": False,
    }
