"""Whatever happens to the journal's files is told, with its line, for ever; and the journal can be written on."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.storage import _walk
from console.storage._lines import Link, decode
from tests.console.storage.told import Files, begin, record

COUNT = 8
# Hundreds of journals are hurt here; in memory, where there is one, their syncs cost nothing.
MEMORY = next((path for path in ("/dev/shm",) if Path(path).is_dir()), None)
RECORDS = [begin("p1"), *(record(number, text="ü" * number) for number in range(1, COUNT))]
LATER = [record(20), record(21)]


@cache
def _written() -> tuple[bytes, bytes]:
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        files = Files(Path(folder) / "journal.jsonl")
        for each in RECORDS:
            files.append(each)
        return files.path.read_bytes(), files.head.read_bytes()


@contextmanager
def whole() -> Iterator[Files]:
    """A journal of COUNT records, as consoles wrote it."""
    journal, head = _written()
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        files = Files(Path(folder) / "journal.jsonl")
        for path, content in ((files.path, journal), (files.head, head)):
            path.write_bytes(content)
            path.chmod(0o600)
        yield files


@pytest.fixture
def files() -> Iterator[Files]:
    with whole() as found:
        yield found


def assert_told_for_ever(files: Files) -> None:
    """The damage is said, no false record is read, and later records neither hide it nor add to it."""
    before = files.damages
    assert before
    assert all(each in RECORDS for each in files.records)
    kept = files.records
    for each in LATER:
        files.append(each)
        assert files.damages
    assert files.records == [*kept, *LATER]
    said = [damage.line for damage in files.damages]
    files.append(record(22))
    assert [damage.line for damage in files.damages] == said


def test_an_untouched_journal_has_no_damage(files: Files) -> None:
    assert (files.records, files.damages) == (RECORDS, [])


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_change_of_any_byte_is_told(data: st.DataObject) -> None:
    with whole() as files:
        victim = data.draw(st.sampled_from([files.path, files.path, files.path, files.head]))
        content = bytearray(victim.read_bytes())
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[place]))
        victim.write_bytes(content)

        assert_told_for_ever(files)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_journal_that_was_cut_off_anywhere_is_told(data: st.DataObject) -> None:
    with whole() as files:
        content = files.path.read_bytes()
        # Without its last line end nothing is lost, and the next record puts back that very byte.
        size = data.draw(st.integers(0, len(content) - 2))
        files.path.write_bytes(content[:size])

        assert_told_for_ever(files)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_bytes_that_were_put_in_anywhere_are_told(data: st.DataObject) -> None:
    with whole() as files:
        victim = data.draw(st.sampled_from([files.path, files.head]))
        content = victim.read_bytes()
        place = data.draw(st.integers(0, len(content)))
        put = data.draw(st.binary(min_size=1, max_size=40))
        victim.write_bytes(content[:place] + put + content[place:])

        assert_told_for_ever(files)


@settings(max_examples=60, deadline=None)
@given(st.permutations(range(COUNT)).filter(lambda order: order != list(range(COUNT))))
def test_lines_in_another_order_are_told_and_still_read_in_their_own(order: list[int]) -> None:
    with whole() as files:
        lines = files.lines
        files.lines = [lines[number] for number in order]

        assert files.records == RECORDS
        assert_told_for_ever(files)


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(0, COUNT - 1), min_size=1))
def test_lines_that_were_removed_are_told_and_counted(removed: set[int]) -> None:
    with whole() as files:
        files.lines = [line for number, line in enumerate(files.lines) if number not in removed]

        assert files.records == [each for number, each in enumerate(RECORDS) if number not in removed]
        counts = [int(text.split()[0]) for _, text in files.damages if " missing" in text]
        assert sum(counts) == len(removed)
        assert_told_for_ever(files)


def test_the_last_line_end_alone_is_told_and_put_back_by_the_next_record(files: Files) -> None:
    files.path.write_bytes(files.path.read_bytes()[:-1])

    assert [damage.line for damage in files.damages] == [COUNT]
    assert "has no line end" in files.said
    assert files.records == RECORDS

    files.append(LATER[0])
    assert (files.records, files.damages) == ([*RECORDS, LATER[0]], [])


def test_a_changed_line_is_named_and_its_record_is_not_believed(files: Files) -> None:
    files.lines = [*files.lines[:3], files.lines[3].replace(b"ana", b"eve"), *files.lines[4:]]

    assert files.said == "line 4: was changed, and its record is lost (its text does not match its hash)"
    assert files.records == RECORDS[:3] + RECORDS[4:]


def test_a_removed_line_is_named_by_the_one_behind_it(files: Files) -> None:
    files.lines = files.lines[:3] + files.lines[5:]

    assert files.said == "line 4: 2 records are missing before it"


def test_a_repeated_line_is_named_with_the_one_it_repeats(files: Files) -> None:
    files.lines = [*files.lines[:5], files.lines[1], *files.lines[5:]]

    assert files.said == "line 6: repeats line 2 (record 2)"
    assert files.records == RECORDS


def test_a_line_that_was_put_in_as_if_it_belonged_is_not_believed(files: Files) -> None:
    with whole() as other:
        lines = other.lines
        other.lines = lines[:3]
        other.journal()._head.write(_link(lines[2]))
        other.append(record(99))
        forged = other.lines[3]
    files.lines = [*lines[:3], forged, *lines[3:]]

    assert files.said == "line 5: says that it is record 4, and so does line 4: one of the two was put in"
    assert files.records == RECORDS


def test_a_last_line_that_was_replaced_is_told_by_the_head_file(files: Files) -> None:
    lines = files.lines
    with whole() as other:
        other.lines = lines[:-1]
        other.journal()._head.write(_link(lines[-2]))
        other.append(record(99))
        forged = other.lines[-1]
    files.lines = [*lines[:-1], forged]

    assert files.said == f"line {COUNT}: is not record {COUNT} as the head file remembers it"


def test_a_journal_cut_off_at_a_line_is_told_by_its_head(files: Files) -> None:
    files.lines = files.lines[:-2]

    assert files.said == "2 records are missing at its end: the file was cut off"
    files.append(LATER[0])
    assert files.said == f"line {COUNT - 1}: 2 records are missing before it"


def test_a_journal_that_was_removed_is_told_by_its_head(files: Files) -> None:
    files.path.unlink()

    assert files.said == f"{COUNT} records are missing: the file was removed or emptied"
    files.append(LATER[0])
    assert files.said == f"line 1: {COUNT} records are missing before it"


def test_a_head_that_was_removed_is_told_for_ever(files: Files) -> None:
    files.head.unlink()

    assert files.said == (
        f"the head file {files.head} is missing: whether its end was cut off cannot be known"
    )
    assert_told_for_ever(files)
    assert files.said == (
        f"line {COUNT + 1}: was written when the head file was missing: lines before it may have been cut off"
    )


def test_a_head_that_is_behind_is_a_crash_in_between_and_no_damage(files: Files) -> None:
    files.journal()._head.write(_link(files.lines[-3]))

    assert (files.records, files.damages) == (RECORDS, [])
    files.append(LATER[0])
    assert (files.records, files.damages) == ([*RECORDS, LATER[0]], [])


def test_a_crash_between_the_making_of_the_file_and_its_first_record_is_no_damage(files: Files) -> None:
    files.path.write_bytes(b"")
    files.head.unlink()

    assert files.damages == []
    files.append(LATER[0])
    assert (files.records, files.damages) == ([LATER[0]], [])


def test_a_line_that_was_torn_by_a_crash_is_told_kept_and_written_behind(files: Files) -> None:
    torn = files.lines[-1][:70]
    files.path.write_bytes(b"".join(files.lines[:-1]) + torn)
    files.journal()._head.write(_link(files.lines[-2]))

    assert files.said == (
        f"line {COUNT}: breaks off after 70 bytes: a console died, or the disk was full, while it was written"
    )
    files.append(LATER[0])
    assert files.lines[COUNT - 1] == torn + b"\n"
    assert files.said.startswith(f"line {COUNT}: is no record, and none is missing there: a write broke off")
    assert files.records == [*RECORDS[:-1], LATER[0]]


def test_a_flood_without_line_ends_is_one_broken_line(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_walk, "LINE_LIMIT", 5000)
    with files.path.open("ab") as file:
        file.write(b"x" * 100_000)

    assert [damage.line for damage in files.damages] == [COUNT + 1]
    assert_told_for_ever(files)


def test_two_journals_do_not_pass_for_one_another(files: Files, tmp_path: Path) -> None:
    other = Files(tmp_path / "journal.jsonl")
    other.append(*(record(number) for number in range(30, 30 + COUNT)))
    shutil.copy(other.path, files.path)

    assert files.said == f"line {COUNT}: is not record {COUNT} as the head file remembers it"


def test_the_end_of_another_journal_does_not_pass_for_its_own(files: Files, tmp_path: Path) -> None:
    other = Files(tmp_path / "journal.jsonl")
    other.append(*(record(number) for number in range(30, 30 + COUNT)))
    files.lines = [*files.lines[:3], *other.lines[3:]]
    shutil.copy(other.head, files.head)

    assert files.said == "line 4: is not chained to record 3: it was put in, or a line before it was replaced"


@pytest.mark.parametrize(
    "text", ['{"seq":1,"prev":NaN}', '{"seq":true,"prev":""}', '{"seq":1e99,"prev":""}', "[3]", "[" * 9999]
)
def test_what_has_a_right_hash_and_is_no_record_is_no_record(files: Files, text: str) -> None:
    digest = hashlib.sha256(f"{text[:-1]}}}".encode()).hexdigest()
    files.lines = [*files.lines, f'{text[:-1]},"hash":"{digest}"}}\n'.encode()]

    assert files.records == RECORDS
    assert [damage.line for damage in files.damages] == [COUNT + 1]
    assert_told_for_ever(files)


def _link(line: bytes) -> Link:
    return decode(line.rstrip(b"\n")).link
