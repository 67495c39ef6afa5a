"""The two characters by which a person answers: which alert, on his telephone."""

import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate, cycle, pairwise

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from incident.models import Alert, AlertPerson, User

# Without 0 O 1 I 5 S, which are mistaken for each other; a letter first, so that it is no number.
LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
OTHERS = "2346789"
CODES = tuple(first + second for second in OTHERS + LETTERS for first in LETTERS)
LOOKS = (4, 12)  # codes looked at together, then more: a report must not wait for all to be tried
_BESIDE = aliased(User)
_SHARING = (
    select(User.id)
    .join(_BESIDE, _BESIDE.phone == User.phone)
    .where(_BESIDE.id.in_(bindparam("people", expanding=True)))
)
_TAKEN = (
    select(AlertPerson.code)
    .distinct()
    .join(Alert, Alert.id == AlertPerson.alert_id)
    .where(
        AlertPerson.user_id.in_(_SHARING),
        AlertPerson.code.in_(bindparam("candidates", expanding=True)),
        Alert.ended_at.is_(None),
    )
)


def choose(session: Session, reason: str, people: Sequence[tuple[int, str | None]]) -> list[str]:
    """Return a code for each person, by id and telephone, that no open alert has there.

    The place in the row of codes follows from the alert's reason, so that a code comes back late:
    an answer to what is over should not meet what is new. Who shares a telephone gets another one.
    """
    sharing = Counter(telephone for _, telephone in people if telephone)
    needed = max(sharing.values(), default=1)
    free = [code for code, _ in zip(_free(session, reason, people), range(needed), strict=False)]
    used: Counter[str] = Counter()
    found = []
    for _, telephone in people:
        found.append(free[used[telephone] if telephone else 0])
        if telephone:
            used[telephone] += 1
    return found


def _free(session: Session, reason: str, people: Sequence[tuple[int, str | None]]) -> Iterator[str]:
    """Walk through the codes that are free, then, when none was found soon, through all of them."""
    start = zlib.crc32(reason.encode()) % len(CODES)
    ids = [user_id for user_id, _ in people]
    turned = CODES[start:] + CODES[:start]
    for begin, end in pairwise(accumulate(LOOKS, initial=0)):
        taken = _taken(session, turned[begin:end], ids)
        yield from (code for code in turned[begin:end] if code not in taken)
    yield from cycle(turned)


def _taken(session: Session, candidates: Sequence[str], people: Sequence[int]) -> set[str]:
    """Return which codes stand on an open alert for these people, or for who shares a telephone."""
    return set(session.scalars(_TAKEN, {"people": people, "candidates": candidates}))
