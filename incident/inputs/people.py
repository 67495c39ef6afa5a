"""An account as it comes in."""

from typing import Annotated

from pydantic import Field, StringConstraints

from incident.inputs.base import Input, Line, Short

AccountName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]{1,39}$")]


class NewUser(Input):
    """A new account; a telephone is needed to be called out."""

    name: AccountName
    roles: Annotated[tuple[Short, ...], Field(min_length=1, max_length=12)]
    display: Short | None = None
    phone: Annotated[str, Field(max_length=30)] | None = None
    organisation: Line | None = None
    specialty: Line | None = None
