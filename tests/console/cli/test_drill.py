import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from console.cli import main
from console.cli._drill_child import drill_child
from console.cli._drill_fleet import drill_fleet
from console.cli._errors import CliError
from console.cli._observe import observe
from console.domain.fleet import Fleet
from console.drill import scenarios

ROOT = Path(__file__).parents[3]
SERVE = [sys.executable, "-m", "console", "drill", "healthy", "--serve-only"]


def test_the_list_tells_every_scenario(capsys):
    assert main(["drill", "--list"]) == 0
    out = capsys.readouterr().out
    for scenario in scenarios():
        assert scenario.id in out
        assert scenario.title in out


def test_the_console_sees_the_fleet_that_the_child_serves(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "console.py").write_text("raise RuntimeError('not ours')")
    with drill_child(["healthy"]) as endpoints:
        fleet = drill_fleet(endpoints, Fleet(read_only=True), str(tmp_path))
        seen = observe(fleet, 0.1)
    assert fleet.name == "drill:healthy"
    assert fleet.read_only
    assert fleet.gpu.dcgm
    assert seen.up == len(fleet.targets) > 1
    ranker = next(row for row in seen.models if row.key.model == "ranker")
    assert ranker.slo.objective.latency_ms == endpoints["objectives"]["ranker"]["latency_ms"]
    assert not observe(fleet, 0.1).up, "the fleet is gone with the child"


def test_an_unknown_scenario_says_the_nearest_and_where_to_look():
    with pytest.raises(CliError, match="did you mean healthy") as caught, drill_child(["helthy"]):
        pass
    assert caught.value.hint == "triton-console drill --list shows them all"
    assert caught.value.code == 64


def test_a_taken_port_is_one_line(capsys):
    with drill_child(["healthy"]) as endpoints:
        taken = endpoints["targets"][0]["url"].rpartition(":")[2]
        assert main(["drill", "healthy", "--serve-only", "--port", taken]) == 1
    err = capsys.readouterr().err
    assert f"cannot listen on port {taken}" in err
    assert err.count("\n") == 1


def test_it_ends_when_the_pipe_is_closed():
    with subprocess.Popen(SERVE, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        endpoints = json.loads(child.stdout.readline())
        assert endpoints["scenario"] == "healthy"
        child.stdin.close()
        assert child.wait(20) == 0


@pytest.mark.parametrize("kind", ["nothing", "a pipe that was dead from the start"])
def test_it_serves_until_a_signal_where_stdin_says_nothing(kind):
    reader, writer = os.pipe()
    os.close(writer)
    stdin = subprocess.DEVNULL if kind == "nothing" else reader
    with subprocess.Popen(SERVE, cwd=ROOT, stdin=stdin, stdout=subprocess.PIPE) as child:
        url = json.loads(child.stdout.readline())["targets"][0]["url"]
        for _ in range(3):
            with urllib.request.urlopen(f"{url}/v2/health/live", timeout=10) as answer:
                assert answer.status == 200
        child.send_signal(signal.SIGTERM)
        assert child.wait(20) == 143
    os.close(reader)
