"""Rows of several tables go in together: their ids, their values, and all or nothing."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from incident.models import Incident, IncidentClock, Observation, Report
from incident.operations import inserting
from incident.operations.inserting import Part
from incident.services import Services

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
OF_INCIDENT = {"incident_id": Incident}


def incident(number: str) -> Incident:
    return Incident(
        number=number,
        kind="food",
        title="示例",
        state="reported",
        version=1,
        plan="food-CN@2011",
        jurisdiction="330100",
        division="330106",
        received_at=NOON,
        changed_at=NOON,
        moments={},
    )


def observation(name: str, value: object) -> dict[str, object]:
    return {"name": name, "value": value, "source": "phone", "as_of": NOON, "entered_at": NOON}


def put(session: Session, number: str, *seen: dict[str, object]) -> dict[object, list[int]]:
    report = Report(report_type="initial", source="phone", content={"a": ["b"]}, filed_at=NOON)
    return dict(
        inserting.together(
            session,
            Part(model=Incident, rows=[inserting.row(incident(number))]),
            Part(model=Report, rows=[inserting.row(report)], of=OF_INCIDENT),
            Part(model=IncidentClock, rows=[], of=OF_INCIDENT),
            Part(model=Observation, rows=seen, of=OF_INCIDENT | {"report_id": Report}),
        )
    )


def test_each_row_finds_the_one_it_belongs_to(services: Services) -> None:
    with services.transaction() as session:
        put(session, "SP-1", observation("ill", 1))
        ids = put(session, "SP-2", observation("ill", 2), observation("deaths", 0))

    with services.reading() as session:
        found = session.scalars(select(Observation).order_by(Observation.id)).all()
        report = session.scalars(select(Report).order_by(Report.id.desc())).first()
    assert [row.id for row in found[1:]] == ids[Observation]
    assert {row.incident_id for row in found[1:]} == set(ids[Incident])
    assert {row.report_id for row in found[1:]} == set(ids[Report])
    assert IncidentClock not in ids
    assert report is not None
    assert report.id == ids[Report][0]


@pytest.mark.parametrize(
    "value",
    [0, False, True, "3", "中文 \"'\\ %s :ill {}", "𠮷\u2028", [1, {"a": None}], 10**12],
    ids=repr,
)
def test_a_value_comes_back_as_it_went_in(services: Services, value: object) -> None:
    with services.transaction() as session:
        put(session, "SP-1", observation("ill", value))

    with services.reading() as session:
        found = session.scalars(select(Observation)).one()
        opened = session.scalars(select(Incident)).one()
    assert (found.value, type(found.value)) == (value, type(value))
    assert found.as_of == opened.received_at == NOON.astimezone(UTC)
    assert (found.basis, opened.grade, opened.moments) == (None, None, {})


def test_a_naive_moment_is_refused(services: Services) -> None:
    naive = observation("ill", 1) | {"as_of": NOON.replace(tzinfo=None)}
    with services.reading() as session, pytest.raises(Exception, match="zone"):
        put(session, "SP-1", naive)


def test_one_row_that_cannot_go_in_keeps_out_all(services: Services) -> None:
    with services.transaction() as session:
        put(session, "SP-1")
    with pytest.raises(IntegrityError), services.transaction() as session:
        put(session, "SP-1", observation("ill", 1))

    with services.reading() as session:
        assert session.scalars(select(Observation)).all() == []
        assert len(session.scalars(select(Incident)).all()) == 1


def test_what_is_stored_is_changed_like_any_other(services: Services) -> None:
    with services.transaction() as session:
        ids = put(session, "SP-1")
        held = inserting.stored(session, incident("SP-1"), ids[Incident][0])
        assert (held.grade, held.merged_into) == (None, None)
        held.title = "改名"
    with services.reading() as session:
        found = session.scalars(select(Incident)).one()
    assert (found.title, found.version) == ("改名", 2)


def test_a_row_may_say_to_which_of_several_it_belongs(services: Services) -> None:
    with services.transaction() as session:
        put(session, "SP-0")
        ids = inserting.together(
            session,
            Part(model=Incident, rows=[inserting.row(incident(f"SP-{n}")) for n in (1, 2, 3)]),
            Part(
                model=Observation,
                rows=[observation("ill", place) | {"incident_id": place} for place in (3, 1, 1)],
                of=OF_INCIDENT,
            ),
        )

    with services.reading() as session:
        found = session.scalars(select(Observation).order_by(Observation.id)).all()
    assert [row.incident_id for row in found] == [ids[Incident][n - 1] for n in (3, 1, 1)]
    assert [row.value for row in found] == [3, 1, 1]
