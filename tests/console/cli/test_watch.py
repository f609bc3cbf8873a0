"""What the console keeps of a watch, as its command line says."""

import pytest

from console import wiring
from console.cli import _screen, main
from console.wiring import Keeping


@pytest.fixture(autouse=True)
def kept(tmp_path, monkeypatch):
    """What the engine would have been built with."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: tmp_path / "config")
    monkeypatch.setattr("platformdirs.user_state_path", lambda *_, **__: tmp_path / "state")
    seen = []
    monkeypatch.setattr(wiring, "build", lambda fleet, keeping: seen.append(keeping))
    monkeypatch.setattr(_screen, "open_console", lambda fleet, options, open_engine, **_: open_engine() or 0)
    return seen


def test_a_watch_is_recorded_and_begins_with_what_was_before(kept):
    assert main(["http://a:8000"]) == 0
    assert kept == [Keeping(flight=True, recall=True)]


def test_no_record_records_nothing_and_still_looks_back(kept):
    assert main(["http://a:8000", "--no-record"]) == 0
    assert kept == [Keeping(flight=False, recall=True)]


def test_the_settings_can_switch_it_off(kept, tmp_path):
    (tmp_path / "triton-console.toml").write_text(
        '[fleets.prod]\ntargets = ["http://a:8000"]\n[fleets.prod.recording]\nflight_recorder = false\n'
    )
    assert main([]) == 0
    assert kept == [Keeping(flight=False, recall=True)]


def test_a_recording_can_be_given_to_begin_with(kept, tmp_path):
    (tmp_path / "night.tcrec").write_text("")
    assert main(["http://a:8000", "--past", str(tmp_path / "night.tcrec")]) == 0
    assert kept[0].past == tmp_path / "night.tcrec"


def test_one_that_is_not_there_is_said_before_anything_opens(kept, capsys):
    assert main(["http://a:8000", "--past", "night.tcrec"]) == 64
    assert "--past night.tcrec: there is no such file" in capsys.readouterr().err
    assert kept == []
