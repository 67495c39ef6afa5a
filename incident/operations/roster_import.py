"""Take in a roster that was made as a table: looked through first, then whole or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from incident.errors import FieldError, InvalidInput
from incident.inputs.roster_table import Line, Table, Wrong
from incident.models import Post
from incident.operations import roster, timeline, watches
from incident.operations.context import Context
from incident.operations.watches import Reachable
from workflows import rotation
from workflows.rotation import Named, Tier, Watch
from workflows.shifts import Shift, shifts

IMPORT = "import"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One shift that the table changes, and the people who are new there."""

    row: int
    post: Post
    shift: Shift
    people: Mapping[Tier, Reachable]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a table would change, how many lines say what is so already, and what is wrong."""

    changes: tuple[Change, ...]
    same: int
    wrong: tuple[Wrong, ...]


def check(session: Session, table: Table, context: Context) -> Checked:
    """Look through a table without touching anything."""
    if not table.lines:
        return Checked(changes=(), same=0, wrong=table.wrong)
    reader = _Reader(session, table.lines, context)
    changes: list[Change] = []
    wrong = list(table.wrong)
    same = 0
    for line in table.lines:
        try:
            change = reader.change(line)
        except InvalidInput as error:
            wrong.append(Wrong(row=line.row, error=error.errors[0]))
        else:
            changes += [change] if change.people else []
            same += not change.people
    wrong.sort(key=lambda one: one.row)
    return Checked(changes=tuple(changes), same=same, wrong=tuple(wrong))


def take(session: Session, checked: Checked, context: Context) -> None:
    """Write the changes of a table in which nothing is wrong."""
    if checked.wrong:
        raise InvalidInput([checked.wrong[0].error])
    for one in checked.changes:
        people = {tier: user.id for tier, user in one.people.items()}
        starts, ends = one.shift.starts_at, one.shift.ends_at
        roster.put(session, one.post, people, starts, ends, context, why=IMPORT)
    count = sum(len(one.people) for one in checked.changes)
    timeline.write(
        session,
        None,
        "roster_imported",
        who=context.who,
        now=context.now,
        words_for={"count": count},
        data={"changes": count, "posts": sorted({one.post.code for one in checked.changes})},
    )


class _Reader:
    """Knows posts, people and the present roster of the days that a table is about."""

    def __init__(self, session: Session, lines: Sequence[Line], context: Context) -> None:
        posts = watches.posts(session)
        self._context = context
        self._posts = {name: post for post in posts for name in (post.name, post.code)}
        self._people = watches.reachable(session, {post.role for post in posts})
        days = [line.day for line in lines]
        self._watches: dict[str, Watch] = watches.between(
            session, posts, min(days), max(days), context.rules
        )
        self._seen: set[tuple[str, Shift]] = set()

    def change(self, line: Line) -> Change:
        """Return what a line changes; raise InvalidInput."""
        post = self._posts.get(line.post)
        if post is None:
            raise _wrong("post", "no-such-post")
        shift = self._shift(post, line)
        if (post.code, shift) in self._seen:
            raise _wrong("day", "shift-twice")
        self._seen.add((post.code, shift))
        wanted = {
            tier: self._person(post, tier, name)
            for tier, name in ((Tier.MAIN, line.main), (Tier.STAND_IN, line.stand_in))
            if name
        }
        before = self._before(post, shift)
        new = {tier: user for tier, user in wanted.items() if user.id != before[tier]}
        after = {**before, **{tier: user.id for tier, user in new.items()}}
        if new and shift.starts_at <= self._context.now:
            raise _wrong("day", "duty-begun")
        if new and after[Tier.MAIN] == after[Tier.STAND_IN]:
            raise _wrong("stand_in", "own-stand-in")
        return Change(row=line.row, post=post, shift=shift, people=new)

    def _shift(self, post: Post, line: Line) -> Shift:
        zone = self._context.rules.zone
        found = shifts(watches.changes(post), line.day, line.day, zone)
        by_time = {post.changes[shift.number]: shift for shift in found}
        if line.begins not in by_time:
            raise _wrong("begins", "no-such-shift")
        return by_time[line.begins]

    def _person(self, post: Post, tier: Tier, name: str) -> Reachable:
        account = name.rpartition("(")[2].removesuffix(")").strip()
        known = self._people[post.role]
        found = [user for user in known if name == user.display or account == user.name]
        if len(found) > 1:
            raise _wrong(tier.value, "name-ambiguous")
        if not found:
            raise _wrong(tier.value, "not-fit")
        return found[0]

    def _before(self, post: Post, shift: Shift) -> dict[Tier, int | None]:
        """Return whom the roster names at the beginning of a shift."""
        watch = self._watches[post.code]
        named: Named = rotation.manned(watch, shift, self._context.rules.calendar)[0].named
        return {Tier.MAIN: named.main, Tier.STAND_IN: named.stand_in}


def _wrong(field: str, code: str) -> InvalidInput:
    return InvalidInput([FieldError(field, code)])
