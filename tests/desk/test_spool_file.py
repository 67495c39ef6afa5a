"""The file of the spool: what was answered is there, whatever the crash or the disk left of it."""

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident import spool
from incident.spool import HEADER, Spooled, pack, unpack

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
FIRST = Spooled(
    number="ZC-AAAAAAAA",
    key="7:first",
    body="0" * 64,
    answered="api",
    user_id=7,
    person="示例员",
    credential="1" * 64,
    content={"kind": "food", "narrative": "多人呕吐"},
    incident=None,
    version=None,
    began_at=NOW,
    spooled_at=NOW + timedelta(seconds=1),
)
SECOND = replace(FIRST, number="ZC-BBBBBBBB", key="7:second", incident="SP20261123-001", version=3)
THIRD = replace(FIRST, number="ZC-CCCCCCCC", key="7:third")
ALL = (FIRST, SECOND, THIRD)


def numbers(folder: Path) -> list[str]:
    return [one.number for one in spool.waiting(folder)]


def written(folder: Path, content: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / spool.FILE
    path.write_bytes(content)
    return path


def test_what_goes_in_comes_out_in_its_order(tmp_path: Path) -> None:
    for one in ALL:
        spool.append(tmp_path / "spool", one)

    assert spool.waiting(tmp_path / "spool") == ALL
    assert spool.find(tmp_path / "spool", SECOND.number) == SECOND
    assert spool.find(tmp_path / "spool", "ZC-DDDDDDDD") is None


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    spool.append(tmp_path / "spool", FIRST)

    assert (tmp_path / "spool").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "spool" / spool.FILE).stat().st_mode & 0o777 == 0o600


def test_killed_at_any_byte_of_an_append_nothing_that_was_answered_is_lost(tmp_path: Path) -> None:
    """Every prefix of a file is a crash; what was whole before stays, and the next one joins it."""
    whole = b"".join(pack(one) for one in ALL)
    ends = [0]
    for one in ALL:
        ends.append(ends[-1] + len(pack(one)))
    late = replace(FIRST, number="ZC-EEEEEEEE")

    for size in range(len(whole) + 1):
        answered = ALL[: sum(end <= size for end in ends[1:])]
        contents = unpack(whole[:size])
        assert (contents.records, contents.spoilt) == (answered, ())
        path = written(tmp_path, whole[:size])
        spool.append(tmp_path, late)
        assert spool.waiting(tmp_path) == (*answered, late)
        path.unlink()


def test_a_spoilt_byte_costs_one_record_and_is_put_aside_never_dropped(tmp_path: Path) -> None:
    packed = [pack(one) for one in ALL]
    whole = b"".join(packed)

    for place in range(len(packed[0]), len(packed[0]) + len(packed[1])):
        spoilt = bytearray(whole)
        spoilt[place] ^= 0x40
        contents = unpack(bytes(spoilt))
        assert contents.records == (FIRST, THIRD), place
        assert b"".join(contents.spoilt) == bytes(spoilt)[len(packed[0]) : -len(packed[2])]

    written(tmp_path, bytes(spoilt))
    assert spool.spoilt(tmp_path) == 1
    spool.remove(tmp_path, {FIRST.number, THIRD.number})
    assert spool.is_empty(tmp_path)
    assert spool.spoilt(tmp_path) == 1


@given(st.binary(max_size=200))
def test_no_garbage_makes_a_record_or_an_error(garbage: bytes) -> None:
    contents = unpack(pack(FIRST) + garbage)

    assert contents.records == (FIRST,)
    assert contents.end + len(garbage) >= len(pack(FIRST))


def test_what_is_entered_is_taken_out_and_the_rest_waits(tmp_path: Path) -> None:
    for one in ALL:
        spool.append(tmp_path, one)

    spool.remove(tmp_path, {SECOND.number})
    assert numbers(tmp_path) == [FIRST.number, THIRD.number]
    spool.remove(tmp_path, {FIRST.number, THIRD.number})
    assert spool.is_empty(tmp_path)
    spool.remove(tmp_path, {FIRST.number})


def full(*_: object) -> int:
    raise OSError(errno.ENOSPC, "No space left on device")


def half(write: Callable[..., int]) -> Callable[..., int]:
    """Write a part of what comes first, then find the disk full."""
    calls = iter([True])

    def pwrite(handle: int, content: memoryview, place: int) -> int:
        if next(calls, False):
            return write(handle, content[: len(content) // 2], place)
        return full()

    return pwrite


def test_a_full_disk_refuses_and_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.append(tmp_path, FIRST)

    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", half(os.pwrite))
        with pytest.raises(OSError, match="No space"):
            spool.append(tmp_path, SECOND)

    assert (tmp_path / spool.FILE).read_bytes() == pack(FIRST)
    spool.append(tmp_path, THIRD)
    assert numbers(tmp_path) == [FIRST.number, THIRD.number]


def test_a_disk_that_does_not_sync_refuses_and_takes_it_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.append(tmp_path, FIRST)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            spool.append(tmp_path, SECOND)

    assert numbers(tmp_path) == [FIRST.number]


def test_the_spool_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "LARGEST", len(pack(FIRST)) + HEADER.size)
    spool.append(tmp_path, FIRST)

    with pytest.raises(spool.SpoolFull):
        spool.append(tmp_path, SECOND)
    assert numbers(tmp_path) == [FIRST.number]
