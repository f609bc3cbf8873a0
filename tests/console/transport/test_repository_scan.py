"""Looking at a repository: bounded, nothing outside of it read, and whatever cannot be read is said."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.domain.repository import Kind, Live, Severity
from console.domain.repository_check import check
from console.transport import repository_scan
from console.transport.repository_scan import scan
from tests.parts import models
from tests.parts.broken_repository import aged
from tests.snapshots import HOSTILE_NAMES

NOBODY = 65534


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = models.write(tmp_path / "models", "fast", "multi", "ens")
    aged(folder)
    return folder


@pytest.fixture
def public() -> Iterator[Path]:
    """A repository that other users can reach, as the folders of these tests cannot be."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    models.write(folder / "models", "fast", "multi")
    aged(folder / "models")
    yield folder / "models"
    shutil.rmtree(folder)


def as_somebody(look: Callable[[], object]) -> None:
    """Run it as a user that permissions are for; root reads everything."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        look()
    finally:
        if root:
            os.seteuid(0)


def troubles(folder: Path, *only: str) -> dict[str, tuple[str, str]]:
    found = check(scan(folder, only), 0.0, Live())
    return {each.subject: (each.id, each.message) for each in found if each.severity is not Severity.OK}


@pytest.mark.parametrize("path", ["fast", "fast/1", "fast/1/model.py", "fast/config.pbtxt"])
def test_what_this_user_cannot_read_is_said_once(public: Path, path: str) -> None:
    mode = (public / path).stat().st_mode
    (public / path).chmod(0)
    found: dict[str, tuple[str, str]] = {}
    as_somebody(lambda: found.update(troubles(public)))
    (public / path).chmod(mode)

    assert found.pop(path)[0] == "repo.permissions"
    assert found == {}


def test_a_repository_of_one_user_alone_is_no_finding(public: Path) -> None:
    for place in (public, *public.rglob("*")):
        place.chmod(0o700 if place.is_dir() else 0o600)
    assert troubles(public) == {}


def test_the_models_that_an_ensemble_calls_are_known_and_not_told_of(repository: Path) -> None:
    (repository / "fast" / "1" / "model.py~").write_text("x")

    found = scan(repository, ["ens"])

    assert [model.name for model in found.models] == ["ens", "fast", "multi"]
    assert troubles(repository, "ens") == {}
    assert troubles(repository, "ens", "no_such")["no_such"][0] == "repo.root"
    assert troubles(repository, "no_such")[str(repository)][0] == "repo.root"


def test_nothing_outside_is_read(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("max_batch_size: hunter2")
    (repository / "fast" / "config.pbtxt").unlink()
    (repository / "fast" / "config.pbtxt").symlink_to(tmp_path / "secret")

    found = [each for each in check(scan(repository), 0.0, Live()) if each.severity is not Severity.OK]

    assert [(each.id, each.subject) for each in found] == [("repo.link_outside", "fast/config.pbtxt")]


def test_a_version_behind_a_link_is_looked_into(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (repository / "fast" / "1").rename(tmp_path / "store" / "1")
    (repository / "fast" / "1").symlink_to(tmp_path / "store" / "1")

    (model,) = scan(repository, ["fast"]).asked

    assert model.entries["1/model.py"].kind is Kind.FILE
    assert set(troubles(repository)) == {"fast/1"}


def test_links_behind_a_link_that_leads_out_are_told_of_with_it(repository: Path, tmp_path: Path) -> None:
    store = tmp_path / "store" / "deep"
    store.mkdir(parents=True)
    (tmp_path / "other").write_text("x")
    (store / "other").symlink_to(tmp_path / "other")
    (repository / "fast" / "1" / "store").symlink_to(store.parent)

    found = [each for each in check(scan(repository), 0.0, Live()) if each.severity is not Severity.OK]

    assert [(each.id, each.subject) for each in found] == [("repo.link_outside", "fast/1/store")]

    (repository / "fast").rename(tmp_path / "fast")
    (repository / "fast").symlink_to(tmp_path / "fast")
    assert [*troubles(repository)] == ["fast"]


def test_a_circle_of_links_and_a_pipe_hold_nothing_up(repository: Path) -> None:
    (repository / "fast" / "1" / "again").symlink_to(repository / "fast")
    (repository / "fast" / "loop").symlink_to(repository / "fast" / "loop")
    os.mkfifo(repository / "fast" / "1" / "pipe")
    (repository / "multi" / "config.pbtxt").unlink()
    os.mkfifo(repository / "multi" / "config.pbtxt")

    found = troubles(repository, "fast", "multi")

    assert scan(repository).cut == ()
    assert found["fast/loop"][0] == "repo.link_dangling"
    assert found["fast/1/pipe"][0] == "repo.stray"
    assert found["multi/config.pbtxt"][0] == "repo.config_parse"


def test_too_much_is_cut_and_said(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repository_scan, "NAMES_LIMIT", 4)
    found = scan(repository)
    assert sum(len(model.entries) for model in found.models) <= 4
    assert found.cut
    said = [each for each in check(found, 0.0, Live()) if each.id == "repo.bounds"]
    assert said
    assert all(each.severity is Severity.WARN for each in said)


def test_a_look_ends_when_its_time_is_over(repository: Path) -> None:
    hours = iter(range(0, 10**9, 3600))

    found = scan(repository, clock=lambda: float(next(hours)))

    assert found.models == ()
    assert found.cut


def test_what_lies_too_deep_is_said(repository: Path) -> None:
    deep = repository.joinpath("fast", "1", *"abcdefghijkl")
    deep.mkdir(parents=True)
    (deep / "file").write_text("x")

    found = scan(repository)

    assert "below" in found.cut[0]


def test_a_config_above_its_limit_is_not_read(repository: Path) -> None:
    (repository / "fast" / "config.pbtxt").write_text("# " + "x" * 2**20)
    assert "has more than" in troubles(repository)["fast/config.pbtxt"][1]


@pytest.mark.parametrize("path", ["nowhere", "file"])
def test_what_is_no_repository_is_said(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").write_text("x")
    assert [each[0] for each in troubles(tmp_path / path).values()] == ["repo.root"]


def test_an_empty_repository_is_said(tmp_path: Path) -> None:
    assert troubles(tmp_path)[str(tmp_path)][1].startswith("there is no model's directory")


@pytest.mark.parametrize("name", [name[:200] for name in HOSTILE_NAMES if name])
def test_names_are_shown_and_do_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "models" / name / name).mkdir(parents=True)
    (tmp_path / "models" / name / "1" / name).mkdir(parents=True)
    (tmp_path / "models" / name / "config.pbtxt").write_text('backend: "python"\n')
    (tmp_path / "models" / name / "gone").symlink_to(name)
    for finding in check(scan(tmp_path / "models"), 600.0, Live()):
        assert all(char.isprintable() for text in finding for char in text)
        assert max(map(len, finding)) <= 400


def test_names_that_are_no_text_are_looked_at_too(repository: Path) -> None:
    (repository / os.fsdecode(b"\xff\xfe")).mkdir()
    assert "repo.config_missing" in {found[0] for found in troubles(repository).values()}


def test_a_thousand_faults_of_one_kind_are_told_of_some_times(repository: Path) -> None:
    for number in range(300):
        (repository / "fast" / f"{number}.swp~").write_text("x")
    found = [each for each in check(scan(repository), 0.0, Live()) if each.id == "repo.stray"]
    assert len(found) == 51
    assert found[-1].message == "250 more like these"
