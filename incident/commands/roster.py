"""Look at the roster of the days ahead."""

from zoneinfo import ZoneInfo

import click

from incident.commands.base import json_option, opened, print_facts
from incident.queries.duty_outlook import AHEAD, Booking, Gap, Outlook, outlook


@click.group("roster")
def roster() -> None:
    """The duty roster."""


@roster.command("check")
@click.option("--days", default=AHEAD, show_default=True, type=click.IntRange(1, 366))
@json_option
@click.pass_context
def check(context: click.Context, *, days: int, as_json: bool) -> None:
    """Look for hours without anybody and people at two posts; exit 1 where there are any."""
    with opened() as services, services.reading() as session:
        found = outlook(session, services.rules, services.now(), days=days)
        zone = services.rules.zone
    if as_json:
        print_facts(_facts(found, zone), as_json=True)
    else:
        for line in _lines(found, zone):
            click.echo(line)
    context.exit(0 if found.is_whole else 1)


def _facts(found: Outlook, zone: ZoneInfo) -> dict[str, object]:
    return {
        "whole": found.is_whole,
        "until": found.until.isoformat(),
        "posts": found.posts,
        "gaps": [_gap(one, zone) for one in found.gaps],
        "without_stand_in": [_gap(one, zone) for one in found.thin],
        "doubles": [
            {"person": one.person.name, "posts": list(one.posts), **_span(one, zone)}
            for one in found.doubles
        ],
        "roles_without_post": list(found.lacking),
        "holidays_end": found.calendar_ends.isoformat() if found.calendar_ends else None,
    }


def _lines(found: Outlook, zone: ZoneInfo) -> list[str]:
    lines = [f"no post has the role {role}" for role in found.lacking]
    lines += [f"gap: {one.post} {_told(one, zone)}" for one in found.gaps]
    lines += [
        f"double: {one.person.name} at {' and '.join(one.posts)} {_told(one, zone)}"
        for one in found.doubles
    ]
    lines += [f"no stand-in: {one.post} {_told(one, zone)}" for one in found.thin]
    if found.calendar_ends:
        lines.append(f"the table of holidays ends on {found.calendar_ends}")
    state = "every hour has somebody" if found.is_whole else "not whole"
    return [*lines, f"{found.posts} posts until {found.until}: {state}"]


def _gap(one: Gap, zone: ZoneInfo) -> dict[str, object]:
    missing = one.missing.name if one.missing else None
    return {"post": one.code, "missing": missing, **_span(one, zone)}


def _span(one: Gap | Booking, zone: ZoneInfo) -> dict[str, str]:
    starts, ends = (moment.astimezone(zone).isoformat() for moment in (one.starts_at, one.ends_at))
    return {"starts_at": starts, "ends_at": ends}


def _told(one: Gap | Booking, zone: ZoneInfo) -> str:
    starts, ends = (moment.astimezone(zone) for moment in (one.starts_at, one.ends_at))
    return f"{starts:%Y-%m-%d %H:%M} to {ends:%Y-%m-%d %H:%M}"
