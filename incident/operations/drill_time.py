"""The clock of a drill, as a value: from the wall clock to drill time, and back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

ZERO = timedelta()


class Span(Protocol):
    """A time in which the clock ran at one speed, such as a `Stretch`."""

    @property
    def started_at(self) -> datetime: ...
    @property
    def ended_at(self) -> datetime | None: ...
    @property
    def speed(self) -> float: ...
    @property
    def from_seconds(self) -> float: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A stretch as a value."""

    started_at: datetime
    ended_at: datetime | None
    speed: float
    from_seconds: float

    def at(self, moment: datetime) -> timedelta:
        """Return the drill time at a moment within, or at the nearer end of the stretch."""
        until = moment if self.ended_at is None else min(moment, self.ended_at)
        run = max(ZERO, until - self.started_at)
        return timedelta(seconds=self.from_seconds) + run * self.speed


@dataclass(frozen=True, slots=True)
class DrillTime:
    """The clock of one drill, of its stretches in their order.

    Before the first stretch drill time and wall time pass alike: what happened an hour before the
    drill began happened an hour before its origin. So one without stretches, `REAL`, is that of
    everything real.
    """

    runs: tuple[Run, ...]

    @classmethod
    def of(cls, spans: Sequence[Span]) -> "DrillTime":
        """Return the clock that some stretches make, whatever their order."""
        found = (
            Run(
                started_at=one.started_at,
                ended_at=one.ended_at,
                speed=one.speed,
                from_seconds=one.from_seconds,
            )
            for one in spans
        )
        return cls(tuple(sorted(found, key=lambda run: run.started_at)))

    @property
    def stands(self) -> bool:
        """Tell whether the clock stands still: not begun, paused, frozen or ended."""
        return not self.runs or self.runs[-1].ended_at is not None

    @property
    def speed(self) -> float:
        """Return the speed of the last stretch, 1 before the first."""
        return self.runs[-1].speed if self.runs else 1.0

    @property
    def going(self) -> "DrillTime":
        """Return the clock as if it had not been stopped in the end, to reckon what is to come."""
        if not self.runs:
            return self
        return DrillTime((*self.runs[:-1], replace(self.runs[-1], ended_at=None)))

    def stood(self, now: datetime) -> timedelta:
        """Return for how long it has been standing still, nothing while it runs."""
        ended = self.runs[-1].ended_at if self.runs else None
        return ZERO if ended is None else max(ZERO, now - ended)

    def moment(self, now: datetime) -> datetime:
        """Return the moment that it shows: now, or where it came to stand still."""
        return now - self.stood(now)

    def project(self, base: datetime, due: datetime) -> datetime:
        """Return when as much drill time has passed since `base` as there is from it to `due`.

        While it stands still this is reckoned as if it ran on; see `incident.operations.pacing`.
        """
        if not self.runs:
            return due
        return self.going.expect(self.reached(base) + (due - base))

    def told(self, moment: datetime) -> datetime:
        """Return a moment as a wall clock would have it that ran like this one, and only so.

        For what reckons with moments alone: between two of them lies as much as drill time passed.
        """
        if not self.runs:
            return moment
        return self.runs[0].started_at + self.going.between(self.runs[0].started_at, moment)

    def left(self, due: datetime, now: datetime) -> timedelta:
        """Return how much drill time is left until `due`, less than nothing when it is over."""
        return self.going.between(self.moment(now), due)

    def reached(self, moment: datetime) -> timedelta:
        """Return the drill time at a moment of the wall clock."""
        if not self.runs:
            return ZERO
        first = self.runs[0]
        if moment < first.started_at:
            return timedelta(seconds=first.from_seconds) - (first.started_at - moment)
        return next(run for run in reversed(self.runs) if run.started_at <= moment).at(moment)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return how much drill time passed between two moments."""
        if not self.runs:
            return end - start
        return self.reached(end) - self.reached(start)

    def wall(self, reading: timedelta) -> datetime | None:
        """Return when the clock first showed, or will show, a reading.

        None: it stands still, and has not come so far.
        """
        if not self.runs:
            return None
        first = self.runs[0]
        origin = timedelta(seconds=first.from_seconds)
        if reading <= origin:
            return first.started_at - (origin - reading)
        for run in self.runs:
            begins = timedelta(seconds=run.from_seconds)
            if reading <= begins:
                return run.started_at  # a jump passed over it
            if run.ended_at is None or reading <= run.at(run.ended_at):
                return run.started_at + (reading - begins) / run.speed
        return None

    def expect(self, reading: timedelta) -> datetime:
        """Return when a clock that runs shows a reading; raise ValueError for one that stands."""
        found = self.wall(reading)
        if found is None:
            raise ValueError("a clock that stands still does not come so far")
        return found


REAL = DrillTime(())
