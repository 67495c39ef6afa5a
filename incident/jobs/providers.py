"""Carry how providers stand between the channels of this process and their table."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from incident.models import Provider
from incident.operations import providers
from incident.services import Services
from notifications.chain import Chain
from notifications.health import Standing

BALANCE_AGE = timedelta(minutes=10)


def carry(services: Services) -> None:
    """Write down what changed here, and take in the order and what another process knows."""
    news = _news(services)
    rows = _rows(services)
    if news or _lacking(services, rows):
        with services.transaction() as session:
            providers.write(session, _names(services), news)
        rows = _rows(services)
    for chain in _chains(services):
        _arrange(chain, [row for row in rows if row.channel == chain.name])


def ask_balances(services: Services) -> None:
    """Ask those providers that can tell how much is still paid for, every ten minutes."""
    now = services.now()
    known = {(row.channel, row.name): row.balance_at for row in _rows(services)}
    for chain in _chains(services):
        for name, ask in chain.purses().items():
            asked_at = known.get((chain.name, name), now)
            if asked_at is not None and now - asked_at < BALANCE_AGE:
                continue
            balance = ask()
            if balance is not None:
                with services.transaction() as session:
                    providers.note_balance(session, (chain.name, name), balance, now=now)


def _news(services: Services) -> dict[tuple[str, str], Standing]:
    return {
        (chain.name, name): standing
        for chain in _chains(services)
        for name, standing in chain.take_news().items()
    }


def _rows(services: Services) -> list[Provider]:
    with services.reading() as session:
        return providers.known(session)


def _lacking(services: Services, rows: Sequence[Provider]) -> bool:
    known = {(row.channel, row.name) for row in rows}
    return any(
        (channel, name) not in known
        for channel, names in _names(services).items()
        for name in names
    )


def _names(services: Services) -> Mapping[str, Sequence[str]]:
    """Return the providers of each channel, those of real messages first."""
    found: dict[str, list[str]] = {}
    for chain in _chains(services):
        names = found.setdefault(chain.name, [])
        names += [name for name in chain.providers if name not in names]
    return found


def _chains(services: Services) -> Iterator[Chain]:
    for table in (services.channels.live, services.channels.drill):
        yield from (channel for channel in table.values() if isinstance(channel, Chain))


def _arrange(chain: Chain, rows: Sequence[Provider]) -> None:
    chain.arrange(
        order=[row.name for row in rows],
        paused=[row.name for row in rows if row.paused_at is not None],
        standings={row.name: providers.standing(row) for row in rows},
    )
