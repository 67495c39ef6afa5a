"""Consultation: frozen evidence, blind opinions, a signature that covers them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from incident.clock import FrozenClock
from incident.errors import Conflict, Forbidden, InvalidInput
from incident.inputs.opinions import Declaration, OpinionInput
from incident.models import Consultation, Incident, Invitation, Opinion, OutgoingMessage
from incident.operations import attachments, consulting, signing, steps
from incident.queries import conference
from incident.services import Services
from incident.uploads import inspect
from incident.who import Who
from tests.support.desk import NOW, PASSWORD, act, make_incident, make_people, make_person
from tests.support.steps import brings, entries, trace

OPINION = OpinionInput(confidence="high", text="符合细菌性食物中毒特征", grade="III")


@pytest.fixture
def people(services: Services) -> dict[str, Who]:
    second = make_person(services, "expert_two", "expert", number=71)
    both = make_person(services, "expert_chair", "expert", "chair", number=72)
    return {**make_people(services), "expert_two": second, "expert_chair": both}


def convene(services: Services, incident: Incident, who: Who, **changes: Any) -> Incident:
    raw = brings(services, incident, "convene", **changes)
    return act(services, incident, "convene", who, **raw)


def running(services: Services, incident: Incident) -> Consultation:
    with services.reading() as session:
        found = consulting.running(session, incident.id)
        assert found is not None
        return found


def declare(services: Services, incident: Incident, who: Who, conflict: str | None = None) -> None:
    with services.transaction() as session:
        asked = consulting.running(session, incident.id)
        assert asked is not None
        consulting.declare(session, asked, Declaration(conflict=conflict), services.context(who))


def give(services: Services, incident: Incident, who: Who, opinion: OpinionInput = OPINION) -> None:
    with services.transaction() as session:
        asked = consulting.running(session, incident.id)
        assert asked is not None
        consulting.give(session, asked, opinion, services.context(who))


def is_open(services: Services, incident: Incident, after: timedelta = timedelta()) -> bool:
    with services.reading() as session:
        asked = consulting.running(session, incident.id)
        assert asked is not None
        return consulting.is_open_to_read(session, asked, NOW + after)


def test_the_evidence_is_frozen_with_digests(services: Services, people: dict[str, Who]) -> None:
    incident = make_incident(services, state="responding")
    context = services.context(people["duty_officer"])
    with services.transaction() as session:
        held = steps.hold(session, incident.number)
        upload = inspect("留样记录.txt", "留样48小时".encode())
        file = attachments.attach(
            session, held, upload, services.store.put(upload.content), context
        )
    convene(services, incident, people["commander"], evidence=[file.id])
    frozen = running(services, incident)
    facts = {"facts": {"ill": 90}, "source": "hospital"}
    act(services, incident, "update_facts", people["duty_officer"], **facts)
    after = running(services, incident)
    assert after.evidence == frozen.evidence
    assert after.evidence["facts"]["ill"] == 40
    assert after.evidence["files"][0]["sha256"] == file.digest
    assert after.digest == signing.digest({"question": after.question, **after.evidence})


def test_opinions_are_blind_until_all_are_in(services: Services, people: dict[str, Who]) -> None:
    incident = make_incident(services, state="responding")
    convene(services, incident, people["commander"], experts=["expert", "expert_two"])
    assert not is_open(services, incident)
    for name in ("expert", "expert_two"):
        declare(services, incident, people[name])
        assert not is_open(services, incident)
        give(services, incident, people[name])
    assert is_open(services, incident)
    assert OPINION.text not in "".join(one.text for one in entries(services, incident))


def test_opinions_are_open_on_the_second_that_time_is_up(
    services: Services, people: dict[str, Who]
) -> None:
    incident = make_incident(services, state="responding")
    convene(services, incident, people["commander"])
    assert not is_open(services, incident, timedelta(hours=4) - timedelta(seconds=1))
    assert is_open(services, incident, timedelta(hours=4))


def test_an_expert_with_a_conflict_gives_no_opinion_is_not_waited_for_and_signs_nothing(
    services: Services, people: dict[str, Who]
) -> None:
    incident = make_incident(services, state="responding")
    convene(services, incident, people["commander"], experts=["expert", "expert_chair"])
    declare(services, incident, people["expert_chair"], conflict="受聘于涉事企业")
    with pytest.raises(Forbidden, match="conflict-of-interest"):
        give(services, incident, people["expert_chair"])
    declare(services, incident, people["expert"])
    give(services, incident, people["expert"])
    assert is_open(services, incident)
    raw = brings(services, incident, "conclude")
    with pytest.raises(Forbidden, match="conflict-of-interest"):
        act(services, incident, "conclude", people["expert_chair"], **raw)
    assert act(services, incident, "conclude", people["chair"], **raw).state == "disposing"


def test_an_opinion_comes_after_the_declaration_once_and_from_those_asked(
    services: Services, people: dict[str, Who]
) -> None:
    incident = make_incident(services, state="responding")
    convene(services, incident, people["commander"])
    with pytest.raises(Conflict, match="declare-first"):
        give(services, incident, people["expert"])
    declare(services, incident, people["expert"])
    with pytest.raises(Conflict, match="already-declared"):
        declare(services, incident, people["expert"], conflict="后悔")
    give(services, incident, people["expert"])
    with pytest.raises(Conflict, match="opinion-locked"):
        give(services, incident, people["expert"])
    for name in ("expert_two", "chair", "commander"):
        with pytest.raises(Forbidden, match="not-invited"):
            give(services, incident, people[name])


def test_a_conclusion_waits_for_the_opinions_and_asks_for_the_chairs_own_password(
    services: Services, people: dict[str, Who]
) -> None:
    incident = make_incident(services, state="responding")
    convene(services, incident, people["commander"])
    raw = brings(services, incident, "conclude")
    with pytest.raises(Conflict, match="opinions-missing"):
        act(services, incident, "conclude", people["chair"], **raw)
    declare(services, incident, people["expert"])
    give(services, incident, people["expert"])
    before = trace(services)
    with pytest.raises(InvalidInput) as refused:
        act(services, incident, "conclude", people["chair"], **{**raw, "password": "guess"})
    assert [(e.field, e.code) for e in refused.value.errors] == [("password", "password-wrong")]
    assert trace(services) == before


def test_the_signature_covers_opinions_dissent_and_adopted_points(
    services: Services, people: dict[str, Who]
) -> None:
    incident = make_incident(services, state="responding")
    convene(services, incident, people["commander"])
    declare(services, incident, people["expert"])
    give(services, incident, people["expert"])
    adopted = {"grade": "II", "measures": ["全市停售"], "briefing": "沙门氏菌"}
    raw = brings(services, incident, "conclude", dissent="潜伏期不符", adopted=adopted)
    act(services, incident, "conclude", people["chair"], **raw)
    with services.reading() as session:
        signed = session.scalars(select(Consultation)).one()
        assert signed.adopted == adopted
        assert signed.dissent == "潜伏期不符"
        content = signing.signed_content(signed, consulting.opinions(session, signed))
        assert signing.digest(content) == signed.signature
        opinion = session.scalars(select(Opinion)).one()
        with session.no_autoflush:
            opinion.text = "改写"
            assert (
                signing.digest(signing.signed_content(signed, consulting.opinions(session, signed)))
                != signed.signature
            )
    entry = entries(services, incident)[-1]
    assert (entry.data["adopted"], entry.data["signature"]) == (adopted, signed.signature)
    assert "潜伏期不符" in entry.text
    with services.transaction() as session, pytest.raises(Conflict, match="consultation-signed"):
        consulting.give(session, signed, OPINION, services.context(people["expert"]))


@pytest.mark.parametrize("name", ["chair", "commander", "nobody"])
def test_only_experts_are_asked(services: Services, people: dict[str, Who], name: str) -> None:
    incident = make_incident(services, state="responding")
    before = trace(services)
    with pytest.raises(InvalidInput) as refused:
        convene(services, incident, people["commander"], experts=["expert", name])
    assert [(e.code, e.values) for e in refused.value.errors] == [
        ("no-such-expert", {"name": name})
    ]
    assert trace(services) == before


def test_an_expert_named_twice_is_asked_once(services: Services, people: dict[str, Who]) -> None:
    incident = make_incident(services, state="responding")
    convene(services, incident, people["commander"], experts=["expert", "expert"])
    with services.reading() as session:
        assert len(session.scalars(select(Invitation)).all()) == 1
        sent = session.scalars(
            select(OutgoingMessage).where(OutgoingMessage.reason.contains("consultation"))
        ).all()
    assert [one.user_id for one in sent] == [people["expert"].id]


def test_evidence_of_another_incident_and_a_time_that_is_over_are_refused(
    services: Services, people: dict[str, Who]
) -> None:
    incident, other = make_incident(services, state="responding"), make_incident(services)
    context = services.context(people["duty_officer"])
    with services.transaction() as session:
        held = steps.hold(session, other.number)
        upload = inspect("a.txt", b"a")
        file = attachments.attach(session, held, upload, services.store.put(b"a"), context)
    with pytest.raises(InvalidInput) as refused:
        convene(services, incident, people["commander"], evidence=[file.id])
    assert [e.code for e in refused.value.errors] == ["no-such-attachment"]
    with pytest.raises(InvalidInput) as refused:
        convene(services, incident, people["commander"], due_at=NOW.isoformat())
    assert [e.code for e in refused.value.errors] == ["in-past"]


def test_a_second_consultation_follows_from_disposal(
    services: Services, people: dict[str, Who]
) -> None:
    assert isinstance(services.clock, FrozenClock)
    incident = make_incident(services, state="disposing")
    again = convene(services, incident, people["commander"], question="能否解除？")
    assert again.state == "consulting"
    assert running(services, incident).question == "能否解除？"
    assert PASSWORD not in "".join(one.text for one in entries(services, incident))


def test_a_late_opinion_is_kept_marked_and_never_counted(
    services: Services, people: dict[str, Who]
) -> None:
    incident = make_incident(services, state="responding")
    convene(services, incident, people["commander"], experts=["expert", "expert_two"])
    for name in ("expert", "expert_two"):
        declare(services, incident, people[name])
    give(services, incident, people["expert"])
    assert isinstance(services.clock, FrozenClock)
    services.clock.moment += timedelta(hours=4)
    give(services, incident, people["expert_two"])

    with services.reading() as session:
        asked = consulting.running(session, incident.id)
        assert asked is not None
        view = conference.view(session, asked, people["chair"], services.now())
    assert (view.given, view.waited, view.is_up) == (1, 2, True)
    assert [one.is_late for one in view.opinions] == [False, True]
    assert [one.standing for one in view.experts] == ["given", "late"]
    assert [one.type for one in entries(services, incident)][-2:] == ["opinion", "opinion_late"]
    assert "逾期" in entries(services, incident)[-1].text


def test_the_signature_says_which_opinions_were_late(
    services: Services, people: dict[str, Who]
) -> None:
    incident = make_incident(services, state="responding")
    convene(services, incident, people["commander"])
    declare(services, incident, people["expert"])
    assert isinstance(services.clock, FrozenClock)
    services.clock.moment += timedelta(hours=4)
    give(services, incident, people["expert"])
    asked = running(services, incident)
    act(services, incident, "conclude", people["chair"], **brings(services, incident, "conclude"))
    with services.reading() as session:
        signed = session.get_one(Consultation, asked.id)
        covered = signing.signed_content(signed, consulting.opinions(session, signed))
    assert covered["opinions"][0][-1] == "late"
    assert signed.signature == signing.digest(covered)
