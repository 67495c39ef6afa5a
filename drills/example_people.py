"""The people of the example desk: plainly examples, with one password made for this desk."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import yaml
from sqlalchemy import select

from drills.story import FOLDER
from incident.inputs.people import NewUser
from incident.models import User
from incident.operations import passwords, people
from incident.services import Services
from incident.who import DESK, Who
from workflows.lifecycle import Role

PASSWORD_FILE = "example-password"  # noqa: S105  (a file's name)
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One example account; `number` is the end of a telephone number that cannot ring.

    A colleague fills the roster and is not introduced.
    """

    name: str
    display: str
    roles: tuple[Role, ...]
    number: int
    specialty: str | None = None
    colleague: bool = False


def accounts(path: Path = FOLDER / "people.yaml") -> tuple[Account, ...]:
    """Return the example accounts."""
    return tuple(
        Account(**{**row, "roles": tuple(Role(role) for role in row["roles"])})
        for row in yaml.safe_load(path.read_text(encoding="utf-8"))
    )


def example_password(folder: Path) -> str:
    """Return the password of the example accounts; made once for this data folder."""
    path = folder / PASSWORD_FILE
    folder.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))
    made = "T7-" + "-".join(groups)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(made)
    return made


def make_people(services: Services) -> dict[str, Who]:
    """Make the example accounts that are not there yet; return all of them by name."""
    stored = passwords.HASHER.hash(example_password(services.settings.data_dir))
    with services.transaction() as session:
        for account in accounts():
            if session.scalar(select(User.id).where(User.name == account.name)) is None:
                new = NewUser(
                    name=account.name,
                    display=account.display,
                    roles=account.roles,
                    specialty=account.specialty,
                )
                user, _ = people.add(session, new, who=DESK, now=services.now())
                user.password, user.activation = stored, None
        users = session.scalars(select(User)).all()
        return {user.name: people.who_is(user) for user in users}


def give_telephones(services: Services) -> None:
    """Give the example people numbers that cannot ring, so that alerts reach the inbox."""
    numbers = {account.name: account.number for account in accounts()}
    with services.transaction() as session:
        for user in session.scalars(select(User).where(User.name.in_(numbers))):
            user.phone = f"{people.EXAMPLE_PREFIX}00{numbers[user.name]:02d}"
