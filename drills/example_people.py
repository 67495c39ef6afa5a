"""The people of the example desk: plainly examples, with one password made for this desk."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

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
    """One example account; `number` is the end of a telephone number that cannot ring."""

    name: str
    display: str
    roles: tuple[Role, ...]
    number: int
    specialty: str | None = None


ACCOUNTS: tuple[Account, ...] = (
    Account(name="zhiban", display="示例值班员", roles=(Role.DUTY_OFFICER,), number=1),
    Account(name="daiban", display="示例带班领导", roles=(Role.DUTY_LEADER,), number=2),
    Account(name="zhihui", display="示例指挥长", roles=(Role.COMMANDER,), number=3),
    Account(name="zuyuan", display="示例工作组成员", roles=(Role.GROUP_MEMBER,), number=4),
    Account(
        name="zhuanjia",
        display="示例专家甲",
        roles=(Role.EXPERT,),
        number=5,
        specialty="食品微生物",
    ),
    Account(
        name="zuzhang",
        display="示例专家组长",
        roles=(Role.EXPERT, Role.CHAIR),
        number=6,
        specialty="流行病学",
    ),
    Account(name="lingdao", display="示例局领导", roles=(Role.LEADER,), number=7),
    Account(name="daotiao", display="示例导调", roles=(Role.DIRECTOR,), number=8),
    Account(name="yiyuan", display="示例市中心医院", roles=(Role.REPORTER,), number=9),
    Account(name="yuan", display="示例预案管理员", roles=(Role.PLAN_KEEPER,), number=10),
    Account(name="shenji", display="示例审计员", roles=(Role.AUDITOR,), number=11),
    Account(name="anquan", display="示例安全管理员", roles=(Role.SECURITY_ADMIN,), number=12),
    Account(name="xitong", display="示例系统管理员", roles=(Role.SYSTEM_ADMIN,), number=13),
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
        for account in ACCOUNTS:
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
    numbers = {account.name: account.number for account in ACCOUNTS}
    with services.transaction() as session:
        for user in session.scalars(select(User).where(User.name.in_(numbers))):
            user.phone = f"{people.EXAMPLE_PREFIX}00{numbers[user.name]:02d}"
