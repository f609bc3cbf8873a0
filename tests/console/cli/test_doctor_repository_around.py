"""What ``doctor --repository`` takes from elsewhere: targets, releases, and what the servers say meanwhile."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from console import settings, wiring
from console.cli import main
from console.domain.marker import Marker, MarkerKind
from console.domain.release import Release, ReleasedModel
from console.domain.snapshot import Snapshot
from console.domain.triton import State
from console.transport.digests import digest_folder, read_pbtxt
from tests.parts import models
from tests.parts.broken_repository import aged
from tests.snapshots import down_target, gpu_row, model_row, snapshot

Checks = list[dict[str, str]]
Doctor = Callable[..., tuple[int, Checks]]
_NAME = "fast"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: tmp_path / "config")
    monkeypatch.setattr("platformdirs.user_state_path", lambda *_, **__: tmp_path / "state")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = models.write(tmp_path / "models", _NAME, "multi")
    aged(folder)
    return folder


@pytest.fixture
def doctor(repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Doctor:
    def run(*arguments: str, picture: Snapshot | None = None) -> tuple[int, Checks]:
        def observe(*_: object) -> Snapshot:
            assert picture is not None, "no server is asked"
            return picture

        monkeypatch.setattr("console.cli.doctor.observe", observe)
        code = main(["doctor", "--repository", str(repository), *arguments, "--json"])
        return code, json.loads(capsys.readouterr().out)["checks"]

    return run


def found(checks: Checks, number: str) -> dict[str, tuple[str, str]]:
    """Status and message by subject of one check."""
    return {
        check["subject"]: (check["status"], check["message"]) for check in checks if check["id"] == number
    }


def remember(repository: Path, number: str = "r-1", at: float = 1.0, version: str = "3") -> None:
    """Keep what lies there as a known-good release."""
    fleet = settings.load(settings.Options())
    digests = {version: digest_folder(repository / "multi" / version, lambda _: None)}
    model = ReleasedModel("multi", (version,), "{}", "", digests, read_pbtxt(repository, "multi"))
    wiring.releases(fleet).save(Release(number, at, "ana", "", (model,)))


def test_without_a_target_no_server_is_asked(doctor: Doctor) -> None:
    code, checks = doctor()
    assert code == 0
    assert {check["id"] for check in checks} == {"settings", "repo.scan", "repo.versions", "repo.release"}


def test_a_named_target_is_checked_beside_it(doctor: Doctor) -> None:
    code, checks = doctor("a", picture=snapshot([], [down_target("a")]))
    assert code == 2
    assert found(checks, "repo.scan")
    assert found(checks, "state")


def test_a_configured_target_is_checked_beside_it(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "triton-console.toml").write_text('[fleets.prod]\ntargets = ["http://a:8000"]\n')
    code, checks = doctor(picture=snapshot([], [down_target("a")]))
    assert code == 2
    assert found(checks, "target.connection")


def test_bad_settings_leave_the_repository_to_be_checked(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / "triton-console.toml").write_text("[fleets.prod]\ntargts = []\n")
    code, checks = doctor()
    assert code == 1
    assert found(checks, "settings")[""][0] == "fail"
    assert found(checks, "repo.scan")


def test_files_that_no_release_remembers_are_no_trouble(doctor: Doctor) -> None:
    said = "2 models are in no known-good release: there is nothing to compare the files with"
    assert found(doctor()[1], "repo.release") == {"": ("ok", said)}


def test_the_same_files_are_said_to_be_those_of_the_release(doctor: Doctor, repository: Path) -> None:
    remember(repository)
    code, checks = doctor("--model", "multi")
    assert code == 0
    assert found(checks, "repo.release") == {
        "multi/3": ("ok", "its file is the one of the known-good release r-1")
    }


def test_files_that_differ_are_named(doctor: Doctor, repository: Path) -> None:
    (repository / "multi" / "3" / "labels.txt").write_text("a")
    (repository / "multi" / "3" / "vocabulary.txt").write_text("a")
    remember(repository)
    (repository / "multi" / "3" / "model.py").write_text("class TritonPythonModel: ...\n")
    (repository / "multi" / "3" / "labels.txt").unlink()
    (repository / "multi" / "3" / "weights.bin").write_bytes(b"x")
    aged(repository)

    code, checks = doctor()

    assert code == 1
    status, said = found(checks, "repo.release")["multi/3"]
    assert status == "fail"
    assert (
        said
        == "differs from the known-good release r-1: model.py changed; labels.txt missing; weights.bin new"
    )


def test_a_config_that_differs_is_named(doctor: Doctor, repository: Path) -> None:
    remember(repository)
    config = repository / "multi" / "config.pbtxt"
    config.write_text(config.read_text() + "# another\n")
    aged(repository)
    assert found(doctor()[1], "repo.release")["multi/config.pbtxt"][0] == "warn"


def test_the_newest_release_counts_and_a_new_version_is_not_remembered(
    doctor: Doctor, repository: Path
) -> None:
    remember(repository, "old", 1.0, "3")
    remember(repository, "new", 2.0, "2")
    said = found(doctor("--model", "multi")[1], "repo.release")
    assert said == {"multi": ("ok", "version 3 is not remembered: release new has no digests of it")}


def test_comparing_that_takes_too_long_is_given_up(
    doctor: Doctor, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(repository)
    monkeypatch.setattr("console.cli._check_repository.COMPARE_S", -1.0)
    status, said = found(doctor()[1], "repo.release")["multi/3"]
    assert status == "warn"
    assert "took longer than" in said


def test_files_written_while_the_model_loads_may_be_half_read(doctor: Doctor, repository: Path) -> None:
    aged(repository, 30)
    loading = snapshot([model_row(_NAME, "1", state=State.LOADING)])
    code, checks = doctor("a", picture=loading)
    assert code == 1
    fresh = found(checks, "repo.fresh")
    assert fresh[_NAME][0] == "fail"
    assert "triton-0 loads the model now" in fresh[_NAME][1]
    assert fresh["multi"][0] == "warn"


@pytest.mark.parametrize(("loaded_ago", "count"), [(60.0, 1), (10.0, 0)])
def test_files_newer_than_the_last_load_are_not_what_serves(
    doctor: Doctor, repository: Path, loaded_ago: float, count: int
) -> None:
    aged(repository, 30)
    written = (repository / _NAME / "config.pbtxt").stat().st_mtime
    load = Marker(written + 30 - loaded_ago, MarkerKind.LOAD, f"{_NAME}/1", "loaded", _NAME, "1")
    _, checks = doctor("a", picture=snapshot(markers=(load,)))
    fresh = [said for subject, (_, said) in found(checks, "repo.fresh").items() if subject == _NAME]
    assert len(fresh) == count
    assert all("what serves is not what lies here" in said for said in fresh)


@pytest.mark.parametrize(("minutes", "count"), [("0", 0), ("1", 2), ("0.01", 0)])
def test_how_fresh_is_fresh_is_told(doctor: Doctor, repository: Path, minutes: str, count: int) -> None:
    aged(repository, 30)
    assert len(found(doctor("--fresh", minutes)[1], "repo.fresh")) == count


@pytest.mark.parametrize(("gpu", "status"), [("0", None), ("3", "fail")])
def test_a_gpu_that_the_servers_do_not_have_is_named(
    doctor: Doctor, repository: Path, gpu: str, status: str | None
) -> None:
    config = repository / _NAME / "config.pbtxt"
    config.write_text(config.read_text().replace("KIND_CPU", f"KIND_GPU gpus: [ {gpu} ]"))
    aged(repository)
    _, checks = doctor("a", picture=snapshot(gpus=(gpu_row(),)))
    assert found(checks, "repo.gpu").get(_NAME, (None,))[0] == status


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--model", "fast"], "add --repository PATH"),
        (["--fresh", "3"], "add --repository PATH"),
        (["--repository", ""], "names no directory"),
        (["--repository", ".", "--fresh", "soon"], "a number of minutes"),
        (["--repository", ".", "--fresh", "-1"], "minutes"),
        (["--repository", ".", "--fresh", "nan"], "a number of minutes"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", *arguments]) == 64
    assert said in capsys.readouterr().err


def test_a_doctor_without_a_repository_does_not_pay_for_protobuf() -> None:
    asks = (
        "import sys, console.cli.doctor; sys.exit('google.protobuf' in sys.modules or 'grpc' in sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-c", asks], check=False, cwd=Path(__file__).parents[3]).returncode
        == 0
    )
