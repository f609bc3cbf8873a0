"""The journal on disk: what is appended is read again, privately, in order, by every console."""

import errno
import hashlib
import json
import os
import threading
from pathlib import Path

import pytest

from console.domain.journal import JournalError, Record, RecordKind, entries
from console.storage import _lines, journal
from console.storage.journal import FileJournal, journal_path
from tests.console.storage.told import Files, begin, open_files, record


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(journal_path(tmp_path / "state", "prod"))


def test_what_was_appended_is_read_by_a_console_that_starts_later(files: Files) -> None:
    files.append(begin("p1"))
    files.append(record(1, before={"x": [1, 2.5, None, True, "ü\n"]}), record(2))

    assert files.records == [begin("p1"), record(1, before={"x": [1, 2.5, None, True, "ü\n"]}), record(2)]
    assert files.damages == []
    assert [entry.id for entry in entries(files.records)] == ["p1"]


def test_nothing_is_there_before_the_first_record_and_reading_makes_nothing(files: Files) -> None:
    assert files.journal().read() == ((), ())
    files.append()
    assert not files.path.parent.exists()


def test_a_console_sees_what_another_one_appends(files: Files) -> None:
    mine, other = files.journal(), files.journal()
    for number in range(0, 6, 2):
        mine.append([record(number)])
        assert len(mine.read().records) == number + 1
        other.append([record(number + 1)])
        assert mine.read() == other.read() == files.journal().read()

    assert mine.read().records == tuple(record(number) for number in range(6))


def test_a_console_that_has_read_it_before_sees_a_change_of_an_old_line(files: Files) -> None:
    console = files.journal()
    console.append([record(number) for number in range(5)])
    assert console.read().damages == ()

    files.lines = [files.lines[0].replace(b"ana", b"eve"), *files.lines[1:]]

    assert [damage.line for damage in console.read().damages] == [1]
    console.append([record(5)])
    assert [damage.line for damage in console.read().damages] == [1]


def test_the_chain_can_be_checked_with_a_few_lines_of_anybodys(files: Files) -> None:
    files.append(*(record(number) for number in range(3)))
    prev = "0" * 64
    for seq, line in enumerate(files.lines, 1):
        told = json.loads(line)
        digest = told.pop("hash")
        text = json.dumps(told, sort_keys=True, separators=(",", ":"))
        assert (told["seq"], told["prev"]) == (seq, prev)
        assert digest == hashlib.sha256(text.encode()).hexdigest()
        prev = digest
    assert json.loads(files.head.read_text()) == {"seq": 3, "hash": prev}


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (errno.ENOSPC, "the disk is full: free some space"),
        (errno.EACCES, "permission denied: give it"),
        (errno.EROFS, "read-only: set state in the settings"),
    ],
)
def test_what_keeps_it_from_being_written_is_said_with_what_to_do(
    files: Files, monkeypatch: pytest.MonkeyPatch, code: int, advice: str
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(code, os.strerror(code))

    files.append(record(0))
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", refuse)
        with pytest.raises(JournalError, match=advice) as caught:
            files.append(record(1))
    assert str(files.path) in str(caught.value)
    assert "nothing is changed" in str(caught.value)

    files.append(record(2))
    assert (files.records, files.damages) == ([record(0), record(2)], [])


def test_a_state_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")

    with pytest.raises(JournalError, match="set state in the settings"):
        FileJournal(tmp_path / "state" / "deeper" / "journal.jsonl").append([record(0)])


def test_what_json_cannot_say_is_refused_before_anything_is_written(files: Files) -> None:
    files.append(record(0))
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    for value in (float("nan"), object(), deep):
        with pytest.raises(JournalError, match="is not JSON"):
            files.append(record(1), record(2, before=value))

    assert (files.records, files.damages) == ([record(0)], [])


def test_a_record_without_bounds_is_refused(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "LINE_LIMIT", 2000)
    with pytest.raises(JournalError, match="2000 are the most"):
        files.append(record(0, change="x" * 2000))
    assert files.damages == []


def test_appending_reads_the_end_of_a_long_journal_only(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.append(*(record(number, text="x" * 500) for number in range(2000)))
    read = 0
    pread = os.pread

    def count(descriptor: int, size: int, offset: int) -> bytes:
        nonlocal read
        read += size
        return pread(descriptor, size, offset)

    monkeypatch.setattr(os, "pread", count)
    console = files.journal()
    console.append([record(2000)])

    assert files.path.stat().st_size > 1_000_000
    assert 0 < read < 100_000
    monkeypatch.undo()
    assert len(files.records) == 2001
    assert files.damages == []


def test_a_plan_with_a_long_config_does_not_break_the_chain(files: Files) -> None:
    files.append(record(0, config="x" * 3_000_000))
    files.append(record(1))
    files.append(record(2, config="\n" * 200_000))
    files.append(record(3))

    assert [each.at for each in files.records] == [record(n).at for n in range(4)]
    assert files.damages == []


def test_threads_of_one_console_append_in_turn(files: Files) -> None:
    console = files.journal()
    threads = [
        threading.Thread(target=lambda: [console.append([record(n)]) or console.read() for n in range(20)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(console.read().records) == 80
    assert console.read().damages == files.journal().read().damages == ()


def test_no_descriptor_is_left_open(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    files.append(record(0))
    before = open_files()
    for number in range(5):
        files.append(record(number))
        assert files.damages == []
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(JournalError):
        files.append(record(9))

    assert open_files() == before


def test_a_record_of_a_newer_version_is_named_and_the_rest_is_read(files: Files) -> None:
    files.append(begin("p1"))
    head = files.journal()._head.read().link
    assert head is not None
    newer = record(1)._replace(kind=type("Kind", (), {"value": "approve"}))  # type: ignore[arg-type]
    odd = Record(RecordKind.BEGIN, "p2", 1.0, "ana", {"plan": {"action": 3}})
    for each in (newer, odd):
        line, head = _lines.encode(each, head)
        files.path.write_bytes(files.path.read_bytes() + line)
    files.journal()._head.write(head)
    files.append(record(4))

    assert files.records == [begin("p1"), record(4)]
    assert [damage.line for damage in files.damages] == [2, 3]
    assert "its kind is 'approve'" in files.said
    assert "does not understand" in files.said
