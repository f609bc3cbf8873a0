"""Where files of the repository may be put, and when they may not."""

from pathlib import Path

import pytest

from console.clock import SystemClock
from console.controls.model_files.control import ModelFiles, controls
from console.controls.model_files.text import serving_text
from console.domain.fleet import Fleet, Tls
from console.domain.plan import ChangedError, ControlError, Step
from console.transport.http import Http
from console.transport.kit import Kit

TEXT = 'name: "multi"\nbackend: "python"\nnew_in_a_later_triton { a: 1 }\n'


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "outside" / "repository"
    (folder / "multi" / "2").mkdir(parents=True)
    (folder / "multi" / "config.pbtxt").write_text(TEXT)
    return folder


def control_of(repository: Path, state: str = "") -> ModelFiles:
    (made,) = controls(Fleet(repository=str(repository), state=state), Kit(SystemClock(), Http({}, Tls())))
    assert isinstance(made, ModelFiles)
    return made


def step(repository: Path, model: str = "multi", sha: str = "") -> Step:
    change = {"model": model, "text": "new", "ready": {}}
    subject = str(repository / model / "config.pbtxt")
    return Step("model_files", subject, "t", "c", {"sha256": sha}, {}, "e", change)


def test_without_a_repository_there_is_no_such_control() -> None:
    assert controls(Fleet(), Kit(SystemClock(), Http({}, Tls()))) == []


async def test_a_file_is_moved_over_the_old_one_from_outside(repository: Path) -> None:
    control = control_of(repository)
    before = await control.read(step(repository))
    assert isinstance(before, dict)
    await control.apply(step(repository, sha=str(before["sha256"])))

    assert (repository / "multi" / "config.pbtxt").read_text() == "new"
    assert [path.name for path in repository.parent.iterdir()] == ["repository"]


async def test_a_file_that_changed_meanwhile_stays(repository: Path) -> None:
    with pytest.raises(ChangedError):
        await control_of(repository).apply(step(repository, sha="other"))

    assert (repository / "multi" / "config.pbtxt").read_text() == TEXT
    assert [path.name for path in repository.parent.iterdir()] == ["repository"]


async def test_a_link_is_not_replaced_by_a_file(repository: Path) -> None:
    file = repository / "multi" / "config.pbtxt"
    kept = file.rename(repository.parent / "kept.pbtxt")
    file.symlink_to(kept)
    with pytest.raises(ControlError, match="is a link or no file"):
        await control_of(repository).apply(step(repository))

    assert (file.is_symlink(), kept.read_text()) == (True, TEXT)


@pytest.mark.parametrize("model", ["../repository/multi", "..", "", "multi/2"])
async def test_a_name_does_not_lead_out_of_the_repository(repository: Path, model: str) -> None:
    with pytest.raises(ControlError, match="is no file of the repository"):
        await control_of(repository).read(step(repository, model))


def test_no_place_on_the_same_filesystem_is_said(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.controls.model_files.control._usable", lambda place, device: False)

    place = control_of(repository)._place("multi")

    assert place.staging is None
    assert "outside of the repository, on its filesystem" in place.trouble


def test_the_state_folder_serves_where_the_repositorys_parent_does_not(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "console.controls.model_files.control._usable", lambda place, device: place == tmp_path
    )

    assert control_of(repository, str(tmp_path))._place("multi").staging == tmp_path


def test_an_edit_changes_the_policy_alone_even_beside_fields_that_are_not_known() -> None:
    pinned = serving_text(TEXT, ["2"], ["2", "3"])

    assert pinned == TEXT + "version_policy { specific { versions: [ 2 ] } }\n"
    assert serving_text(TEXT, ["3"], ["2", "3"]) == TEXT
    assert serving_text(pinned, ["2"], ["2", "3"]) == pinned


def test_a_config_that_triton_could_not_read_is_not_edited() -> None:
    with pytest.raises(ValueError, match=r"config\.pbtxt cannot be read"):
        serving_text("name: {", ["2"], ["2"])


async def test_a_plan_made_for_another_repository_is_not_run_on_this_one(
    repository: Path, tmp_path: Path
) -> None:
    with pytest.raises(ControlError, match="is no file of the repository"):
        await control_of(repository).apply(step(tmp_path / "other"))

    assert (repository / "multi" / "config.pbtxt").read_text() == TEXT
