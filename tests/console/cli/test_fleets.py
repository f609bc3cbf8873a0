"""The fleets of the settings: listed, and changed between."""

import argparse
import json
from pathlib import Path

import pytest

from console import wiring
from console.cli import _screen, main
from console.cli._fleets import OpenFleets
from console.domain.fleets import FleetError, direct_fleet
from console.wiring import Keeping

SETTINGS = """
[fleets.prod]
targets = ["http://a:8000", "http://b:8000"]
read_only = true
headers = { admin-key = { env = "NO_SUCH_KEY" } }
[fleets.edge]
prometheus = "http://prom:9090"
selector = 'job="triton"'
[fleets.pods.discovery]
kubernetes = "app=triton"
namespace = "ml"
[fleets.lab]
targets = ["http://lab:8000"]
headers = { admin-key = { env = "LAB_KEY" } }
"""


@pytest.fixture(autouse=True)
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: tmp_path / "config")
    monkeypatch.setattr("platformdirs.user_state_path", lambda *_, **__: tmp_path / "state")
    monkeypatch.setenv("LAB_KEY", "hunter2")
    (tmp_path / "triton-console.toml").write_text(SETTINGS)
    return tmp_path


def opened(*argv: str) -> tuple[argparse.Namespace, OpenFleets]:
    found = []

    def kept(fleet, options, open_engine, *, fleets, ask) -> int:
        found.append((options, fleets))
        return 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_screen, "open_console", kept)
        assert main(list(argv)) == 0
    return found[0]


def test_they_are_listed_with_what_each_is_and_without_looking_up_secrets(capsys) -> None:
    assert main(["fleets"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split(maxsplit=1) == ["prod", "2 servers, READ-ONLY"]
    assert lines[2].split(maxsplit=1) == ["edge", 'through Prometheus at http://prom:9090 {job="triton"}']
    assert lines[3].split(maxsplit=1) == ["pods", "pods of app=triton in ml"]


def test_as_json_unknown_targets_are_null(capsys) -> None:
    assert main(["fleets", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["fleets"]
    assert [each["kind"] for each in found] == ["targets", "prometheus", "discovery", "targets"]
    assert [each["url"] for each in found[0]["targets"]] == ["http://a:8000", "http://b:8000"]
    assert found[1]["targets"] is None


def test_without_settings_there_is_none_and_it_says_what_to_do(there, capsys) -> None:
    (there / "triton-console.toml").unlink()
    assert main(["fleets"]) == 1
    assert "triton-console drill" in capsys.readouterr().err
    assert main(["fleets", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"fleets": []}


def test_a_file_that_cannot_be_read_is_said_in_one_line(there, capsys) -> None:
    (there / "triton-console.toml").write_text("[fleets.prod\n")
    assert main(["fleets"]) == 64
    assert "Traceback" not in capsys.readouterr().err


def test_a_script_that_does_not_say_which_fleet_is_told_to(capsys) -> None:
    assert main([]) == 64
    assert "say which fleet: prod, edge, pods, lab" in capsys.readouterr().err


def test_on_a_terminal_the_first_opens_and_the_console_asks(monkeypatch) -> None:
    monkeypatch.setenv("NO_SUCH_KEY", "x")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    asked = []
    monkeypatch.setattr(
        _screen, "open_console", lambda fleet, *_, ask, **__: asked.append((fleet.name, ask)) or 0
    )
    assert main([]) == 0
    assert main(["--fleet", "lab"]) == 0
    assert asked == [("prod", True), ("lab", False)]


def test_another_fleet_is_read_with_its_own_secrets_and_without_the_headers_of_the_command_line() -> None:
    options, fleets = opened("--fleet", "edge", "--header", "X-Key: of-edge")
    assert [fleet.name for fleet in fleets.listed()] == ["prod", "edge", "pods", "lab"]
    lab = fleets.read("lab")
    assert {name: value.reveal() for name, value in lab.headers.items()} == {"admin-key": "hunter2"}
    assert "hunter2" in {secret.reveal() for secret in options.secrets}
    assert "X-Key" in fleets.read("edge").headers


def test_a_fleet_whose_secret_is_missing_says_so() -> None:
    _, fleets = opened("--fleet", "lab")
    with pytest.raises(FleetError, match="NO_SUCH_KEY"):
        fleets.read("prod")


def test_targets_of_the_command_line_stand_beside_the_fleets_of_the_file() -> None:
    _, fleets = opened("http://c:8000")
    assert [fleet.name for fleet in fleets.listed()] == ["default", "prod", "edge", "pods", "lab"]
    assert fleets.read("default").targets[0].url == "http://c:8000"


def test_an_engine_is_built_with_its_memory(monkeypatch) -> None:
    seen = []
    monkeypatch.setattr(wiring, "build", lambda fleet, keeping: seen.append((fleet.name, keeping)))
    _, fleets = opened("--fleet", "lab", "--no-record")
    fleets.engine(fleets.read("lab"))
    assert seen == [("lab", Keeping(flight=False, recall=True))]


def test_one_server_of_a_fleet_keeps_its_journal_and_loses_what_is_the_whole_fleets() -> None:
    _, fleets = opened("--fleet", "lab")
    lab = fleets.read("lab")
    one = direct_fleet(lab, lab.targets[0], headers=False)
    assert (one.name, one.state, one.freeze) == (lab.name, lab.state, lab.freeze)
    assert one.headers == {}
    assert one.gateway is None
    assert direct_fleet(lab, lab.targets[0], headers=True).headers == lab.headers
