"""What the command line says, beside and above the settings file."""

import pytest

from console.domain.secret import Secret
from console.settings import Options, guesses, load, terminal
from tests.console.settings.files import problems, write


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: tmp_path / "config")


def test_flags_win_over_the_file():
    write("[fleets.prod]\ntargets=['a']\nheaders={ key = 'file' }\n")
    fleet = load(Options(refresh=5, read_only=True, headers=("key: flag", "other: a:b")), {})
    assert (fleet.refresh, fleet.read_only) == (5, True)
    assert fleet.headers == {"key": Secret("flag"), "other": Secret("a:b")}


def test_wrong_flags_are_reported_together_and_never_quote_a_secret():
    found = problems(Options(targets=("a b", "h"), refresh=0, headers=("hunter2", "bad name: hunter2")))
    assert len(found) == 4
    assert "hunter2" not in "".join(found)


def test_a_secret_never_shows():
    fleet = load(Options(targets=("a",), headers=("key: hunter2",)), {})
    assert "hunter2" not in repr(fleet)


def test_nothing_named_means_the_local_server():
    assert guesses(Options(), {})
    assert load(Options(), {}).targets[0].url == "http://localhost:8000"
    assert not guesses(Options(targets=("a",)), {})
    assert problems(Options(fleet="prod")) == [
        "--fleet: there is no settings file to find prod in; pass --config FILE"
    ]


def test_no_color_counts_when_it_is_not_empty():
    assert terminal({"NO_COLOR": "1"}).no_color
    assert not terminal({"NO_COLOR": ""}).no_color
