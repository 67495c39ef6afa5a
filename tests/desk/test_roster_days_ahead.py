"""The days ahead: gaps and double bookings found, told once a day, and by a command."""

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from incident.clock import FrozenClock
from incident.errors import InvalidInput
from incident.inputs import roster as inputs
from incident.inputs.roster import AbsenceInput
from incident.jobs.rosters import remind
from incident.models import DutyReminder, Entry, OutgoingMessage, Post, Rotation, User
from incident.operations import absences, posts
from incident.queries.duty_outlook import Outlook, outlook
from incident.queries.on_duty import mine, present
from incident.services import Services
from incident.who import Who
from tests.support.databases import SqliteDatabases
from tests.support.desk import NOW, desk_database, make_people, make_services
from tests.support.roster import make_officers, make_post, make_rotation
from tests.support.tree import ROOT
from workflows.lifecycle import Role
from workflows.rotation import Tier

NINE = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # in Shanghai
A_DAY = timedelta(days=1)


def ahead(services: Services, days: int = 30) -> Outlook:
    with services.reading() as session:
        return outlook(session, services.rules, services.now(), days=days)


def two_posts(services: Services) -> list[Who]:
    """Man the desk by four officers and the leader's post by the leader."""
    officers = make_officers(services)
    leader = make_people(services)[Role.DUTY_LEADER]
    order = [(one, officers[place - 1]) for place, one in enumerate(officers)]
    make_rotation(services, make_post(services), order)
    post = make_post(services, "leader", role=Role.DUTY_LEADER, two_tiers=False, rank=2)
    make_rotation(services, post, [(leader, None)])
    return officers


def leave(services: Services, who: Who, starts: datetime, days: int) -> None:
    with services.transaction() as session:
        away = AbsenceInput(starts_at=starts, ends_at=starts + days * A_DAY)
        user = session.get_one(User, who.person)
        absences.add(session, user, away, services.context(who))


def test_a_roster_without_gaps_is_whole(services: Services) -> None:
    two_posts(services)

    found = ahead(services)

    assert found.is_whole
    assert (found.gaps, found.doubles, found.thin, found.lacking) == ((), (), (), ())
    assert found.until == date(2026, 12, 23)


def test_who_is_away_and_his_stand_in_too_leave_gaps_that_name_them(
    sqlite_services: Services,
) -> None:
    services = sqlite_services
    officers = two_posts(services)
    starts = datetime(2026, 11, 30, 16, tzinfo=UTC)  # midnight in Shanghai
    for who in officers:
        leave(services, who, starts, 1)

    first, second = ahead(services).gaps

    change = datetime(2026, 12, 1, 0, 30, tzinfo=UTC)
    assert (first.starts_at, first.ends_at) == (starts, change)
    assert (second.starts_at, second.ends_at) == (change, starts + A_DAY)
    assert [one.missing.id for one in (first, second) if one.missing] == [
        officers[1].id,
        officers[2].id,
    ]


def test_a_rotation_that_ends_is_a_gap_from_then_on(sqlite_services: Services) -> None:
    services = sqlite_services
    leader, *_ = two_posts(services)
    with services.transaction() as session:
        row = session.scalars(select(Rotation).order_by(Rotation.id)).first()
        assert row is not None
        posts.end_rotation(session, row, services.context(leader))

    (gap,) = ahead(services).gaps

    assert (gap.code, gap.missing) == ("desk", None)
    assert gap.starts_at == datetime(2026, 11, 24, 0, 30, tzinfo=UTC)


def test_one_person_at_two_posts_is_told_by_name(sqlite_services: Services) -> None:
    services = sqlite_services
    officers = two_posts(services)
    make_rotation(services, make_post(services, "second", rank=3), [(officers[0], None)])

    found = ahead(services, days=3)

    assert found.doubles
    assert {one.person.id for one in found.doubles} == {officers[0].id}
    assert not found.is_whole
    assert found.thin, "the second post asks for a stand-in and has none"


def test_a_role_that_must_be_manned_and_has_no_post_is_told(sqlite_services: Services) -> None:
    make_post(sqlite_services)

    assert ahead(sqlite_services).lacking == ("duty_leader",)


def test_the_end_of_the_table_of_holidays_is_told(sqlite_services: Services) -> None:
    assert ahead(sqlite_services, days=30).calendar_ends is None
    assert ahead(sqlite_services, days=60).calendar_ends == date(2026, 12, 31)


def at(services: Services, moment: datetime) -> Services:
    return replace(services, clock=FrozenClock(moment))


def reminders(services: Services) -> Sequence[Entry]:
    with services.reading() as session:
        found = session.scalars(select(Entry).where(Entry.type == "roster_reminder"))
        return found.all()


def test_gaps_are_told_once_a_day_from_nine_on(services: Services) -> None:
    make_post(services)

    assert not remind(at(services, NINE - timedelta(minutes=1)))
    assert remind(at(services, NINE))
    assert not remind(at(services, NINE + timedelta(hours=3)))
    assert remind(at(services, NINE + A_DAY))
    assert len(reminders(services)) == 2
    with services.reading() as session:
        assert [row.gaps for row in session.scalars(select(DutyReminder))] == [1, 1]


def test_the_leader_is_told_of_gaps_by_text_and_mail_once_a_day(services: Services) -> None:
    leader = make_people(services)[Role.DUTY_LEADER]
    with services.transaction() as session:
        session.get_one(User, leader.person).mail = "daiban@example.org"
    make_post(services)

    remind(at(services, NINE))
    remind(at(services, NINE + timedelta(hours=3)))

    with services.reading() as session:
        rows = session.scalars(select(OutgoingMessage)).all()
    assert {(row.user_id, row.channel) for row in rows} == {
        (leader.person, "sms"),
        (leader.person, "mail"),
    }
    assert len(rows) == 2
    assert "值班表" in rows[0].body


def test_a_whole_roster_is_looked_at_but_not_told(sqlite_services: Services) -> None:
    two_posts(sqlite_services)

    assert not remind(at(sqlite_services, NINE))

    assert not reminders(sqlite_services)
    with sqlite_services.reading() as session:
        assert session.get(DutyReminder, date(2026, 11, 23)) is not None


def test_a_desk_without_posts_is_left_alone(sqlite_services: Services) -> None:
    assert not remind(at(sqlite_services, NINE))
    assert not reminders(sqlite_services)


def test_the_present_names_who_relieves_and_when_he_comes(sqlite_services: Services) -> None:
    services = sqlite_services
    officers = two_posts(services)

    with services.reading() as session:
        first, second = present(session, services.rules, NOW)

    assert first.main is not None
    assert first.next_main is not None
    assert (first.main.id, first.next_main.id) == (officers[2].id, officers[3].id)
    assert f"{first.comes_at:%H:%M}" == "00:20"
    assert second.post.code == "leader"


def test_everybody_sees_his_own_duties(sqlite_services: Services) -> None:
    services = sqlite_services
    officers = two_posts(services)

    with services.reading() as session:
        found = mine(session, officers[2].person, services.rules, NOW, days=8)

    assert [(one.tier, one.day.day) for one in found] == [
        (Tier.MAIN, 23),
        (Tier.STAND_IN, 24),
        (Tier.MAIN, 27),
        (Tier.STAND_IN, 28),
        (Tier.MAIN, 1),
    ]


def test_a_running_shift_is_not_changed_by_a_new_rotation(sqlite_services: Services) -> None:
    services = sqlite_services
    officers = two_posts(services)
    raw = {"starts_on": "2026-11-23", "order": [{"main": officers[0].id}]}
    with services.reading() as session:
        post = session.scalars(select(Post)).first()
        assert post is not None
        with pytest.raises(InvalidInput) as found:
            posts.rotate(session, post, inputs.rotation(raw), services.context(officers[0]))

    assert found.value.errors[0].code == "rotation-begun"


def test_the_command_ends_with_one_where_there_is_a_gap(
    sqlite_databases: SqliteDatabases, tmp_path: Path
) -> None:
    services = make_services(desk_database(sqlite_databases), tmp_path / "desk")
    try:
        make_post(services)
        found = check(services, tmp_path)
    finally:
        services.engine.dispose()

    told = json.loads(found.stdout)
    assert found.returncode == 1, found.stderr
    assert told["whole"] is False
    assert told["roles_without_post"] == ["duty_leader"]
    assert [gap["post"] for gap in told["gaps"]] == ["desk"]


def check(services: Services, folder: Path) -> subprocess.CompletedProcess[str]:
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("TOCSIN", "TWI"))}
    url = services.settings.database_url
    return subprocess.run(
        [ROOT / ".venv" / "bin" / "tocsin", "roster", "check", "--json"],
        env={**kept, "TOCSIN_DATA_DIR": str(folder / "desk"), "TOCSIN_DATABASE_URL": url},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
