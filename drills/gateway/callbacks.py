"""The life of a message at the stand-in provider, told to the desk step by step."""

from drills.gateway.errands import Errands
from drills.gateway.faults import CallbackFaults, Faults
from drills.gateway.post import Postman
from drills.gateway.store import FINAL, Item, Store

_AHEAD = {"queued": ("sent", "delivered"), "sent": ("delivered",)}


class Courier:
    """Moves messages on, a step each `pace` seconds."""

    def __init__(
        self, store: Store, faults: Faults, postman: Postman, errands: Errands, *, pace: float
    ) -> None:
        self._store = store
        self._faults = faults
        self._postman = postman
        self._errands = errands
        self._pace = pace

    def take(self, item: Item) -> None:
        """Begin to move a message on, from wherever it stands."""
        plan = self._faults.plan.callbacks
        steps = _steps(item, plan)
        if plan.reordered:
            self._tell_backwards(item, steps, plan)
        elif steps:
            self._next(item, steps, plan)

    def _next(self, item: Item, steps: tuple[str, ...], plan: CallbackFaults) -> None:
        self._errands.after(self._pace + plan.late, lambda: self._step(item, steps, plan))

    def _step(self, item: Item, steps: tuple[str, ...], plan: CallbackFaults) -> None:
        self._postman.tell(self._moved(item, steps[0], plan), plan)
        if steps[1:]:
            self._next(item, steps[1:], plan)

    def _tell_backwards(self, item: Item, steps: tuple[str, ...], plan: CallbackFaults) -> None:
        """Go through all steps at once, and tell the last first."""
        moved = [self._moved(item, status, plan) for status in steps]

        def tell() -> None:
            for state in reversed(moved):
                self._postman.tell(state, plan)

        self._errands.after(self._pace + plan.late, tell)

    def _moved(self, item: Item, status: str, plan: CallbackFaults) -> Item:
        code = plan.error_code if status == plan.final else None
        return self._store.advance(item.sid, status=status, error_code=code)


def _steps(item: Item, plan: CallbackFaults) -> tuple[str, ...]:
    """Return the statuses still ahead, up to where the plan lets it end."""
    if plan.final == "queued" or item.status in FINAL:
        return ()
    ahead = _AHEAD.get(item.status, ())
    if plan.final == "sent":
        return ahead[:-1]
    return tuple(plan.final if status == "delivered" else status for status in ahead)
