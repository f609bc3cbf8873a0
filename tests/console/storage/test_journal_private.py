"""The journal is private: modes, links, owners, secrets, names."""

import os
import stat
from pathlib import Path

import pytest

from console.domain.journal import JournalError, Record, RecordKind
from console.domain.secret import Secret
from console.storage.journal import FileJournal, journal_path
from tests.console.storage.told import Files, record


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(journal_path(tmp_path / "state", "prod"))


def test_folder_and_files_are_their_owners_alone(files: Files) -> None:
    old = os.umask(0)
    try:
        files.append(record(0))
    finally:
        os.umask(old)

    assert stat.S_IMODE(files.path.parent.stat().st_mode) == 0o700
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in files.path.parent.iterdir()} == {
        files.path.name: 0o600,
        files.head.name: 0o600,
    }


def test_a_journal_that_others_can_read_is_said_and_narrowed_before_the_next_record(files: Files) -> None:
    files.append(record(0))
    files.path.chmod(0o644)

    assert "its mode is 0644" in files.said
    assert f"chmod 600 {files.path}" in files.said

    files.append(record(1))
    assert stat.S_IMODE(files.path.stat().st_mode) == 0o600
    assert files.damages == []


def test_no_symbolic_link_is_followed(files: Files, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    files.path.parent.mkdir()
    files.path.symlink_to(victim)

    with pytest.raises(JournalError, match="symbolic link, which is not followed"):
        files.append(record(0))
    assert "symbolic link" in files.said

    files.path.unlink()
    files.head.symlink_to(victim)
    files.append(record(0))
    assert victim.read_text() == "precious"
    assert not files.head.is_symlink()


def test_a_link_that_leads_nowhere_makes_no_file_elsewhere(files: Files, tmp_path: Path) -> None:
    files.path.parent.mkdir()
    files.path.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(JournalError):
        files.append(record(0))
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_refused_and_holds_nobody_up(files: Files, make: object) -> None:
    files.path.parent.mkdir()
    make(files.path)  # type: ignore[operator]

    with pytest.raises(JournalError):
        files.append(record(0))
    assert "cannot be read" in files.said


def test_a_file_of_somebody_else_is_refused(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    files.append(record(0))
    monkeypatch.setattr(os, "geteuid", lambda: 12345)

    with pytest.raises(JournalError, match=r"belongs to user .* runs as 12345"):
        files.append(record(1))
    assert "belongs to user" in files.said


def test_a_folder_that_everybody_may_write_to_is_refused(files: Files) -> None:
    files.path.parent.mkdir()
    files.path.parent.chmod(0o777)

    with pytest.raises(JournalError, match="chmod o-w"):
        files.append(record(0))
    assert list(files.path.parent.iterdir()) == []


def test_secrets_are_taken_out_by_value_wherever_they_are(files: Files) -> None:
    secrets = [Secret("hunter22"), Secret('pa"ss/word'), Secret("Bearer eyJhbGciOi"), Secret("")]
    console = FileJournal(files.path, secrets)
    text = 'sent hunter22 as {"key": "pa\\"ss/word"} to /?k=pa%22ss%2Fword with eyJhbGciOi'
    body = {"message": text, "deep": [{"hunter22": ("x", "hunter22hunter22")}], "step": 0}
    console.append([Record(RecordKind.INTENT, "p", 1.0, "hunter22@host", body)])

    kept = files.path.read_text()
    for value in ("hunter22", 'pa"ss', "pa\\", "pa%22", "eyJ"):
        assert value not in kept
    assert files.records[0].body["deep"] == [{"•••": ["x", "••••••"]}]
    assert files.damages == []


def test_a_value_too_short_to_be_a_secret_does_not_blacken_versions(files: Files) -> None:
    FileJournal(files.path, [Secret("3")]).append([record(0, version="3")])

    assert files.records == [record(0, version="3")]


@pytest.mark.parametrize(
    "fleet", ["prod", "", "..", "a/b", "/etc/passwd", "ä b\n", "x" * 1000, "CON", "\ud800"]
)
def test_any_name_of_a_fleet_makes_one_file_in_the_state_folder(tmp_path: Path, fleet: str) -> None:
    path = journal_path(tmp_path, fleet)
    FileJournal(path).append([record(0)])

    assert path.parent == tmp_path
    assert sorted(tmp_path.iterdir()) == [path, path.with_name(f"{path.name}.head")]


def test_no_two_fleets_share_a_journal(tmp_path: Path) -> None:
    names = ["a/b", "a_b", "a b", "A_b", "x" * 500, "x" * 501, "", "_", ".", ".."]

    assert len({str(journal_path(tmp_path, name)).lower() for name in names}) == len(names)
