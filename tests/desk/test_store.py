"""The store of files: once, whole, and true."""

import hashlib
import os
from pathlib import Path

import pytest

from incident.errors import NotFound
from incident.store import Store

CONTENT = "留样照片".encode()


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    digest = store.put(CONTENT)
    written = files(tmp_path)[0].stat().st_mtime_ns
    assert store.put(CONTENT) == digest == hashlib.sha256(CONTENT).hexdigest()
    assert [path.stat().st_mtime_ns for path in files(tmp_path)] == [written]
    assert store.get(digest) == CONTENT


def test_a_write_that_breaks_off_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.put(CONTENT)
    monkeypatch.undo()
    assert files(tmp_path) == []
    assert store.get(store.put(CONTENT)) == CONTENT


def test_a_damaged_file_is_told_from_a_missing_one(tmp_path: Path) -> None:
    store = Store(tmp_path)
    digest = store.put(CONTENT)
    [path] = files(tmp_path)
    path.write_bytes(CONTENT[:-1])
    with pytest.raises(NotFound, match="file-damaged"):
        store.get(digest)
    path.unlink()
    with pytest.raises(NotFound, match="file-missing"):
        store.get(digest)


def test_the_same_bytes_mend_a_damaged_file(tmp_path: Path) -> None:
    store = Store(tmp_path)
    digest = store.put(CONTENT)
    [path] = files(tmp_path)
    path.write_bytes(b"torn")
    assert store.put(CONTENT) == digest
    assert store.get(digest) == CONTENT
