"""Calls at the stand-in provider: they ring until somebody at its page does something."""

import html
import re

from drills.gateway.errands import Errands
from drills.gateway.faults import Faults
from drills.gateway.post import Postman
from drills.gateway.store import FINAL, Item, Store

KEYS = frozenset("0123456789*#")
ON_THE_LINE = 60.0  # seconds after which a call without a key ends by itself
QUEUED, RINGING, TALKING = "queued", "ringing", "in-progress"
COMPLETED, BUSY, NO_ANSWER = "completed", "busy", "no-answer"
_SAID = re.compile(r"<Say\b[^>]*>(.*?)</Say>", re.DOTALL)


class Switchboard:
    """Rings, connects and ends calls; each change is told to the desk."""

    def __init__(
        self, store: Store, faults: Faults, postman: Postman, errands: Errands, *, pace: float
    ) -> None:
        self._store = store
        self._faults = faults
        self._postman = postman
        self._errands = errands
        self._pace = pace

    def take(self, call: Item) -> None:
        """Ring soon; a call that was ringing when the process ended rings again."""
        if call.status == TALKING:
            self._errands.after(self._pace, lambda: self.hang_up(call.sid))
        elif call.status not in FINAL:
            self._errands.after(self._pace, lambda: self._ring(call))

    def pick_up(self, sid: str) -> bool:
        """Answer a call that rings; False when it does not, or no longer."""
        taken = self._change(sid, since=RINGING, status=TALKING)
        if taken:
            self._errands.after(ON_THE_LINE, lambda: self.hang_up(sid))
        return taken

    def refuse(self, sid: str) -> bool:
        """Let the caller hear that the line is busy."""
        return self._change(sid, since=RINGING, status=BUSY)

    def ignore(self, sid: str) -> bool:
        """Let it ring to its end, at once."""
        return self._change(sid, since=RINGING, status=NO_ANSWER)

    def hang_up(self, sid: str) -> bool:
        """End a call that was answered; without a key before, nothing is confirmed."""
        return self._change(sid, since=TALKING, status=COMPLETED)

    def press(self, sid: str, key: str) -> bool:
        """Press a key; the call ends when the desk says goodbye."""
        call = self._store.find(sid)
        if call is None or call.status != TALKING or key not in KEYS:
            return False
        answer = self._postman.press(call, key)
        said = " ".join(html.unescape(words) for words in _SAID.findall(answer or ""))
        self._store.hear(sid, said)
        if answer is None or "<Gather" not in answer:
            self.hang_up(sid)
        return answer is not None

    def _ring(self, call: Item) -> None:
        plan = self._faults.plan.calls
        self._change(call.sid, since=QUEUED, status=RINGING)
        if plan.answer == "wait":
            self._errands.after(call.ring, lambda: self.ignore(call.sid))
        else:
            self._errands.after(self._pace, lambda: self._play(call.sid, plan.answer, plan.keys))

    def _play(self, sid: str, answer: str, keys: str) -> None:
        match answer:
            case "busy":
                self.refuse(sid)
            case "no-answer":
                self.ignore(sid)
            case _:
                self.pick_up(sid)
                for key in keys:
                    self.press(sid, key)
                self.hang_up(sid)

    def _change(self, sid: str, *, since: str, status: str) -> bool:
        moved = self._store.change(sid, since=since, status=status)
        if moved is not None:
            self._postman.tell(moved, self._faults.plan.callbacks)
        return moved is not None
