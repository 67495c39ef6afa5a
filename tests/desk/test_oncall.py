"""Who is called at a moment, by roster or, where that has nobody, by role."""

from datetime import UTC, datetime, timedelta

from incident.models import Absence, DutyOverride
from incident.operations.oncall import OnCall, on_call
from incident.services import Services
from incident.who import Who
from tests.support.desk import NOW, make_people
from tests.support.roster import change_user, make_officers, make_post, make_rotation
from workflows.lifecycle import Role

CHANGE = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)  # 08:30 in Shanghai


def called(services: Services, at: datetime = NOW) -> tuple[OnCall, ...]:
    with services.reading() as session:
        return on_call(session, Role.DUTY_OFFICER, at, rules=services.rules)


def told(found: tuple[OnCall, ...]) -> list[tuple[int, str, str, str]]:
    return [(one.user_id, one.post, one.tier, one.why) for one in found]


def away(services: Services, who: Who) -> None:
    hour = timedelta(hours=1)
    with services.transaction() as session:
        session.add(
            Absence(user_id=who.person, starts_at=NOW - hour, ends_at=NOW + 2 * hour, made_at=NOW)
        )


def test_without_a_post_everybody_of_the_role_is_called(services: Services) -> None:
    officer = make_people(services)[Role.DUTY_OFFICER]

    assert told(called(services)) == [(officer.id, "role:duty_officer", "main", "role")]
    assert called(services)[0].addresses == {
        "sms": "+86100000000001",
        "voice": "+86100000000001",
    }


def test_the_rotation_says_who_and_until_when(services: Services) -> None:
    a, b, c, _ = make_officers(services)
    make_rotation(services, make_post(services), [(a, b), (b, c), (c, a)])

    found = called(services)  # the 23rd: 22 days after the first, and 22 is 1 of 3

    assert told(found) == [
        (b.id, "desk", "main", "on_duty"),
        (c.id, "desk", "stand_in", "on_duty"),
    ]
    assert {one.until for one in found} == {CHANGE}
    assert told(called(services, CHANGE))[0][0] == c.id


def test_a_post_with_nobody_calls_everybody_of_the_role(services: Services) -> None:
    a, b = make_officers(services, 2)
    make_post(services)

    assert told(called(services)) == [(a.id, "desk", "main", "gap"), (b.id, "desk", "main", "gap")]


def test_the_stand_in_is_called_first_when_who_is_on_duty_is_away(services: Services) -> None:
    a, b = make_officers(services, 2)
    make_rotation(services, make_post(services), [(a, b)])
    away(services, a)

    assert told(called(services)) == [(b.id, "desk", "main", "stand_in")]
    assert called(services)[0].until == NOW + timedelta(hours=2)


def test_whoever_has_no_address_or_no_account_is_not_on_duty(services: Services) -> None:
    a, b, c, _ = make_officers(services)
    make_rotation(services, make_post(services), [(a, b)])
    change_user(services, a, phone=None)
    change_user(services, b, disabled_at=NOW)

    assert {one.why for one in called(services)} == {"gap"}
    assert c.id in {one.user_id for one in called(services)}


def test_a_mail_address_is_enough_to_be_on_duty(services: Services) -> None:
    a, b = make_officers(services, 2)
    make_rotation(services, make_post(services), [(a, b)])
    change_user(services, a, phone=None, mail="a@example.invalid")

    assert called(services)[0].addresses == {"mail": "a@example.invalid"}


def test_the_newest_override_holds(services: Services) -> None:
    a, b, c, d = make_officers(services)
    post = make_post(services)
    make_rotation(services, post, [(a, b)])
    for who in (c, d):
        with services.transaction() as session:
            session.add(
                DutyOverride(
                    post_id=post.id,
                    tier="main",
                    starts_at=NOW,
                    ends_at=NOW + timedelta(hours=1),
                    user_id=who.person,
                    why="override",
                    made_at=NOW,
                )
            )

    assert told(called(services)) == [
        (d.id, "desk", "main", "override"),
        (b.id, "desk", "stand_in", "on_duty"),
    ]


def test_nobody_is_called_twice_for_two_posts_of_a_role(services: Services) -> None:
    a, b = make_officers(services, 2)
    make_rotation(services, make_post(services, "food"), [(a, b)])
    make_rotation(services, make_post(services, "drug", rank=2), [(b, a)])

    assert told(called(services)) == [
        (a.id, "food", "main", "on_duty"),
        (b.id, "drug", "main", "on_duty"),
    ]


def test_a_closed_post_calls_nobody_of_its_own(services: Services) -> None:
    a, _ = make_officers(services, 2)
    make_rotation(services, make_post(services, closed_at=NOW), [(a, None)])

    assert {one.why for one in called(services)} == {"role"}
