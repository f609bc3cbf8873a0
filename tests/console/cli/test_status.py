import json
import subprocess
import sys
from pathlib import Path

import pytest

from console.cli import main
from tests.snapshots import alert, down_target, model_row, snapshot, target_row

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: tmp_path / "config")


@pytest.fixture
def seen(monkeypatch):
    """Replaces the look at the fleet; holds what was asked and gives the picture."""

    class Seen:
        picture = snapshot()
        fleet = None
        seconds = 0.0

    def observe(fleet, seconds):
        Seen.fleet, Seen.seconds = fleet, seconds
        return Seen.picture

    monkeypatch.setattr("console.cli.status.observe", observe)
    return Seen


def test_healthy_is_0_alerts_are_1_and_nothing_reachable_is_2(seen):
    assert main(["status", "a"]) == 0
    seen.picture = snapshot(alerts=(alert(),))
    assert main(["status", "a"]) == 1
    seen.picture = snapshot(alerts=(alert(note="known (ana)"),))
    assert main(["status", "a"]) == 0
    seen.picture = snapshot([], [down_target()], alerts=(alert(),))
    assert main(["status", "a"]) == 2
    seen.picture = snapshot([], [down_target(), target_row()], alerts=(alert(),))
    assert main(["status", "a"]) == 1


def test_json_is_one_object_alone_on_stdout(seen, capsys):
    seen.picture = snapshot([model_row("\x1b[31m[red]\u202e")])
    assert main(["status", "a", "--json"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert "\x1b" not in said.out
    assert json.loads(said.out)["models"][0]["name"] == "\x1b[31m[red]\u202e"


def test_global_options_stand_before_or_after_the_command(seen):
    for argv in (
        ["--refresh", "5", "--read-only", "--header", "k: v", "status", "a", "--for", "3", "b"],
        ["status", "--for", "3", "a", "--header", "k: v", "--read-only", "b", "--refresh=5"],
        ["--refresh=5", "--header", "k: v", "status", "a", "b", "--for=3", "--read-only"],
    ):
        assert main(argv) == 0
        assert [target.name for target in seen.fleet.targets] == ["a", "b"]
        assert (seen.fleet.refresh, seen.fleet.read_only, seen.seconds) == (5, True, 3)
        assert seen.fleet.headers["k"].reveal() == "v"


def test_a_host_named_like_a_command_is_written_as_a_url(seen):
    assert main(["status", "http://status"]) == 0
    assert seen.fleet.targets[0].url == "http://status"


def test_text_is_without_colour_where_there_is_no_terminal(seen, capsys):
    assert main(["status", "a"]) == 0
    out = capsys.readouterr().out
    assert "ranker" in out
    assert "\x1b" not in out


@pytest.mark.parametrize(
    ("flags", "no_color", "coloured"),
    [([], "", True), (["--no-color"], "", False), ([], "1", False)],
)
@pytest.mark.usefixtures("seen")
def test_colour_on_a_terminal_unless_refused(capsys, monkeypatch, flags, no_color, coloured):
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(["status", "a", *flags]) == 0
    assert ("\x1b[1m" in capsys.readouterr().out) is coloured


def test_when_nobody_named_a_target_the_next_steps_are_said(seen, capsys):
    seen.picture = snapshot([], [down_target("localhost")])
    assert main(["status"]) == 2
    assert seen.fleet.targets[0].url == "http://localhost:8000"
    err = capsys.readouterr().err
    assert "no Triton at localhost:8000" in err
    assert "triton-console http://HOST:8000" in err
    assert "triton-console drill" in err


def test_a_refused_target_end_to_end():
    done = subprocess.run(
        [sys.executable, "-m", "console", "status", "http://127.0.0.1:1", "--json", "--for", "0.1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done
    assert done.stderr == ""
    target = json.loads(done.stdout)["targets"][0]
    assert "connection refused" in target["error"]
    assert target["live"] is None
