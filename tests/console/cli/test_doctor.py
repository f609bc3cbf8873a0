import json
from pathlib import Path

import pytest

from console.cli import main
from console.domain.basis import Missing
from console.domain.failure import Failure, FailureKind
from console.domain.fleet import GpuFeeds
from console.domain.rows import Warn
from console.domain.triton import ControlMode
from tests.snapshots import HOSTILE_NAMES, down_target, fleet, gpu_row, model_row, snapshot, target_row


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: tmp_path / "config")
    monkeypatch.setattr("platformdirs.user_state_path", lambda *_, **__: tmp_path / "state")


@pytest.fixture
def doctor(monkeypatch, capsys):
    """Runs doctor on a picture; gives its exit code and its checks by id."""

    def run(picture, *argv):
        monkeypatch.setattr("console.cli.doctor.observe", lambda *_: picture)
        code = main(["doctor", *(argv or ("a",)), "--json"])
        checks = json.loads(capsys.readouterr().out)["checks"]
        assert all({"id", "status", "message", "hint"} <= set(check) for check in checks)
        return code, {check["id"]: check for check in checks}

    return run


def failure(kind: FailureKind, part: str, message: str = "what", hint: str = "do this") -> Failure:
    return Failure(kind, part, message, hint)


def test_all_well_is_0(doctor):
    code, checks = doctor(snapshot())
    assert code == 0
    assert {check["status"] for check in checks.values()} == {"ok"}
    wanted = {"settings", "latency.percentiles", "gpu.dcgm", "gpu.nvml", "python", "packages", "state"}
    wanted |= {f"target.{n}" for n in ("name", "connection", "live", "ready", "permissions", "metrics")}
    wanted |= {"target.control_mode", "terminal.type", "terminal.encoding"}
    wanted |= {"prometheus", "alertmanager", "gateway", "gateway.metrics", "kubernetes"}
    wanted |= {"discovery.kubernetes", "discovery.prometheus"}
    wanted |= {"deploy_lock", "contracts", "runbooks", "journal", "flight_recorder", "incidents"}
    assert wanted == set(checks)


@pytest.mark.parametrize(
    ("kind", "fails", "absent"),
    [
        (FailureKind.UNRESOLVED, "target.name", "target.connection"),
        (FailureKind.REFUSED, "target.connection", "target.live"),
        (FailureKind.TIMEOUT, "target.connection", "target.live"),
        (FailureKind.TLS, "target.connection", "target.live"),
        (FailureKind.REDIRECT, "target.live", "target.ready"),
        (FailureKind.GARBAGE, "target.live", "target.permissions"),
    ],
)
def test_nothing_reachable_is_2_and_the_first_thing_that_fails_is_named(doctor, kind, fails, absent):
    code, checks = doctor(snapshot([], [down_target(failures=(failure(kind, "live"),))]))
    assert code == 2
    assert (checks[fails]["status"], checks[fails]["message"], checks[fails]["hint"]) == (
        "fail",
        "what",
        "do this",
    )
    assert checks[fails]["subject"] == "triton-9"
    assert absent not in checks


def test_a_missing_credential_is_not_a_server_that_is_down(doctor):
    said = "credential missing (expecting header 'admin-key')"
    refused = tuple(failure(FailureKind.FORBIDDEN, p, f"{p}: {said}") for p in ("index", "statistics"))
    target = target_row(failures=refused, mode=ControlMode.UNKNOWN, mode_note="mode: credential missing")
    code, checks = doctor(snapshot([], [target]))
    assert code == 1
    assert checks["target.live"]["status"] == "ok"
    assert checks["target.permissions"]["status"] == "fail"
    assert checks["target.permissions"]["message"] == f"index, statistics: {said}"
    assert checks["target.control_mode"]["status"] == "warn"


def test_metrics_percentiles_and_readiness_have_checks_of_their_own(doctor):
    target = target_row(
        ready=False,
        failures=(failure(FailureKind.REFUSED, "metrics", "metrics: connection refused"),),
        warnings=(Warn("not-ready-for-good", "not ready since a load of ocr failed"),),
    )
    row = model_row(percentiles=None, latency_missing=Missing.UNSUPPORTED)
    code, checks = doctor(snapshot([row], [target]))
    assert code == 1
    assert "metrics=http://HOST:PORT/metrics" in checks["target.metrics"]["hint"]
    assert checks["target.ready"]["hint"] == "not ready since a load of ocr failed"
    assert "summary_latencies=true" in checks["latency.percentiles"]["hint"]


def test_gpu_feeds_that_were_asked_for_are_checked(doctor):
    feeds = fleet("a", gpu=GpuFeeds(("http://node:9400/metrics",), nvml=True))
    seen = snapshot(fleet=feeds, gpus=(gpu_row(source="dcgm"),), notes=("nvml: no NVIDIA driver here",))
    code, checks = doctor(seen)
    assert code == 1
    assert checks["gpu.dcgm"]["status"] == "ok"
    assert checks["gpu.nvml"]["message"] == "nvml: no NVIDIA driver here"


def test_bad_settings_are_checks_and_the_rest_is_still_looked_at(doctor):
    Path("bad.toml").write_text("[fleets.prod]\ntargts=['a']\n")
    code, checks = doctor(None, "--config", "bad.toml")
    assert code == 1
    assert checks["settings"]["status"] == "fail"
    assert "packages" in checks
    assert "target.live" not in checks


def test_the_guess_that_nobody_answers_says_what_to_type(doctor):
    code, checks = doctor(snapshot([], [down_target("localhost")]), "--refresh", "1")
    assert code == 2
    assert "triton-console drill" in checks["fleet"]["hint"]


def test_a_state_folder_that_cannot_be_written_is_a_failure(doctor, tmp_path):
    (tmp_path / "state").write_text("a file")
    code, checks = doctor(snapshot())
    assert code == 1
    assert checks["state"]["status"] == "fail"


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_no_text_can_act_on_the_terminal(name, monkeypatch, capsys):
    hostile = failure(FailureKind.GARBAGE, "live", name, name)
    picture = snapshot([], [down_target(name, failures=(hostile,))], notes=(name,))
    monkeypatch.setattr("console.cli.doctor.observe", lambda *_: picture)
    assert main(["doctor", "a"]) == 2
    out = capsys.readouterr().out
    assert all(char == "\n" or char.isprintable() for char in out)
    assert max(map(len, out.splitlines())) < 1000
