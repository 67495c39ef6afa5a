"""The press: one child that prints, may be lost, and takes nobody along."""

import os
import resource
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from incident import pressroom
from incident.press import Limits, Press, PressFailed
from tests.support.papers import make_document, make_giant, make_long


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    with Press() as press:
        yield press


def test_the_child_stays_warm_from_one_document_to_the_next(press: Press) -> None:
    assert press.print(make_document()).startswith(b"%PDF-")
    first = press.child_pid
    assert press.print(make_document("final")).startswith(b"%PDF-")
    assert press.child_pid == first


def test_streams_are_packed_quickly_not_as_tight_as_can_be(press: Press) -> None:
    quick, tightest = b"stream\n\x78\x5e", b"stream\n\x78\xda"  # the level in zlib's head
    pdf = press.print(make_document())
    assert pdf.count(quick) > 2
    assert tightest not in pdf


def test_a_child_that_dies_between_two_documents_is_not_noticed(press: Press) -> None:
    press.print(make_document())
    _kill(press)
    assert press.child_pid
    os.waitid(os.P_PID, press.child_pid, os.WEXITED | os.WNOWAIT)
    assert press.print(make_document()).startswith(b"%PDF-")


def test_a_child_killed_in_the_middle_fails_that_document_and_not_the_next(press: Press) -> None:
    press.print(make_document())
    killer = threading.Timer(0.3, _kill, [press])
    killer.start()
    with pytest.raises(PressFailed, match="died with signal 9"):
        press.print(make_giant(3000))
    killer.join()
    assert press.print(make_document()).startswith(b"%PDF-")


def test_a_giant_document_is_given_up_at_the_limit_and_the_press_goes_on() -> None:
    with Press(limits=Limits(wall_seconds=2)) as press:
        press.print(make_document())
        with pytest.raises(PressFailed, match="took more than 2 s"):
            press.print(make_giant(4000))
        assert press.print(make_document()).startswith(b"%PDF-")


def test_processor_time_is_counted_for_each_document_anew() -> None:
    with Press(limits=Limits(cpu_seconds=1)) as press:
        with pytest.raises(PressFailed, match=f"died with signal {signal.SIGXCPU:d}"):
            press.print(make_giant(4000))
        pids = set()
        for _ in range(8):
            press.print(make_document())
            pids.add(press.child_pid)
        assert len(pids) == 1


def test_a_document_that_needs_more_memory_than_is_given_fails_with_a_word() -> None:
    with (
        Press(limits=Limits(memory_bytes=64 << 20)) as press,
        pytest.raises(PressFailed, match=r"memory|Memory|died"),
    ):
        press.print(make_document())


def test_a_document_too_large_to_send_is_refused_at_once(press: Press) -> None:
    with pytest.raises(PressFailed, match="more than may be printed"):
        press.print(make_long("字" * 800_000))


def test_the_child_is_replaced_after_its_share_of_documents() -> None:
    with Press(limits=Limits(documents=2)) as press:
        pids = []
        for _ in range(4):
            press.print(make_document())
            pids.append(press.child_pid)
    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_threads_take_turns(press: Press) -> None:
    numbers = [f"示市监应急〔2026〕{number}号" for number in range(8)]
    with ThreadPoolExecutor(4) as pool:
        papers = list(pool.map(lambda number: press.print(make_document(number=number)), numbers))
    assert len(set(papers)) == len(numbers)
    assert papers[3] == press.print(make_document(number=numbers[3]))


def test_the_child_inherits_no_environment_and_leaves_no_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "never-to-be-seen")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Press() as press:
        press.print(make_document())
        environment = Path(f"/proc/{press.child_pid}/environ").read_bytes()
        assert b"never-to-be-seen" not in environment
        assert list(tmp_path.iterdir())
    assert not list(tmp_path.iterdir())


def test_the_child_lives_under_its_limits(press: Press) -> None:
    press.print(make_document())
    assert press.child_pid
    memory, _ = resource.prlimit(press.child_pid, resource.RLIMIT_AS)
    assert memory == 1 << 30


@pytest.mark.parametrize(
    "event", ["socket.connect", "socket.__new__", "subprocess.Popen", "os.exec"]
)
def test_the_child_may_neither_call_out_nor_start_anything(event: str) -> None:
    with pytest.raises(PermissionError):
        pressroom._refuse(event, ())
    pressroom._refuse("open", ())


def _kill(press: Press) -> None:
    assert press.child_pid
    os.kill(press.child_pid, signal.SIGKILL)
