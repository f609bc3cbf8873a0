"""The triage of a recording: a drill's bad rollout, recorded on a clock that is driven by hand."""

import asyncio
import json
import shutil
from pathlib import Path
from time import sleep

import pytest

from console.cli import main
from console.domain.fleet import Fleet
from console.domain.recording import Session
from console.domain.sample import Sample
from console.domain.snapshot import Snapshot
from console.engine.store import Store
from console.storage.recorder import FileRecorder
from tests.parts.cli import console
from tests.parts.rehearsal import Rehearsal

WATCHED_S = 170.0
"""The fault comes after a minute and a half."""


class Taped(Store):
    """A store whose inputs and ticks are recorded."""

    def __init__(self, fleet: Fleet, path: Path) -> None:
        super().__init__(fleet)
        self.recorder = FileRecorder(path, Session(fleet, 0.0))

    def take(self, sample: Sample) -> None:
        super().take(sample)
        self.recorder.take(sample)

    def tick(self, at: float, mono: float) -> Snapshot:
        made = super().tick(at, mono)
        self.recorder.tick(made, mono)
        while self.recorder._ticks:
            sleep(0.001)  # a test is faster than any watch: nothing is to be lost
        return made


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """The recording."""
    path = tmp_path_factory.mktemp("film") / "fleet.tcrec"
    stores: list[Taped] = []

    def taped(fleet: Fleet) -> Taped:
        stores.append(Taped(fleet, path))
        return stores[-1]

    async def watched() -> None:
        async with Rehearsal("bad-rollout") as rehearsal:
            await rehearsal.watch(WATCHED_S)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.parts.rehearsal.Store", taped)
        asyncio.run(watched())
    stores[0].recorder.close()
    assert stores[0].recorder.state.lost == 0
    return path


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: tmp_path / "config")
    monkeypatch.setattr("platformdirs.user_state_path", lambda *_, **__: tmp_path / "state")


def _triaged(capsys, *arguments: str) -> tuple[int, dict]:
    code = main(["triage", *arguments, "--json"])
    said = capsys.readouterr()
    assert said.err == ""
    return code, json.loads(said.out)


def test_it_names_the_fault_and_says_of_which_moment(film, capsys):
    assert main(["triage", "ranker", "--from", str(film)]) == 0
    said = capsys.readouterr()
    first = said.out.partition("\n\n")[0].replace("\n  ", " ")
    assert f"+00:02:50 of {film}: the end of the recording, where the alert" in first
    assert "✗ ROLLOUT  ranker" in said.out
    assert said.err == ""


def test_it_gives_the_same_verdict_each_time_and_in_another_process(film, capsys):
    code, first = _triaged(capsys, "ranker", "--from", str(film))
    assert (code, first["verdict"]) == (0, "rollout")
    assert _triaged(capsys, "ranker", "--from", str(film)) == (0, first)
    elsewhere = asyncio.run(console("triage", "ranker", "--from", str(film), "--json"))
    assert (elsewhere.code, elsewhere.json) == (0, first)


def test_the_json_says_where_it_looked(film, capsys):
    _, said = _triaged(capsys, "ranker", "--from", str(film))
    place = said["recording"]
    assert said["at"] == place["until"]
    assert place["path"] == str(film)
    assert place["offset_s"] == WATCHED_S
    assert place["problems"] == []


@pytest.mark.parametrize("asked", [["--at", "+00:01:00"], []])
def test_before_the_fault_nothing_is_wrong(film, capsys, asked):
    name = str(film) if asked else f"{film}@+00:01:00"
    code, said = _triaged(capsys, "ranker", "--from", name, *asked)
    assert (code, said["verdict"]) == (1, "none")
    assert said["recording"]["offset_s"] == 60.0
    assert said["recording"]["why"] == "as asked"


def test_without_a_model_it_is_the_one_that_alerts(film, capsys):
    code, said = _triaged(capsys, "--from", str(film))
    assert (code, said["model"], said["verdict"]) == (0, "ranker", "rollout")


def test_half_a_frame_at_the_end_is_told_and_changes_no_verdict(film, tmp_path, capsys):
    cut = tmp_path / "cut.tcrec"
    shutil.copy(film, cut)
    with cut.open("rb+") as file:
        file.truncate(cut.stat().st_size - 100)
    assert main(["triage", "ranker", "--from", str(cut)]) == 0
    said = capsys.readouterr()
    assert "✗ ROLLOUT  ranker" in said.out
    assert said.err.startswith("triton-console: the last ")


def test_a_runbook_that_is_not_there_is_said(film, capsys):
    assert main(["triage", "ranker", "--from", str(film), "--runbook", "p99-latncy"]) == 64
    assert "did you mean p99-latency?" in capsys.readouterr().err


def test_a_moment_outside_is_refused_with_the_stretch_there_is(film, capsys):
    assert main(["triage", "ranker", "--from", str(film), "--at", "+01:00:00"]) == 64
    assert "is outside the recording: " in capsys.readouterr().err


def test_status_shows_the_picture_of_a_moment(film, capsys):
    assert main(["status", "--from", str(film), "--json"]) == 1
    end = json.loads(capsys.readouterr().out)
    assert {alert["id"] for alert in end["alerts"]} & {"latency-objective", "budget-burn"}
    assert main(["status", "--from", f"{film}@+00:01:00", "--json"]) == 0
    before = json.loads(capsys.readouterr().out)
    assert before["alerts"] == []
    assert before["recording"]["offset_s"] == 60.0
    assert main(["status", "--from", str(film), "--at", "start"]) == 0
    assert "+00:00:00 of" in capsys.readouterr().out
