"""Duties change hands when one asks, another agrees and a third approves."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from incident.errors import Conflict, Forbidden, InvalidInput, TocsinError
from incident.inputs.roster import AbsenceInput, ChangeInput, SwapInput
from incident.models import Entry, Post, Swap, User
from incident.operations import absences, roster, swaps
from incident.operations.oncall import on_call
from incident.services import Services
from incident.who import Who
from tests.support.desk import NOW, make_people, make_person
from tests.support.roster import make_officers, make_post, make_rotation
from workflows.lifecycle import Role

A_DAY = timedelta(days=1)
# With three people from the 1st: b has the 23rd, c the 24th, a the 25th.
HIS = datetime(2026, 11, 25, 0, 30, tzinfo=UTC)
THEIRS = datetime(2026, 11, 27, 0, 30, tzinfo=UTC)


class Office:
    """Three officers who follow each other, and a leader."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.a, self.b, self.c = make_officers(services, 3)
        self.leader = make_people(services)[Role.DUTY_LEADER]
        self.post: Post = make_post(services)
        order = [(self.a, self.b), (self.b, self.c), (self.c, self.a)]
        make_rotation(services, self.post, order)

    def ask(self, **values: object) -> Swap:
        raw = {"starts_at": HIS, "other": self.c.id, "reason": "家中有事", **values}
        with self.services.transaction() as session:
            context = self.services.context(self.a)
            return swaps.ask(session, self.post, SwapInput.model_validate(raw), context)

    def step(self, step: Callable[..., None], swap: Swap, who: Who) -> str:
        with self.services.transaction() as session:
            found = swaps.find(session, swap.id)
            step(session, found, self.services.context(who))
            return found.state

    def on_duty(self, at: datetime) -> list[tuple[int, str]]:
        with self.services.reading() as session:
            found = on_call(session, Role.DUTY_OFFICER, at, rules=self.services.rules)
            return [(one.user_id, one.why) for one in found if one.tier == "main"]


@pytest.fixture
def office(sqlite_services: Services) -> Office:
    return Office(sqlite_services)


def refused(error: type[TocsinError], work: Callable[[], object]) -> str:
    with pytest.raises(error) as found:
        work()
    if isinstance(found.value, InvalidInput):
        return found.value.errors[0].code
    return found.value.code


def test_a_swap_changes_both_duties_once_it_is_approved(services: Services) -> None:
    office = Office(services)
    swap = office.ask(other=office.b.id, starts_at=HIS, back_starts_at=HIS + A_DAY)

    assert office.step(swaps.agree, swap, office.b) == "agreed"
    assert office.on_duty(HIS) == [(office.a.id, "on_duty")]
    refused(InvalidInput, lambda: office.step(swaps.approve, swap, office.leader))


def test_without_a_stand_in_in_the_way_both_duties_change_hands(services: Services) -> None:
    office = Office(services)
    swap = office.ask(back_starts_at=THEIRS)  # c has the 27th; his stand-in there is a

    office.step(swaps.agree, swap, office.c)

    assert (
        refused(InvalidInput, lambda: office.step(swaps.approve, swap, office.leader))
        == "own-stand-in"
    )
    with services.transaction() as session:
        change = ChangeInput(
            starts_at=THEIRS, ends_at=THEIRS + A_DAY, stand_in=office.b.id, reason="换班"
        )
        roster.change(session, office.post, change, services.context(office.leader))
    assert office.step(swaps.approve, swap, office.leader) == "approved"
    assert office.on_duty(HIS) == [(office.c.id, "swap")]
    assert office.on_duty(THEIRS) == [(office.a.id, "swap")]
    assert office.on_duty(HIS - A_DAY) == [(office.c.id, "on_duty")]


def test_each_step_is_told_to_the_desk(office: Office) -> None:
    swap = office.ask()
    office.step(swaps.agree, swap, office.c)
    office.step(swaps.approve, swap, office.leader)

    with office.services.reading() as session:
        types = [e.type for e in session.query(Entry) if e.type.startswith("swap_")]
    assert types == ["swap_asked", "swap_agreed", "swap_approved"]


def test_nobody_swaps_with_himself(office: Office) -> None:
    assert refused(InvalidInput, lambda: office.ask(other=office.a.id)) == "swap-with-self"


def test_nobody_gives_away_what_is_not_his(office: Office) -> None:
    assert refused(InvalidInput, lambda: office.ask(starts_at=HIS + A_DAY)) == "not-his-duty"


def test_a_shift_that_has_begun_is_not_swapped(office: Office) -> None:
    running = NOW - timedelta(hours=1)

    assert refused(InvalidInput, lambda: office.ask(starts_at=running)) == "duty-begun"


def test_only_people_of_the_post_can_take_a_duty(office: Office) -> None:
    stranger = make_person(office.services, "stranger", Role.EXPERT, number=99)

    assert refused(InvalidInput, lambda: office.ask(other=stranger.id)) == "not-fit"


def test_only_the_other_can_agree_and_only_the_asker_can_withdraw(office: Office) -> None:
    swap = office.ask()

    refused(Forbidden, lambda: office.step(swaps.agree, swap, office.b))
    refused(Forbidden, lambda: office.step(swaps.withdraw, swap, office.c))
    assert office.step(swaps.withdraw, swap, office.a) == "withdrawn"


def test_nobody_approves_his_own_swap(office: Office) -> None:
    services = office.services
    both = make_person(services, "both", Role.DUTY_OFFICER, Role.DUTY_LEADER, number=90)
    swap = office.ask(other=both.id)
    office.step(swaps.agree, swap, both)

    code = refused(Forbidden, lambda: office.step(swaps.approve, swap, both))

    assert code == "own-swap"
    assert refused(Forbidden, lambda: office.step(swaps.refuse, swap, both)) == "own-swap"


@pytest.mark.parametrize("step", [swaps.approve, swaps.refuse])
def test_what_the_other_has_not_agreed_to_is_not_decided(
    office: Office, step: Callable[..., None]
) -> None:
    swap = office.ask()

    assert refused(Conflict, lambda: office.step(step, swap, office.leader)) == "swap-over"


def test_what_is_over_stays_so(office: Office) -> None:
    swap = office.ask()
    office.step(swaps.decline, swap, office.c)

    for step, who in ((swaps.agree, office.c), (swaps.withdraw, office.a)):
        assert refused(Conflict, lambda s=step, w=who: office.step(s, swap, w)) == "swap-over"


def test_a_swap_is_void_once_the_shift_has_begun(office: Office) -> None:
    swap = office.ask()
    late = replace(office.services.context(office.c), now=HIS)

    with office.services.transaction() as session:
        found = swaps.find(session, swap.id)
        code = refused(Conflict, lambda: swaps.agree(session, found, late))

    assert code == "swap-late"


def test_a_duty_that_changed_meanwhile_is_not_swapped(office: Office) -> None:
    services = office.services
    swap = office.ask()
    office.step(swaps.agree, swap, office.c)
    with services.transaction() as session:
        change = ChangeInput(
            starts_at=HIS, ends_at=HIS + A_DAY, main=office.c.id, reason="领导另排"
        )
        roster.change(session, office.post, change, services.context(office.leader))

    code = refused(InvalidInput, lambda: office.step(swaps.approve, swap, office.leader))

    assert code == "not-his-duty"


def test_a_change_that_makes_somebody_his_own_stand_in_is_refused(office: Office) -> None:
    services = office.services

    def change(**people: int | None) -> None:
        new = ChangeInput(starts_at=HIS, ends_at=HIS + A_DAY, reason="换班", **people)
        with services.transaction() as session:
            roster.change(session, office.post, new, services.context(office.leader))

    assert refused(InvalidInput, lambda: change(main=office.b.id)) == "own-stand-in"
    change(main=office.b.id, stand_in=office.a.id)
    assert office.on_duty(HIS) == [(office.b.id, "override")]


def test_who_is_away_is_stood_in_for_and_may_come_back(office: Office) -> None:
    services = office.services
    with services.transaction() as session:
        away = AbsenceInput(starts_at=HIS, ends_at=HIS + A_DAY)
        user = session.get_one(User, office.a.id)
        row = absences.add(session, user, away, services.context(office.a))
    assert office.on_duty(HIS) == [(office.b.id, "stand_in")]

    with services.transaction() as session:
        absences.revoke(session, row.id, services.context(office.a), of=office.a.id)

    assert office.on_duty(HIS) == [(office.a.id, "on_duty")]
