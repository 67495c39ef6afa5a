"""The handover of the watch: two people sign, item by item; the leader hears of what is left."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from incident.errors import Conflict, Forbidden, InvalidInput
from incident.inputs.base import parse
from incident.inputs.watchkeeping import RefuseInput
from incident.models import Entry, Handover, HandoverItem, OutgoingMessage
from incident.operations import handover, relief, signing
from incident.queries.packet import packet
from incident.services import Services
from incident.who import Who
from tests.support.desk import NOW, PASSWORD, make_incident, make_people
from tests.support.roster import make_officers, make_post, make_rotation
from tests.support.watch import begin, change_of, decide, items_of, sign, take
from workflows.lifecycle import Role


@pytest.fixture
def officers(services: Services) -> list[Who]:
    """Four officers, each a day; the third relieved the second at 08:30 on the 23rd."""
    make_people(services)
    found = make_officers(services)
    make_rotation(services, make_post(services), [(one, None) for one in found])
    return found


def entries(services: Services, prefix: str = "handover_") -> list[str]:
    with services.reading() as session:
        query = select(Entry.type).where(Entry.type.startswith(prefix)).order_by(Entry.seq)
        return list(session.scalars(query))


def pages(services: Services) -> list[tuple[str, str]]:
    """Return whom a message about the watch goes to, and by what."""
    with services.reading() as session:
        rows = session.execute(
            select(OutgoingMessage.person, OutgoingMessage.channel)
            .where(OutgoingMessage.reason.startswith("handover:"))
            .order_by(OutgoingMessage.id)
        )
        return [(person, channel) for person, channel in rows]


def test_the_roster_says_who_leaves_and_who_comes(services: Services, officers: list[Who]) -> None:
    early = change_of(services, datetime.fromisoformat("2026-11-23T07:00+08:00"))

    assert early.due_at == datetime.fromisoformat("2026-11-23T08:30+08:00")
    assert (early.leaves, early.comes) == (officers[1].id, officers[2].id)


@pytest.mark.parametrize(("moment", "day"), [("09:00", 23), ("20:29", 23), ("20:31", 24)])
def test_a_late_handover_is_about_the_hour_that_passed_until_half_of_the_new_watch_is_over(
    services: Services, officers: list[Who], moment: str, day: int
) -> None:
    found = change_of(services, datetime.fromisoformat(f"2026-11-23T{moment}+08:00"))

    assert found.due_at.day == day


def test_a_desk_without_posts_hands_over_whenever_it_does(services: Services) -> None:
    make_people(services)

    with services.reading() as session:
        change = relief.next_change(session, None, services.now(), services.rules)

    assert (change.post, change.leaves, change.comes) == ("role:duty_officer", None, None)


def test_two_signatures_hand_the_watch_over(services: Services, officers: list[Who]) -> None:
    make_incident(services)
    leaves, comes = officers[1], officers[2]
    number = begin(services, leaves)
    sign(services, number, leaves, checklist=[{"name": "phone", "state": "good"}], note="平稳")

    state = take(services, number, comes)

    with services.reading() as session:
        row = session.get_one(Handover, number)
        assert state == row.state == "accepted"
        assert (row.from_id, row.to_id) == (leaves.id, comes.id)
        assert row.digest == signing.digest(row.packet)
        assert None not in (row.signature, row.countersignature)
        assert row.signature != row.countersignature
        assert row.checklist == [{"name": "phone", "state": "good", "note": None}]
    assert entries(services) == ["handover_opened", "handover_signed", "handover_accepted"]
    assert pages(services) == []


def test_nobody_relieves_himself(services: Services, officers: list[Who]) -> None:
    number = begin(services, officers[1])
    sign(services, number, officers[1])

    with pytest.raises(Forbidden, match="own-relief"):
        take(services, number, officers[1])
    assert entries(services)[-1] == "handover_signed"


def test_a_signature_needs_the_signers_own_password(
    services: Services, officers: list[Who]
) -> None:
    number = begin(services, officers[1])

    for password in (None, "Wrong-horse-9x"):
        with pytest.raises(InvalidInput) as refused:
            sign(services, number, officers[1], password=password)
        assert [one.field for one in refused.value.errors] == ["password"]
    sign(services, number, officers[1])
    with pytest.raises(InvalidInput):
        take(services, number, officers[2], password="Wrong-horse-9x")
    assert entries(services) == ["handover_opened", "handover_signed"]


def test_only_who_opened_it_signs_and_nothing_is_taken_before(
    services: Services, officers: list[Who]
) -> None:
    number = begin(services, officers[1])

    with pytest.raises(Forbidden, match="not-leaving"):
        sign(services, number, officers[2])
    with pytest.raises(Conflict, match="handover-not-signed"):
        take(services, number, officers[2])
    with pytest.raises(Conflict, match="handover-open"):
        begin(services, officers[0])


def test_what_is_not_taken_needs_a_reason(services: Services, officers: list[Who]) -> None:
    make_incident(services)
    number = begin(services, officers[1])
    sign(services, number, officers[1])
    first, *_ = items_of(services, number)

    with pytest.raises(InvalidInput) as refused:
        decide(services, number, officers[2], accepted=[first.id], reasons={})

    silent = [one.id for one in items_of(services, number)[1:]]
    assert [one.field for one in refused.value.errors] == [f"reasons.{one}" for one in silent]


def test_a_refused_item_stays_with_who_leaves_and_pages_the_leader_once(
    services: Services, officers: list[Who]
) -> None:
    make_incident(services)
    leaves, comes = officers[1], officers[2]
    number = begin(services, leaves)
    sign(services, number, leaves)
    refused, *others = items_of(services, number)

    reasons = {refused.id: "材料没有交全"}
    state = decide(services, number, comes, accepted=[one.id for one in others], reasons=reasons)
    again = decide(services, number, comes, accepted=[], reasons={refused.id: "仍缺"})

    assert (state, again) == ("partly", "partly")
    assert pages(services) == [("带班领导", "sms"), ("带班领导", "voice")]
    assert entries(services).count("handover_paged") == 1
    with services.reading() as session:
        text = session.scalars(
            select(Entry.text).where(Entry.type == "handover_partly").order_by(Entry.seq)
        ).first()
        message = session.scalars(select(OutgoingMessage.incident_id)).all()
    assert text is not None
    assert "材料没有交全" in text
    assert refused.title in text
    assert None in message


def test_what_was_left_can_be_taken_later_by_the_same_officer_alone(
    services: Services, officers: list[Who]
) -> None:
    make_incident(services)
    number = begin(services, officers[1])
    sign(services, number, officers[1])
    refused, *others = items_of(services, number)
    taken = [one.id for one in others]
    decide(services, number, officers[2], accepted=taken, reasons={refused.id: "缺材料"})

    with pytest.raises(Forbidden, match="not-relieving"):
        decide(services, number, officers[0], accepted=[refused.id], reasons={})
    state = decide(services, number, officers[2], accepted=[refused.id], reasons={})

    assert state == "accepted"
    assert {one.state for one in items_of(services, number)} == {"accepted"}


def test_the_next_watch_is_told_with_whom_a_matter_stayed(
    services: Services, officers: list[Who]
) -> None:
    make_incident(services)
    number = begin(services, officers[1])
    sign(services, number, officers[1])
    refused, *others = items_of(services, number)
    taken = [one.id for one in others]
    decide(services, number, officers[2], accepted=taken, reasons={refused.id: "缺材料"})
    tomorrow = NOW + timedelta(days=1)

    later = begin(services, officers[2], now=tomorrow)
    with services.reading() as session:
        found = session.get_one(Handover, later).packet["items"]
    sign(services, later, officers[2], now=tomorrow)
    take(services, later, officers[0], now=tomorrow)

    stays = {one["key"]: one["stays_with"] for one in found}
    assert stays[refused.key] == officers[1].display
    assert {one.state for one in items_of(services, number)} == {"accepted"}


def test_who_comes_may_refuse_the_whole_and_another_round_begins(
    services: Services, officers: list[Who]
) -> None:
    number = begin(services, officers[1])
    sign(services, number, officers[1])
    bring = parse(RefuseInput, {"reason": "交班人不在场", "password": PASSWORD})

    with services.transaction() as session:
        row = handover.hold(session, number)
        handover.refuse(session, row, bring, services.context(officers[2]))
    again = begin(services, officers[1])

    assert len(pages(services)) == 2
    with services.reading() as session:
        assert session.get_one(Handover, number).state == "refused"
        assert session.get_one(Handover, again).round == 2


def test_a_packet_is_made_anew_only_before_it_is_signed(
    services: Services, officers: list[Who]
) -> None:
    number = begin(services, officers[1])
    make_incident(services)

    def renew() -> int:
        with services.transaction() as session:
            row = handover.hold(session, number)
            told = packet(session, None, services.now())
            handover.renew(session, row, told, services.context(officers[1]))
            return len(row.packet["items"])

    before, after = 1, renew()
    sign(services, number, officers[1])

    assert after > before
    with pytest.raises(Conflict, match="handover-signed"):
        renew()


def test_an_officer_whom_the_roster_does_not_name_is_written_down_as_such(
    services: Services, officers: list[Who]
) -> None:
    number = begin(services, officers[1])
    sign(services, number, officers[1])
    take(services, number, officers[0])

    with services.reading() as session:
        text = session.scalars(select(Entry.text).where(Entry.type == "handover_accepted")).one()
    assert "值班表上不是此人" in text


def test_a_role_that_keeps_no_watch_neither_hands_over_nor_relieves(
    services: Services, officers: list[Who]
) -> None:
    people = make_people(services)
    with pytest.raises(Forbidden, match="wrong-role"):
        begin(services, people[Role.LEADER])
    number = begin(services, officers[1])
    sign(services, number, officers[1])
    with pytest.raises(Forbidden, match="wrong-role"):
        take(services, number, people[Role.EXPERT])
    with services.reading() as session:
        assert session.scalar(select(func.count(HandoverItem.id))) == 1
