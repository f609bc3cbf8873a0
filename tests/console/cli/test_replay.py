"""``replay`` up to where the screens begin."""

import asyncio

import pytest

from console.cli import _screen, main
from console.cli._replay_open import Start, player_of
from console.domain.fleet import Fleet
from console.domain.recording import SPEEDS
from console.storage.recording import open_recording
from tests.console.cli.test_recordings import BEGAN, recorded


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: tmp_path / "config")
    monkeypatch.setattr("platformdirs.user_state_path", lambda *_, **__: tmp_path / "state")
    monkeypatch.setattr(_screen, "require_terminal", lambda: None)


@pytest.fixture
def console(monkeypatch):
    """What the screens were opened on."""
    seen = {}

    def open_console(fleet, options, open_engine, *, replay):
        assert replay
        seen["fleet"], seen["player"] = fleet, open_engine()
        return 0

    monkeypatch.setattr(_screen, "open_console", open_console)
    return seen


def test_the_screens_open_on_the_recorded_fleet_and_cannot_act(tmp_path, console):
    path = recorded(tmp_path / "a.tcrec", seconds=60)
    assert main(["replay", str(path)]) == 0
    assert console["fleet"].read_only
    assert [target.name for target in console["fleet"].targets] == ["a"]
    assert console["player"].fleet == console["fleet"]


async def _first(player):
    """The first picture of a replay."""
    seen = asyncio.Event()
    player.subscribe(lambda _: seen.set())
    task = asyncio.create_task(player.run())
    try:
        async with asyncio.timeout(30):
            await seen.wait()
        return player.snapshot
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await player.close()


@pytest.mark.parametrize("speed", SPEEDS)
async def test_it_begins_where_and_as_fast_as_asked(tmp_path, speed):
    path = recorded(tmp_path / "a.tcrec", seconds=60)
    player = player_of(open_recording(path), Fleet(), Start(BEGAN + 30, speed, paused=True))
    first = await _first(player)
    assert first.at == BEGAN + 30
    assert (first.playback.speed, first.playback.paused) == (speed, True)


async def test_by_itself_it_begins_at_the_start_and_runs(tmp_path):
    path = recorded(tmp_path / "a.tcrec", seconds=60)
    first = await _first(player_of(open_recording(path), Fleet(), Start()))
    assert first.at == BEGAN
    assert (first.playback.speed, first.playback.paused) == (1.0, False)


@pytest.mark.parametrize(
    "more", [["--speed", "3"], ["--speed", "nan"], ["--at", "soon"], ["--at", "+99:00:00"]]
)
def test_wrong_arguments_are_64_and_one_line(tmp_path, capsys, more):
    path = recorded(tmp_path / "a.tcrec", seconds=60)
    assert main(["replay", str(path), *more]) == 64
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("text", ["none.tcrec", "1122-abc", ""])
def test_what_is_not_there_is_one_line(capsys, text):
    assert main(["replay", text] if text else ["replay"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "  → " in said


def test_without_a_terminal_it_says_so_first(tmp_path, capsys, monkeypatch):
    monkeypatch.undo()
    assert main(["replay", str(tmp_path / "none.tcrec")]) == 64
    assert "needs a terminal" in capsys.readouterr().err
