"""What comes in from outside: each impossible field is named with its code."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from incident.errors import InvalidInput
from incident.inputs import actions as brought
from incident.inputs.base import parse
from incident.inputs.facts import read
from incident.inputs.report import ReportInput, check_report
from incident.inputs.tasks import NewTask
from tests.support.desk import NOW, raw_report
from workflows.divisions import Divisions

SOON, LATER = NOW - timedelta(hours=2), NOW - timedelta(hours=1)


def refused(**changes: Any) -> list[tuple[str, str]]:
    """Return the faults of a report, field and code."""
    try:
        report = parse(ReportInput, raw_report(**changes))
        check_report(report, now=NOW, divisions=Divisions.load())
    except InvalidInput as error:
        return [(item.field, item.code) for item in error.errors]
    return []


def counts(**values: Any) -> dict[str, Any]:
    return {"counts": values}


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        pytest.param({"kind": "toy"}, "kind", "not-one-of", id="unknown kind"),
        pytest.param({"source": "rumour"}, "source", "not-one-of", id="unknown source"),
        pytest.param({"setting": "moon"}, "setting", "not-one-of", id="unknown setting"),
        pytest.param({"place": {}}, "place.division", "required", id="no division"),
        pytest.param(
            {"place": {"division": "999999"}},
            "place.division",
            "unknown-division",
            id="division that is none",
        ),
        pytest.param(
            {"place": {"division": "33010"}}, "place.division", "wrong-type", id="five digits"
        ),
        pytest.param(
            {"place": {"division": "٣٣٠١٠٦"}},
            "place.division",
            "unknown-division",
            id="digits of another script",
        ),
        pytest.param(
            {"place": {"division": 330106}},
            "place.division",
            "wrong-type",
            id="division as a number",
        ),
        pytest.param({"colour": "red"}, "colour", "unknown-field", id="unknown field"),
        pytest.param({"counts": {"sick": 3}}, "counts.sick", "unknown-field", id="unknown count"),
        pytest.param(
            {"occurred_at": "2026-11-23T10:00:00"}, "occurred_at", "no-zone", id="no zone"
        ),
        pytest.param(
            {"occurred_at": "2026-11-23"}, "occurred_at", "no-zone", id="a day is no moment"
        ),
        pytest.param({"occurred_at": "yesterday"}, "occurred_at", "bad-time", id="words"),
        pytest.param(
            {"occurred_at": 1763800000}, "occurred_at", "bad-time", id="a number of seconds"
        ),
        pytest.param(
            {"occurred_at": "1763800000"}, "occurred_at", "bad-time", id="digits of seconds"
        ),
        pytest.param({"occurred_at": True}, "occurred_at", "bad-time", id="true is no time"),
        pytest.param(
            {"occurred_at": "1999-12-31T00:00:00Z"}, "occurred_at", "bad-time", id="last century"
        ),
        pytest.param(
            {"occurred_at": "9999-12-31T23:59:59Z"}, "occurred_at", "bad-time", id="end of all days"
        ),
        pytest.param(
            {"aware_at": NOW + timedelta(minutes=6)}, "aware_at", "in-future", id="aware in future"
        ),
        pytest.param(
            {"last_onset_at": NOW + timedelta(hours=1)},
            "last_onset_at",
            "in-future",
            id="onset after report",
        ),
        pytest.param(
            {"received_at": SOON, "last_onset_at": LATER},
            "received_at",
            "before",
            id="onset after the call",
        ),
        pytest.param(
            {"received_at": SOON, "occurred_at": LATER},
            "received_at",
            "before",
            id="happened after the call",
        ),
        pytest.param(
            {"occurred_at": LATER, "aware_at": SOON},
            "aware_at",
            "before",
            id="known before it happened",
        ),
        pytest.param(
            {"first_onset_at": LATER, "last_onset_at": SOON},
            "last_onset_at",
            "before",
            id="last onset before first",
        ),
        pytest.param(counts(ill=-1), "counts.ill", "too-small", id="below nobody"),
        pytest.param(counts(ill=10_000_001), "counts.ill", "too-large", id="more than a city"),
        pytest.param(counts(ill="3"), "counts.ill", "wrong-type", id="count as text"),
        pytest.param(counts(ill=3.0), "counts.ill", "wrong-type", id="count as a fraction"),
        pytest.param(counts(ill=True), "counts.ill", "wrong-type", id="true is no count"),
        pytest.param(
            counts(ill=1, deaths=2), "counts.deaths", "above", id="deaths above ill without basis"
        ),
        pytest.param(counts(exposed=1, ill=2), "counts.ill", "above", id="ill above exposed"),
        pytest.param(
            counts(exposed=1, deaths=2, basis="confirmed"),
            "counts.deaths",
            "above",
            id="deaths above exposed",
        ),
        pytest.param(
            counts(ill=1, severe=2, basis="suspected"),
            "counts.severe",
            "above",
            id="severe above ill",
        ),
        pytest.param(
            counts(ill=1, hospitalised=2),
            "counts.hospitalised",
            "above",
            id="in hospital above ill",
        ),
        pytest.param({"narrative": "长" * 4001}, "narrative", "too-long", id="4001 characters"),
        pytest.param({"narrative": "a\x00b"}, "narrative", "control-character", id="NUL"),
        pytest.param(
            {"narrative": "a\x1b[31m"}, "narrative", "control-character", id="terminal escape"
        ),
        pytest.param({"narrative": "a\x85b"}, "narrative", "control-character", id="C1 control"),
        pytest.param({"narrative": "a\ud800"}, "narrative", "wrong-type", id="half a character"),
        pytest.param({"unit": {"name": "  "}}, "unit.name", "required", id="blanks are nothing"),
        pytest.param({"correction": "长" * 301}, "correction", "too-long", id="long reason"),
        pytest.param(
            {"reporter": {"phone": "call me"}}, "reporter.phone", "wrong-type", id="phone in words"
        ),
        pytest.param({"symptoms": ["呕吐"] * 31}, "symptoms", "too-many", id="31 symptoms"),
        pytest.param({"incident": ["SP"]}, "incident", "wrong-type", id="a list is no number"),
    ],
)
def test_an_impossible_report_is_refused_at_its_field(
    changes: dict[str, Any], field: str, code: str
) -> None:
    assert refused(**changes) == [(field, code)]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({}, id="the usual one"),
        pytest.param({"counts": {}}, id="nothing is known of the persons"),
        pytest.param({"counts": {"ill": 0, "deaths": 0}}, id="nobody is ill"),
        pytest.param({"counts": {"ill": 3, "deaths": 3, "severe": 3, "exposed": 3}}, id="all are"),
        pytest.param(
            {"counts": {"ill": 1, "deaths": 2, "basis": "confirmed"}},
            id="deaths above ill, basis stated",
        ),
        pytest.param({"counts": {"ill": 10_000_000}}, id="largest count"),
        pytest.param({"aware_at": NOW + timedelta(minutes=5)}, id="clocks of machines differ"),
        pytest.param(
            {"occurred_at": LATER, "aware_at": LATER, "received_at": LATER}, id="all at one moment"
        ),
        pytest.param({"narrative": "长" * 4000}, id="4000 characters"),
        pytest.param({"narrative": "التسمم 🥟\n\t第二行"}, id="right to left, emoji, lines"),
        pytest.param({"unit": {"name": "{0}{ill}{__class__}%s"}}, id="placeholders"),
        pytest.param({"reporter": {"phone": "+86 (100) 0000-0001"}}, id="phone with signs"),
    ],
)
def test_an_unusual_report_is_taken(changes: dict[str, Any]) -> None:
    assert refused(**changes) == []


def test_every_wrong_field_is_named_at_once() -> None:
    changes = {"kind": "toy", "counts": {"ill": -1}, "occurred_at": "now"}
    assert {field for field, _ in refused(**changes)} == {"kind", "counts.ill", "occurred_at"}


def test_what_a_report_leaves_out_is_unknown() -> None:
    report = parse(ReportInput, raw_report(counts={}))
    assert set(report.counts.model_dump().values()) == {None}


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        pytest.param("ill", "40", "wrong-type", id="count as text"),
        pytest.param("ill", True, "wrong-type", id="true is no count"),
        pytest.param("ill", -1, "wrong-type", id="below nobody"),
        pytest.param("ill", 10**30, "too-large", id="beyond any database"),
        pytest.param("overseas", 1, "wrong-type", id="1 is no yes"),
        pytest.param("setting", "moon", "wrong-type", id="unknown setting"),
        pytest.param("setting", ["school"], "wrong-type", id="a list"),
        pytest.param("weather", "rain", "unknown-fact", id="not in the vocabulary"),
        pytest.param("suspect_product", "长" * 121, "too-long", id="product beyond its column"),
        pytest.param("suspect_batch", "1" * 61, "too-long", id="batch beyond its column"),
        pytest.param("cause", "a\x00", "control-character", id="NUL"),
        pytest.param("cause", "a\ud800", "wrong-type", id="half a character"),
        pytest.param("cause", " ", "required", id="blanks"),
        pytest.param("cause", {"a": 1}, "wrong-type", id="an object"),
        pytest.param("first_onset_at", "soon", "bad-time", id="onset in words"),
        pytest.param("first_onset_at", "2026-11-23T10:00:00", "no-zone", id="onset without zone"),
    ],
)
def test_a_fact_that_does_not_fit_is_refused_by_name(name: str, value: Any, code: str) -> None:
    with pytest.raises(InvalidInput) as error:
        read({name: value}, field="facts")
    assert [(item.field, item.code) for item in error.value.errors] == [(f"facts.{name}", code)]


def test_an_onset_is_kept_as_a_moment() -> None:
    kept = read({"first_onset_at": "2026-11-23T10:00:00+08:00", "ill": None}, field="facts")
    assert datetime.fromisoformat(kept["first_onset_at"]) == datetime(2026, 11, 23, 2, tzinfo=UTC)
    assert kept["ill"] is None


@pytest.mark.parametrize(
    ("model", "raw", "field", "code"),
    [
        pytest.param(
            brought.Instruct,
            {"text": "a\0"},
            "text",
            "control-character",
            id="NUL in an instruction",
        ),
        pytest.param(
            brought.Instruct,
            {"text": "长" * 201},
            "text",
            "too-long",
            id="instruction beyond its column",
        ),
        pytest.param(NewTask, {"title": "a\0"}, "title", "control-character", id="NUL in a task"),
        pytest.param(
            brought.Note,
            {"text": "a", "corrects": 2**31},
            "corrects",
            "too-large",
            id="no such seq can be",
        ),
        pytest.param(
            brought.ApproveGrade,
            {"grade": "III", "criterion": "长" * 61, "expert_advice": "无"},
            "criterion",
            "too-long",
            id="criterion beyond its column",
        ),
        pytest.param(
            brought.Regrade,
            {"grade": "ungraded", "reason": "a"},
            "grade",
            "not-one-of",
            id="a response is not ungraded",
        ),
        pytest.param(
            brought.UpdateFacts, {"facts": {}, "source": "phone"}, "facts", "required", id="no fact"
        ),
        pytest.param(
            brought.UpdateFacts,
            {"facts": {"ill": 1}, "source": "phone", "reason": "长" * 301},
            "reason",
            "too-long",
            id="reason beyond its column",
        ),
        pytest.param(
            brought.Convene,
            {"question": "a", "experts": [], "due_at": NOW},
            "experts",
            "required",
            id="no expert",
        ),
        pytest.param(
            brought.Conclude,
            {"conclusion": "a", "password": ""},
            "password",
            "required",
            id="no password",
        ),
    ],
)
def test_a_step_whose_input_does_not_fit_is_refused_by_field(
    model: Any, raw: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(InvalidInput) as error:
        parse(model, raw)
    assert [(item.field, item.code) for item in error.value.errors] == [(field, code)]


def test_a_password_is_not_shown_with_the_input() -> None:
    given = parse(brought.Conclude, {"conclusion": "a", "password": "Correct-horse-9x"})
    assert "Correct" not in repr(given)
