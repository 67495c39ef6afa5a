"""At which speeds a drill can go."""

from drills.scenario.schema import FASTEST, SLOWEST
from incident.errors import FieldError, InvalidInput

SPEEDS = (0.5, 1.0, 2.0, 4.0, 12.0, 30.0, 60.0)
"""The speeds that pages offer."""


def speed_of(text: str) -> float:
    """Return a speed; raise InvalidInput."""
    try:
        speed = float(text.strip())
    except ValueError:
        speed = 0.0
    if not SLOWEST <= speed <= FASTEST:
        raise InvalidInput([FieldError("speed", "bad-speed", {"least": SLOWEST, "most": FASTEST})])
    return speed
