"""How far the desk's clock and the database's are apart; they may be those of two machines."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

from incident.clock import Clock

NOW = {
    "sqlite": "SELECT (julianday('now') - 2440587.5) * 86400.0",
    "postgresql": "SELECT extract(epoch FROM clock_timestamp())",
}


def skew(connection: Connection, clock: Clock) -> timedelta:
    """Return the database's time less the desk's."""
    told = connection.execute(text(NOW[connection.dialect.name])).scalar_one()
    return datetime.fromtimestamp(float(told), UTC) - clock.now()
