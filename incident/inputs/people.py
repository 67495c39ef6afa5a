"""An account as it comes in."""

from typing import Annotated

from pydantic import Field, StringConstraints

from incident.inputs.base import Input, Line, Short

AccountName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]{1,39}$")]


class NewUser(Input):
    """A new account; without a role it opens nothing, without a telephone it is not called out."""

    name: AccountName
    roles: Annotated[tuple[Short, ...], Field(max_length=15)] = ()
    display: Short | None = None
    phone: Annotated[str, Field(max_length=30)] | None = None
    mail: Line | None = None
    organisation: Line | None = None
    specialty: Line | None = None


class Contact(Input):
    """How somebody is reached; a telephone that is left out stays, a mail that is left out goes."""

    phone: Annotated[str, Field(max_length=30)] | None = None
    mail: Line | None = None
