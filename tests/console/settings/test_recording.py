"""What the flight recorder keeps, as the settings file says it."""

from pathlib import Path

import pytest

from console.domain.fleet import FlightRecorder
from console.settings import Options, SettingsError, load


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: tmp_path / "config")
    monkeypatch.setattr("platformdirs.user_state_path", lambda *_, **__: tmp_path / "platform")


def flight(text: str) -> FlightRecorder:
    Path("triton-console.toml").write_text(f"[fleets.prod]\ntargets = ['a']\n{text}")
    return load(Options(), {}).flight


def test_the_flight_recorder_is_on_and_keeps_two_hours_in_256_megabytes():
    assert flight("") == FlightRecorder(on=True, seconds=7200.0, bytes=256 * 2**20)
    assert flight("[fleets.prod.recording]\n") == FlightRecorder()


def test_it_keeps_what_the_file_says():
    made = flight("[fleets.prod.recording]\nkeep = '8h'\nmax_megabytes = 1024\n")
    assert made == FlightRecorder(on=True, seconds=8 * 3600.0, bytes=2**30)


def test_it_can_be_switched_off():
    assert not flight("[fleets.prod.recording]\nflight_recorder = false\n").on


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("keep = '1m'", "keep: must be between 600 and"),
        ("keep = 'long'", 'keep: must be a time such as "90m"'),
        ("max_megabytes = 1", "max_megabytes: must be between 8 and"),
        ("flight_recorder = 'no'", "flight_recorder: must be true or false"),
        ("keeep = '1h'", "keeep"),
    ],
)
def test_what_makes_no_sense_is_said(line: str, said: str):
    with pytest.raises(SettingsError) as caught:
        flight(f"[fleets.prod.recording]\n{line}\n")
    assert said in str(caught.value.problems[0])
