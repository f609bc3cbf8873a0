"""Digests of version folders: complete, bounded, and never of anything outside of the repository."""

import hashlib
import os
from pathlib import Path

import pytest

from console.transport import digests
from console.transport.digests import digest_folder, read_pbtxt, total_bytes, version_folder

ENGINE = bytes(range(256)) * 10_000


@pytest.fixture
def version(tmp_path: Path) -> Path:
    """A version with code, an engine, a nested tokenizer and what Python left there."""
    folder = tmp_path / "models" / "ranker" / "3"
    (folder / "tokenizer" / "bpe").mkdir(parents=True)
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "model.cpython-311.pyc").write_bytes(b"different after each load")
    (folder / "model.plan").write_bytes(ENGINE)
    (folder / "model.py").write_text("code")
    (folder / "tokenizer" / "bpe" / "merges.txt").write_text("a b")
    return folder


def ignored(_: int) -> None:
    """A report that nobody reads."""


def test_each_file_by_its_path_within_the_version(version: Path) -> None:
    assert digest_folder(version, ignored) == {
        "model.plan": hashlib.sha256(ENGINE).hexdigest(),
        "model.py": hashlib.sha256(b"code").hexdigest(),
        "tokenizer/bpe/merges.txt": hashlib.sha256(b"a b").hexdigest(),
    }


def test_the_report_counts_up_to_the_bytes_that_were_announced(version: Path) -> None:
    told: list[int] = []
    digest_folder(version, told.append)

    assert told == sorted(told)
    assert told[-1] == total_bytes(version) == len(ENGINE) + len("code") + len("a b")
    assert len(told) > 4, "a large file is reported on the way, not only at its end"


def test_a_link_is_known_by_its_text_and_not_followed(version: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("password")
    (version / "weights").symlink_to("../../../secret")
    (version / "assets").symlink_to(tmp_path)

    found = digest_folder(version, ignored)

    assert found["weights"] == "link:../../../secret"
    assert found["assets"] == f"link:{tmp_path}"
    assert len(found) == 5
    assert total_bytes(version) == len(ENGINE) + 7


def test_a_version_that_is_a_link_within_the_repository_is_read(version: Path) -> None:
    (version.parent / "4").symlink_to("3")

    assert digest_folder(version.parent / "4", ignored) == digest_folder(version, ignored)


@pytest.mark.parametrize("part", ["version", "model"])
def test_a_version_outside_of_the_repository_is_not_read(version: Path, tmp_path: Path, part: str) -> None:
    outside = tmp_path / "outside"
    (outside / "3").mkdir(parents=True)
    (outside / "3" / "model.py").write_text("other code")
    if part == "version":
        path = version.parent / "9"
        path.symlink_to(outside / "3")
    else:
        path = version.parents[1] / "other" / "3"
        path.parent.symlink_to(outside)

    with pytest.raises(OSError, match="out of the repository") as caught:
        digest_folder(path, ignored)
    assert caught.value.filename == str(path)


def test_a_file_that_grows_while_it_is_read_is_named(version: Path) -> None:
    engine = version / "model.plan"

    def meddle(_: int) -> None:
        with engine.open("ab") as file:
            file.write(b"more")

    with pytest.raises(OSError, match="changed while it was read") as caught:
        digest_folder(version, meddle)
    assert caught.value.filename == str(engine)


def test_a_file_that_is_overwritten_in_place_while_it_is_read_is_named(version: Path) -> None:
    engine = version / "model.plan"
    os.utime(engine, (1, 1))

    def meddle(_: int) -> None:
        with engine.open("r+b") as file:
            file.seek(-1, os.SEEK_END)
            file.write(b"!")

    with pytest.raises(OSError, match="changed while it was read"):
        digest_folder(version, meddle)


def test_a_pipe_holds_nobody_up(version: Path) -> None:
    os.mkfifo(version / "pipe")

    with pytest.raises(OSError, match="not a regular file") as caught:
        digest_folder(version, ignored)
    assert caught.value.filename == str(version / "pipe")


def test_a_folder_without_bounds_is_refused(version: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "FILES_LIMIT", 10)
    for number in range(10):
        (version / f"shard-{number}").touch()

    with pytest.raises(OSError, match="more than 10 files"):
        digest_folder(version, ignored)


def test_a_version_that_is_not_there(version: Path) -> None:
    with pytest.raises(FileNotFoundError):
        digest_folder(version.parent / "7", ignored)


def test_the_text_of_config_pbtxt(version: Path) -> None:
    (version.parent / "config.pbtxt").write_text('name: "ranker"  # naïve')

    assert read_pbtxt(version.parents[1], "ranker") == 'name: "ranker"  # naïve'
    assert read_pbtxt(version.parents[1], "absent") is None


def test_config_pbtxt_may_be_a_link_as_mounted_config_maps_are(version: Path) -> None:
    model = version.parent
    (model / "..2024").mkdir()
    (model / "..2024" / "config.pbtxt").write_text("mounted")
    (model / "..data").symlink_to("..2024")
    (model / "config.pbtxt").symlink_to("..data/config.pbtxt")

    assert read_pbtxt(version.parents[1], "ranker") == "mounted"


def test_config_pbtxt_is_never_read_from_outside_of_the_repository(version: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("password")
    (version.parent / "config.pbtxt").symlink_to(tmp_path / "secret")
    (tmp_path / "config.pbtxt").write_text("password")

    assert read_pbtxt(version.parents[1], "ranker") is None
    assert read_pbtxt(version.parents[1], "..") is None
    assert read_pbtxt(version.parents[1], str(tmp_path)) is None


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"x" * (digests.PBTXT_LIMIT + 1)])
def test_what_is_no_config_is_none(version: Path, content: bytes) -> None:
    (version.parent / "config.pbtxt").write_bytes(content)

    assert read_pbtxt(version.parents[1], "ranker") is None


@pytest.mark.parametrize("name", ["..", ".", "", "a/b", "/etc", "a\0b"])
def test_a_name_from_a_server_does_not_lead_out_of_the_repository(tmp_path: Path, name: str) -> None:
    assert version_folder(tmp_path, name, "1") is None
    assert version_folder(tmp_path, "ranker", "1") == tmp_path / "ranker" / "1"
