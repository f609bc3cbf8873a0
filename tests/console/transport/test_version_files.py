"""Single files of a version."""

import hashlib
from pathlib import Path

import pytest

from console.transport.version_files import found_files, kept_versions


def _write(repository: Path, name: str, data: bytes = b"x") -> Path:
    path = repository / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_versions_are_the_numbered_folders(tmp_path: Path) -> None:
    for name in ("ranker/1/model.onnx", "ranker/22/model.onnx", "ranker/old/model.onnx", "ranker/3"):
        _write(tmp_path, name)
    assert kept_versions(tmp_path, "ranker") == 2
    assert kept_versions(tmp_path, "gone") is None
    assert kept_versions(tmp_path, "..") is None


def test_a_digest_is_made_only_where_one_is_wanted(tmp_path: Path) -> None:
    _write(tmp_path, "ranker/1/model.onnx", b"engine")
    _write(tmp_path, "ranker/1/labels.txt", b"cat")
    read: list[int] = []

    found = found_files(
        tmp_path, "ranker", "1", {"model.onnx": "y", "labels.txt": "", "gone": "z"}, read.append
    )

    assert found == {"model.onnx": hashlib.sha256(b"engine").hexdigest(), "labels.txt": ""}
    assert read == [6]


def test_a_link_is_followed_within_the_repository_alone(tmp_path: Path) -> None:
    repository = tmp_path / "models"
    _write(repository, "store/a", b"engine")
    outside = _write(tmp_path, "secret", b"key")
    (repository / "ranker" / "1").mkdir(parents=True)
    (repository / "ranker" / "1" / "in").symlink_to(repository / "store" / "a")
    (repository / "ranker" / "1" / "out").symlink_to(outside)

    found = found_files(repository, "ranker", "1", {"in": "x", "out": "x"}, lambda _: None)

    assert found == {"in": hashlib.sha256(b"engine").hexdigest()}


def test_a_version_that_is_not_there_raises_and_so_does_who_has_no_time(tmp_path: Path) -> None:
    _write(tmp_path, "ranker/1/model.onnx")
    with pytest.raises(OSError, match="9"):
        found_files(tmp_path, "ranker", "9", {}, lambda _: None)

    def late(_: int) -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        found_files(tmp_path, "ranker", "1", {"model.onnx": "x"}, late)
