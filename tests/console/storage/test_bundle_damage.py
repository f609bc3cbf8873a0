"""Bundles that were hurt: what is wrong is said member by member, and the rest is read."""

import json
import os
import random
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.domain.recording import RecordingError
from console.storage.bundle import Given, read_bundle, read_manifest, write_bundle
from tests.console.storage.told import open_files
from tests.parts import incident as known
from tests.parts.incident import AT, CLOSED


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bundle") / "1114-abc.tcinc"
    given = Given("prod", known.recording(), known.journal(), (known.release("rel1", AT - 9000, "multi"),))
    write_bundle(path, CLOSED, given, now=AT + 1000)
    return path


@pytest.fixture
def path(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(whole, tmp_path / whole.name))


@pytest.fixture(autouse=True)
def nothing_stays_open() -> Iterator[None]:
    before = open_files()
    yield
    assert open_files() == before


def rewrite(path: Path, name: str, content: bytes | None, packed: int = zipfile.ZIP_STORED) -> None:
    """Another content for a member, or none at all; the zip itself is in order."""
    with zipfile.ZipFile(path) as archive:
        kept = {each: archive.read(each) for each in archive.namelist()}
    kept.pop(name)
    with zipfile.ZipFile(path, "w") as archive:
        for each, data in kept.items():
            archive.writestr(each, data)
        if content is not None:
            archive.writestr(name, content, packed)


def test_a_whole_one_has_nothing_to_say(path: Path) -> None:
    bundle = read_bundle(path)

    assert bundle.problems == ()
    assert bundle.manifest.incident == CLOSED
    assert len(bundle.records) == 3
    assert [release.id for release in bundle.releases] == ["rel1"]


@pytest.mark.parametrize("name", ["window.tcrec", "journal.jsonl", "release.json", "timeline.json"])
def test_a_member_that_is_missing_or_was_changed_is_named(path: Path, name: str) -> None:
    rewrite(path, name, None)
    assert read_bundle(path).problems == (f"{name}: it is missing",)

    shutil.copy(path, path.with_name("again"))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, b"[]")
    (problem,) = read_bundle(path).problems[:1]
    assert problem.startswith(f"{name}: it has 2 bytes, and was written with")


def test_a_member_of_the_same_size_that_was_changed_is_named(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        lines = archive.read("journal.jsonl")
    rewrite(path, "journal.jsonl", lines.replace(b"ana@bastion", b"eve@bastion"))

    bundle = read_bundle(path)

    assert bundle.problems == ("journal.jsonl: it was changed after it was written",)
    assert len(bundle.records) == 3


def test_a_packed_member_is_refused_however_large_it_would_become(path: Path) -> None:
    rewrite(path, "journal.jsonl", b"0" * 50_000_000, zipfile.ZIP_DEFLATED)

    bundle = read_bundle(path)

    assert bundle.problems == ("journal.jsonl: it is packed, which the console never does",)
    assert bundle.records == ()


def test_lines_that_are_no_records_hide_none_of_the_others(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        lines = archive.read("journal.jsonl").splitlines(keepends=True)
    odd = b'{"at":1,"body":{"result":"splendid"},"kind":"end","plan":"x","who":""}\n'
    rewrite(path, "journal.jsonl", b"".join([b"{\n", b"[]\n", odd, *lines]))

    bundle = read_bundle(path)

    assert len(bundle.records) == 3
    assert "journal.jsonl: line 1 is no record" in bundle.problems
    assert any(said.startswith("journal.jsonl: line 3 is not understood") for said in bundle.problems)


def test_a_newer_format_says_so(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    rewrite(path, "manifest.json", json.dumps({**manifest, "format": 2}).encode())

    with pytest.raises(RecordingError, match="a bundle of format '2', and this console reads 1"):
        read_bundle(path)


@pytest.mark.parametrize("manifest", [None, b"", b"{", b"[]", b'{"format":1}', b"[" * 100_000, b"\xff"])
def test_without_a_manifest_it_is_no_bundle(path: Path, manifest: bytes | None) -> None:
    rewrite(path, "manifest.json", manifest)

    for read in (read_bundle, read_manifest):
        with pytest.raises(RecordingError, match="no manifest"):
            read(path)


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04" + b"\0" * 100])
def test_what_is_no_zip_is_no_bundle(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    with pytest.raises(RecordingError, match="is no incident bundle") as caught:
        read_bundle(path)

    assert "report --list" in caught.value.hint


def test_a_file_that_is_not_there_and_a_fifo_are_one_line(path: Path) -> None:
    path.unlink()
    with pytest.raises(RecordingError, match="cannot be read: No such file"):
        read_bundle(path)

    os.mkfifo(path)
    with pytest.raises(RecordingError):
        read_bundle(path)


def test_whatever_byte_is_flipped_it_is_read_or_refused_and_a_change_is_told(whole: Path, path: Path) -> None:
    data, chance = whole.read_bytes(), random.Random(7)
    untold = 0
    for position in chance.sample(range(len(data)), 400):
        path.write_bytes(
            data[:position] + bytes([data[position] ^ 1 << chance.randrange(8)]) + data[position + 1 :]
        )
        try:
            untold += not read_bundle(path).problems
        except RecordingError:
            continue
    # Of the zip's own book-keeping (dates, rights) a few bytes do not matter.
    assert untold < 20


def test_one_that_was_cut_off_anywhere_is_refused_in_words(whole: Path, path: Path) -> None:
    data, chance = whole.read_bytes(), random.Random(7)
    for size in chance.sample(range(len(data)), 100):
        path.write_bytes(data[:size])
        with pytest.raises(RecordingError):
            read_bundle(path)
