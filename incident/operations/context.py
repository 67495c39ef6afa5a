"""What every action is given beside its input."""

from dataclasses import dataclass
from datetime import datetime

from incident.rulebook import Rulebook
from incident.who import Who


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Who acts, when, and under which rules."""

    who: Who
    now: datetime
    rules: Rulebook
