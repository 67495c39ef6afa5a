"""Who acts: a value that travels from the edge into the operations."""

from dataclasses import dataclass, field

from workflows.lifecycle import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """A person or the desk itself; `id` is None for the desk.

    `network` is the address a request came from; it goes into the audit entries only.
    """

    id: int | None
    display: str
    roles: frozenset[Role] = field(default_factory=frozenset)
    network: str | None = None

    @property
    def person(self) -> int:
        """Return the id of a person; the desk itself has none and may not come here."""
        if self.id is None:
            raise ValueError("this needs a person")
        return self.id

    def may_be(self, *roles: Role) -> bool:
        """Tell whether the person has one of these roles."""
        return bool(self.roles.intersection(roles))


DESK = Who(id=None, display="desk")
