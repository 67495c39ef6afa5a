"""What colleagues see of a drill, and the chances that they find in it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from drills import schedule, truth
from drills.colleagues import casting, script
from drills.colleagues.casting import Cast
from drills.colleagues.script import Deed, Script
from drills.models import DrillInject, DrillRun
from incident.models import Entry, Incident
from incident.operations import pace
from incident.operations.context import Context
from incident.operations.drill_time import DrillTime
from incident.services import Services
from incident.who import Who
from workflows.lifecycle import Role

STUCK = "colleague_stuck"
MINUTE = timedelta(minutes=1)
Act = Callable[[Session, Context], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """Something that a colleague can do: `due` is drill time, `key` the same at every look."""

    key: str
    deed: str
    who: Who
    due: timedelta
    act: Act


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One look at a drill; `main` is its first incident, or where that was merged into."""

    services: Services
    session: Session
    run: DrillRun
    clock: DrillTime
    cast: Cast
    script: Script
    incidents: Sequence[Incident]
    main: Incident | None
    injects: Sequence[DrillInject]
    stuck: frozenset[str]
    desk: truth.Desk

    def chance(
        self,
        deed: str,
        role: Role | None,
        act: Act,
        *,
        since: datetime | None = None,
        target: object = "",
        who: Who | None = None,
        place: int = 0,
    ) -> list[Chance]:
        """Return the chance of a deed, none where it waits or nobody is there to do it.

        `since` is when it became possible; None: when what the script names came true. Colleagues
        count in whole minutes: what happened within one counts from its beginning, so that a
        fast drill and a slow one are played alike.
        """
        does, wanted = who or self._colleague(role), self.script[deed]
        key = f"{deed}:{target}"
        begins = self._begins(wanted, since)
        if does is None or begins is None or wanted.never or key in self.stuck:
            return []
        due = self.clock.reached(begins) // MINUTE * MINUTE + wanted.delay(place)
        return [Chance(key=key, deed=deed, who=does, due=due, act=act)]

    def brings(self, deed: str) -> dict[str, Any]:
        """Return what the script lets a deed bring."""
        return dict(self.script[deed].brings)

    def later(self, length: timedelta, now: datetime) -> datetime:
        """Return the wall moment after so much drill time."""
        return self.clock.wall(self.clock.reached(now) + length) or now + length

    def brought(self, inject: str) -> datetime | None:
        """Return when an inject came first."""
        came = (row.fired_at for row in self.injects if _is(row, inject))
        return min((at for at in came if at is not None), default=None)

    def _colleague(self, role: Role | None) -> Who | None:
        return None if role is None else self.cast.colleagues.get(role)

    def _begins(self, deed: Deed, since: datetime | None) -> datetime | None:
        """Return when a deed can begin: what the script names, and never before `since`."""
        named: list[datetime | None] = []
        if deed.inject is not None:
            named.append(self.brought(deed.inject))
        elif deed.when is not None:
            named.append(self.desk.first_true(deed.when))
        moments = [*named, *([since] if since is not None else [])]
        if not moments or None in moments:
            return None
        return max(moment for moment in moments if moment is not None)


def look(services: Services, session: Session, run: DrillRun, *, held: bool = False) -> Sight:
    """Look at a drill; `held` locks its incidents until the commit."""
    query = select(Incident).where(Incident.drill == run.key).order_by(Incident.id)
    incidents = session.scalars(query.with_for_update() if held else query).all()
    return Sight(
        services=services,
        session=session,
        run=run,
        clock=pace.of(session, run.key),
        cast=casting.cast(session, run),
        script=script.script_of(run.scenario),
        incidents=incidents,
        main=_main(run, {one.id: one for one in incidents}),
        injects=session.scalars(select(DrillInject).where(DrillInject.run_id == run.id)).all(),
        stuck=_stuck(session, incidents),
        desk=truth.Desk(session, run),
    )


def _main(run: DrillRun, incidents: Mapping[int, Incident]) -> Incident | None:
    main = next((one for one in incidents.values() if one.number == run.incident), None)
    while main is not None and main.merged_into is not None:
        main = incidents.get(main.merged_into)
    return main


def _stuck(session: Session, incidents: Sequence[Incident]) -> frozenset[str]:
    """Return the keys of what colleagues tried and could not do: they do not try again."""
    query = select(Entry.data).where(
        Entry.incident_id.in_([one.id for one in incidents]), Entry.type == STUCK
    )
    return frozenset(str(data["deed"]) for data in session.scalars(query))


def _is(row: DrillInject, inject: str) -> bool:
    return row.inject == inject and row.state == schedule.FIRED
