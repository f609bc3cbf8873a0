"""The journal under two consoles, kill -9 and a full disk, each a real process."""

import errno
import fcntl
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

import pytest

from console.domain.journal import JournalError
from console.storage import _files, journal
from tests.console.storage.told import Files, open_files, record

WRITER = """
import resource, sys, time
from pathlib import Path
from typing import Self
from console.domain.journal import JournalError
from console.storage.journal import FileJournal
from tests.console.storage.told import record

path, first, count, limit = Path(sys.argv[1]), *map(int, sys.argv[2:])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
console = FileJournal(path)
print("ready", flush=True)
sys.stdin.readline()
for number in range(first, first + count):
    try:
        console.append([record(number, text="x" * 400)])
    except JournalError as error:
        print(error, flush=True)
        break
    print(number, flush=True)
    time.sleep(0.002)
"""


class Writer:
    """A process that waits for a word, appends records and prints the number of each when its append has returned."""

    def __init__(self, files: Files, first: int, count: int, limit: int = 0) -> None:
        words = [sys.executable, "-c", WRITER, str(files.path), str(first), str(count), str(limit)]
        pipe, root = subprocess.PIPE, Path(__file__).parents[3]
        self.process = subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True, cwd=root)
        assert self.process.stdout is not None
        assert self.process.stdin is not None
        self.out, self.input = self.process.stdout, self.process.stdin
        assert self.out.readline() == "ready\n"

    def go(self) -> Self:
        """Begin."""
        self.input.write("go\n")
        self.input.flush()
        return self

    def told(self) -> list[str]:
        """Everything that it prints until it ends."""
        with self.input, self.out:
            lines = self.out.read().splitlines()
        self.process.wait(10)
        return lines


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "journal.jsonl")


def test_two_consoles_that_write_at_once_make_one_chain(files: Files) -> None:
    writers = [Writer(files, first, 500_000).go() for first in (0, 1_000_000)]
    # Both go on until each of them has written some, so that they did it at once.
    began = [[writer.out.readline() for _ in range(30)] for writer in writers]
    for writer in writers:
        writer.process.kill()
    told = [[*first, *writer.told()] for first, writer in zip(began, writers, strict=True)]

    assert files.damages == []
    numbers = [int(each.at - record(0).at) for each in files.records]
    for first, lines in zip((0, 1_000_000), told, strict=True):
        mine = [number for number in numbers if first <= number < first + 500_000]
        assert mine in ([first + n for n in range(len(lines))], [first + n for n in range(len(lines) + 1)])
    assert numbers != sorted(numbers)


def test_what_was_appended_before_a_kill_is_there_and_nothing_is_damaged(files: Files) -> None:
    first = 0
    dice = random.Random(7)
    for _ in range(6):
        writer = Writer(files, first, 100_000).go()
        began = writer.out.readline()
        time.sleep(dice.random() * 0.02)
        writer.process.send_signal(signal.SIGKILL)
        last = int([began, *writer.told()][-1])

        numbers = [int(each.at - record(0).at) for each in files.records]
        assert files.damages == []
        # The one in flight may have come to disk before its append returned.
        assert numbers in (list(range(last + 1)), list(range(last + 2)))
        first = len(numbers)


def test_a_record_is_on_disk_before_append_returns_and_before_the_head_says_so(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.append(record(0))
    happened: list[str] = []

    def name(descriptor: int) -> str:
        return Path(f"/dev/fd/{descriptor}").readlink().name.split(".")[-1]

    def watch(what: str, call: object) -> object:
        def watched(descriptor: int, *more: object) -> object:
            happened.append(f"{what} {name(descriptor)}")
            return call(descriptor, *more)  # type: ignore[operator]

        return watched

    monkeypatch.setattr(os, "write", watch("write", os.write))
    monkeypatch.setattr(_files, "sync", watch("sync", _files.sync))
    monkeypatch.setattr(journal, "sync", watch("sync", journal.sync))
    files.append(record(1), record(2), record(3))

    assert happened == ["write jsonl", "sync jsonl", "write new", "sync new"]


def test_a_disk_that_fills_up_in_the_middle_of_a_record_leaves_a_whole_journal(files: Files) -> None:
    told = Writer(files, 0, 1000, limit=50_000).go().told()

    written = len(told) - 1
    assert 10 < written < 200
    assert "the file may not grow" in told[-1]
    assert "nothing is changed without a record" in told[-1]
    assert len(files.records) == written
    assert files.damages == []
    assert Writer(files, written, 10).go().told() == [str(n) for n in range(written, written + 10)]
    assert (len(files.records), files.damages) == (written + 10, [])


def test_half_a_record_that_cannot_be_taken_back_is_told_and_written_behind(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.append(record(0))
    write = os.write
    writes = 0

    def fill_up(descriptor: int, data: bytes) -> int:
        nonlocal writes
        writes += 1
        if writes > 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, bytes(data[:50]))

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "append-only")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", fill_up)
        patch.setattr(os, "ftruncate", refuse)
        with pytest.raises(JournalError, match="the disk is full"):
            files.append(record(1), record(2))

    assert files.records == [record(0)]
    assert files.said.startswith("line 2: breaks off after 50 bytes")
    files.append(record(3))
    assert files.records == [record(0), record(3)]
    assert files.said.startswith("line 2: is no record, and none is missing there")


def test_a_head_that_cannot_be_written_takes_the_record_back(files: Files) -> None:
    files.append(record(0))
    in_its_way = files.head.with_name(f".{files.head.name}.{os.getpid()}.new")
    in_its_way.mkdir()

    with pytest.raises(JournalError):
        files.append(record(1))

    in_its_way.rmdir()
    assert (files.records, files.damages) == ([record(0)], [])
    files.append(record(2))
    assert (files.records, files.damages) == ([record(0), record(2)], [])


def test_a_console_that_is_stopped_while_it_writes_does_not_hold_others_up_for_good(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "LOCK_WAIT_S", 0.05)
    files.append(record(0))
    with files.journal()._locked(os.O_RDWR, shared=False):
        with pytest.raises(JournalError, match=f"fuser {files.path}"):
            files.append(record(1))
        assert "another process has held" in files.said

    files.append(record(2))
    assert (files.records, files.damages) == ([record(0), record(2)], [])


def test_a_journal_that_is_moved_away_before_the_lock_is_had_is_not_written_to(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.append(record(0))
    moved = files.path.with_name("old.jsonl")
    take = journal.try_lock

    def move_first(descriptor: int, *, shared: bool) -> bool:
        if not moved.exists():
            files.path.rename(moved)
        return take(descriptor, shared=shared)

    with monkeypatch.context() as patch:
        patch.setattr(journal, "try_lock", move_first)
        files.append(record(1))

    assert len(moved.read_bytes().splitlines()) == 1
    assert files.records == [record(1)]
    assert files.said == "line 1: 1 record is missing before it"


def test_a_file_system_without_locks_is_said_and_leaves_nothing_open(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    files.append(record(0))
    monkeypatch.setattr(fcntl, "flock", refuse)
    before = open_files()

    with pytest.raises(JournalError, match="No locks available"):
        files.append(record(1))
    assert "No locks available" in files.said
    assert open_files() == before
