"""What a call would send, before it is sent."""

from sqlalchemy import func, select

from incident.models import OutgoingMessage
from incident.queries.calls import preview
from incident.services import Services
from tests.support.desk import make_incident, make_people, read


def test_a_preview_says_text_people_and_cost_and_sends_nothing(services: Services) -> None:
    make_people(services)
    number = make_incident(services, state="grading", grade="III").number
    with services.reading() as session:
        before = session.scalar(select(func.count()).select_from(OutgoingMessage))
        found = preview(
            session, read(services, number), "activated", now=services.now(), rules=services.rules
        )
        after = session.scalar(select(func.count()).select_from(OutgoingMessage))
    assert before == after
    assert number in found.text
    assert found.text.endswith("回K7加1收到2动身3不能")
    assert found.segments.count == 1
    assert len(found.first) == found.cost == 4
    assert found.later == ()


def test_a_drill_costs_no_second_segment_for_its_mark(services: Services) -> None:
    make_people(services)
    number = make_incident(services, state="grading", grade="III", drill="YL-1").number
    with services.reading() as session:
        found = preview(
            session, read(services, number), "activated", now=services.now(), rules=services.rules
        )
    assert found.text.startswith("【演练】")
    assert found.segments.count == 1
    assert "回K7" in found.text
