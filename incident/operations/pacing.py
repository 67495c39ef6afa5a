"""What waits for a time in a drill, moved when its clock is stopped, sped up or jumped."""

from datetime import datetime

from sqlalchemy.orm import Session

from incident.operations.drill_time import DrillTime


def move(session: Session, drill: str, before: DrillTime, after: DrillTime, now: datetime) -> None:
    """Move all open due times of a drill's incidents from one clock to the other."""
