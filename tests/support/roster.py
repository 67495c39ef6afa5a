"""Posts, people and rotations for tests of the duty watch."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from incident.models import Post, Rotation, User
from incident.services import Services
from incident.who import Who
from tests.support.desk import make_person
from workflows.lifecycle import Role

FIRST = date(2026, 11, 1)


def make_post(services: Services, code: str = "desk", **changes: object) -> Post:
    """Return a post of the duty officers, relieved at 08:30."""
    values = {
        "name": "值班员",
        "role": Role.DUTY_OFFICER,
        "changes": ["08:30"],
        "handover_lead": 10,
        "two_tiers": True,
        "rank": 1,
        **changes,
    }
    with services.transaction() as session:
        post = Post(code=code, **values)
        session.add(post)
        session.flush()
        return post


def make_officers(services: Services, count: int = 4, first: int = 60) -> list[Who]:
    """Return duty officers, known as a, b, c and so on."""
    names = [chr(ord("a") + number) for number in range(count)]
    return [
        make_person(services, f"officer-{name}", Role.DUTY_OFFICER, number=first + number)
        for number, name in enumerate(names)
    ]


def make_rotation(
    services: Services,
    post: Post,
    order: Sequence[tuple[Who, Who | None]],
    *,
    starts_on: date = FIRST,
    ends_on: date | None = None,
    days: str = "every",
    turn_days: int = 1,
) -> None:
    """Let these people follow each other, each with a stand-in."""
    with services.transaction() as session:
        session.add(
            Rotation(
                post_id=post.id,
                days=days,
                turn_days=turn_days,
                order=[[main.id, second.id if second else None] for main, second in order],
                starts_on=starts_on,
                ends_on=ends_on,
                made_at=services.now(),
            )
        )


def change_user(services: Services, who: Who, **values: object) -> None:
    """Change columns of somebody's account."""
    with services.transaction() as session:
        user = session.scalar(select(User).where(User.id == who.id))
        assert user is not None
        for name, value in values.items():
            setattr(user, name, value)
