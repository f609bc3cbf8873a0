"""``doctor --repository``: each planted fault is found, by its id, and nothing is found where nothing is wrong."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from console.cli import main
from tests.parts.broken_repository import aged
from tests.parts.repository_faults import FAULTS, TAKEN, planted

Doctor = Callable[..., tuple[int, list[dict[str, str]]]]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: tmp_path / "config")
    monkeypatch.setattr("platformdirs.user_state_path", lambda *_, **__: tmp_path / "state")


@pytest.fixture
def doctor(capsys: pytest.CaptureFixture[str]) -> Doctor:
    def run(repository: Path, *arguments: str) -> tuple[int, list[dict[str, str]]]:
        code = main(["doctor", "--repository", str(repository), *arguments, "--json"])
        return code, json.loads(capsys.readouterr().out)["checks"]

    return run


def troubles(checks: list[dict[str, str]]) -> set[tuple[str, str, str]]:
    """Whatever is not well: id, severity, and the model or name that it is about."""
    return {
        (check["id"], check["status"], check["subject"].split("/")[0])
        for check in checks
        if check["status"] != "ok"
    }


def test_a_healthy_repository_has_no_finding(doctor: Doctor, tmp_path: Path) -> None:
    code, checks = doctor(planted(tmp_path / "models"))

    assert troubles(checks) == set()
    assert code == 0
    served = {check["subject"]: check["message"] for check in checks if check["id"] == "repo.versions"}
    assert served["multi"] == "would serve 3 (there are 1 2 3; its policy is latest 1)"
    assert served["multiall"] == "would serve 1 2 3 (there are 1 2 3; its policy is all)"


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found_and_nothing_else(doctor: Doctor, tmp_path: Path, name: str) -> None:
    fault = FAULTS[name]

    code, checks = doctor(planted(tmp_path / "models", name))

    assert troubles(checks) == {(fault.id, fault.severity, fault.subject or name)}
    assert all(check["hint"] for check in checks if check["status"] != "ok")
    assert code == 1


@pytest.mark.parametrize("name", TAKEN)
def test_what_only_looks_odd_is_no_finding(doctor: Doctor, tmp_path: Path, name: str) -> None:
    planted(tmp_path / "models")
    TAKEN[name](tmp_path / "models" / name)
    aged(tmp_path / "models")

    code, checks = doctor(tmp_path / "models")

    assert troubles(checks) == set()
    assert code == 0


def test_a_broken_model_is_not_said_to_serve(doctor: Doctor, tmp_path: Path) -> None:
    _, checks = doctor(planted(tmp_path / "models", "batch_negative"))
    assert "batch_negative" not in {check["subject"] for check in checks if check["status"] == "ok"}


def test_a_clock_that_goes_a_little_ahead_is_no_finding(doctor: Doctor, tmp_path: Path) -> None:
    folder = planted(tmp_path / "models")
    aged(folder, -30)
    assert troubles(doctor(folder, "--fresh", "0")[1]) == set()


def test_all_faults_together_are_each_found(doctor: Doctor, tmp_path: Path) -> None:
    code, checks = doctor(planted(tmp_path / "models", *FAULTS))

    assert troubles(checks) == {
        (each.id, each.severity, each.subject or name) for name, each in FAULTS.items()
    }
    assert code == 1
