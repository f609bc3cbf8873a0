"""Known-good releases on disk: what was saved comes back, and nothing else is taken for it."""

import json
import os
import stat
from pathlib import Path

import pytest

from console.domain.release import Release, ReleasedModel
from console.storage import _files, releases
from console.storage.releases import FileReleases

RANKER = ReleasedModel(
    model="ranker",
    versions=("2", "3"),
    config='{"name":"ranker"}',
    config_digest="ab" * 32,
    digests={"3": {"model.plan": "cd" * 32, "odd\udcff": "link:../x"}},
    pbtxt='name: "ranker"\n# naïve',
)


def release(number: str, at: float = 1.0) -> Release:
    return Release(
        id=number,
        at=at,
        who="ana@bastion",
        note="before the sale",
        models=(RANKER, RANKER._replace(model="plain", digests={}, pbtxt=None)),
        images={"deployment/triton": {"image": "nvcr.io/triton@sha256:ef"}},
        routes={"backend/a": {"weights": [50, 50.5]}},
    )


@pytest.fixture
def kept(tmp_path: Path) -> FileReleases:
    return FileReleases(tmp_path / "releases")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "releases"


def test_releases_come_back_as_they_were_saved_oldest_first(kept: FileReleases, folder: Path) -> None:
    for number, at in (("b", 3.0), ("a", 2.0), ("c", 1.0)):
        kept.save(release(number, at))

    assert FileReleases(folder).all() == (release("c", 1.0), release("a", 2.0), release("b", 3.0))
    assert kept.problems() == ()


def test_no_release_yet(kept: FileReleases, folder: Path) -> None:
    assert (kept.all(), kept.problems()) == ((), ())
    assert not folder.exists()


def test_releases_are_their_owners_alone(kept: FileReleases, folder: Path) -> None:
    old = os.umask(0)
    try:
        kept.save(release("a"))
    finally:
        os.umask(old)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()] == [0o600]


def test_a_saved_release_replaces_a_symbolic_link_and_does_not_follow_it(
    kept: FileReleases, folder: Path, tmp_path: Path
) -> None:
    kept.save(release("a"))
    (path,) = folder.iterdir()
    victim = tmp_path / "victim"
    path.rename(victim)
    saved = victim.read_bytes()
    path.symlink_to(victim)

    assert kept.all() == ()
    assert "symbolic link" in kept.problems()[0]

    kept.save(release("a", 9.0))
    assert victim.read_bytes() == saved
    assert kept.all() == (release("a", 9.0),)


def test_a_save_that_fails_leaves_the_old_release_and_no_rubbish(
    kept: FileReleases, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.save(release("a"))

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(_files, "sync", refuse)
        with pytest.raises(OSError, match="the disk is full: free some space"):
            kept.save(release("a", 9.0))

    assert kept.all() == (release("a"),)
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize(
    ("hurt", "said"),
    [
        (lambda text: text.replace("sale", "tale"), "changed after it was saved"),
        (lambda text: text[: len(text) // 2], "holds no release"),
        (lambda _: "", "holds no release"),
        (lambda _: "[" * 100_000, "holds no release"),
        (lambda _: '{"format": 1}', "holds no release"),
        (lambda _: "\0\xff", "holds no release"),
        (lambda text: text.replace('"format":1', '"format":2'), "its format '2' is not known"),
    ],
)
def test_a_file_that_is_no_release_is_left_out_and_named(
    kept: FileReleases, folder: Path, hurt: object, said: str
) -> None:
    kept.save(release("a"))
    kept.save(release("b", 2.0))
    path = next(path for path in folder.iterdir() if path.name.startswith("a-"))
    path.write_text(hurt(path.read_text()))  # type: ignore[operator]

    assert kept.all() == (release("b", 2.0),)
    (message,) = kept.problems()
    assert message.startswith(str(path))
    assert said in message


@pytest.mark.parametrize("member", ["id", "models", "images"])
def test_a_release_of_another_shape_is_left_out(kept: FileReleases, folder: Path, member: str) -> None:
    kept.save(release("a"))
    (path,) = folder.iterdir()
    raw = json.loads(path.read_text())
    raw["release"][member] = 3
    raw["sha256"] = releases._digest(raw["release"])
    path.write_text(json.dumps(raw))

    assert kept.all() == ()
    assert kept.problems()[0].endswith("it holds no release")


def test_a_file_without_bounds_is_not_read(
    kept: FileReleases, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.save(release("a"))
    monkeypatch.setattr(releases, "SIZE_LIMIT", 100)

    assert kept.all() == ()
    assert "more than 100 bytes" in kept.problems()[0]


def test_a_release_is_kept_under_any_id(kept: FileReleases, folder: Path) -> None:
    for number in ("../escape", "a/b", "x" * 500, "", "."):
        kept.save(release(number))

    assert {each.id for each in kept.all()} == {"../escape", "a/b", "x" * 500, "", "."}
    assert len(list(folder.iterdir())) == 5
    assert list(folder.parent.iterdir()) == [folder]
