"""A watch and its replay: the same pictures, tick by tick, and the same answers."""

import asyncio
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple, Self

import pytest

from console.domain.marker import Marker, MarkerKind
from console.domain.recording import Bounds, Input, Session, Silence, Unsilence
from console.domain.sample import Sample
from console.domain.snapshot import History, Points, Snapshot
from console.domain.triage import Walk
from console.engine._merge import HISTORY
from console.engine.feed import feed
from console.engine.player import Player
from console.ports import Recording
from console.storage.recorder import FileRecorder
from console.storage.recording import open_recording
from console.wiring import hindsight
from tests.console.storage.told import begin
from tests.parts.clock import HandClock
from tests.parts.recordings import KeptRecording
from tests.parts.taped import Taped

WATCHED_S = 140
_DIFFERENT = {"fleet", "history", "taping", "playback", "recalled"}
_COLUMNS = (*(column for column in HISTORY if column != "request_ms"), "error_ratio", "mean_ms", "batch")
_HOST = ("cpu_utilization", "poll_ms", "dns_ms", "connect_ms")
_GPU = ("utilization", "sm_active", "memory_used_bytes", "power_w")
_ROUTE = ("rate", "failed", "retries", "p99_ms", "queue_ms")

Facts = dict[str, Any]


class Filed(Taped):
    """What is kept in memory is recorded in a file as well."""

    def __init__(self, scenario: str, path: Path) -> None:
        super().__init__(scenario)
        self._path = path

    async def __aenter__(self) -> Self:
        self.file: FileRecorder | None = None
        await super().__aenter__()
        self.file = FileRecorder(self._path, Session(self.fleet, self._clock.now()), Bounds())
        return self

    def give(self, entry: Input) -> None:
        """What somebody does at the console."""
        if isinstance(entry, Marker):
            self.note(entry)
        else:
            feed(self._store, entry)
            self._recorder.take(entry)
        self._file(entry)

    def _take(self, sample: Sample) -> None:
        super()._take(sample)
        self._file(sample)

    def _file(self, entry: Input) -> None:
        if self.file is not None:
            self.file.take(entry)

    def _picture(self) -> Snapshot:
        snapshot = super()._picture()
        if self.file is not None:
            self.file.tick(snapshot, self._clock.monotonic())
        return snapshot


class Watch(NamedTuple):
    """What was shown: each picture, answers by the number of their picture, and all history at the end."""

    pictures: list[Facts]
    walks: dict[int, Walk]
    columns: dict[Any, Points]


def facts(snapshot: Snapshot) -> Facts:
    """The picture without what differs in a replay by its nature."""
    return {
        each.name: getattr(snapshot, each.name) for each in fields(snapshot) if each.name not in _DIFFERENT
    }


def columns(snapshot: Snapshot) -> dict[Any, Points]:
    return dict(_columns(snapshot, snapshot.history))


def _columns(snapshot: Snapshot, history: History) -> Iterator[tuple[Any, Points]]:
    for row in snapshot.models:
        for column in _COLUMNS:
            yield (row.key, column), history.model(row.key, column, 3600.0)
            for name in row.targets:
                yield (name, row.key, column), history.replica(name, row.key, column, 3600.0)
    for target in snapshot.targets:
        for column in _HOST:
            yield (target.name, column), history.host(target.name, column, 3600.0)
    for gpu in snapshot.gpus:
        for column in _GPU:
            place = gpu.gpu.uuid, gpu.gpu.mig
            yield (*place, column), history.gpu(*place, column, 3600.0)
    for route in snapshot.routes:
        for column in _ROUTE:
            yield (route.name, column), history.route(route.name, column, 3600.0)


async def watched(scenario: str, path: Path) -> tuple[Watch, KeptRecording]:
    """A scenario on a hand-driven clock, with notes, silences, records and answers on the way."""
    pictures, walks, triage = [], {}, hindsight()
    async with Filed(scenario, path) as filed:
        for second in range(WATCHED_S):
            if second:
                await filed.skip(1.0)
            snapshot = await filed.watch(0.0)
            pictures.append(facts(snapshot))
            if second in (WATCHED_S // 3, WATCHED_S - 20, WATCHED_S - 1):
                walks[second] = await triage.look(snapshot, snapshot.models[0].model)
            _act(filed, snapshot, second)
        assert filed.file is not None
        await asyncio.to_thread(filed.file.close)
        assert filed.file.state.lost == 0
        return Watch(pictures, walks, columns(snapshot)), filed.recording


def _act(filed: Filed, snapshot: Snapshot, second: int) -> None:
    """What people do meanwhile."""
    if second == 20:
        filed.give(Marker(snapshot.at, MarkerKind.NOTE, "room", "a note"))
    if second == 40:
        filed.journal([begin("abcdef")])
    if snapshot.alerts and second % 20 == 0:
        alert = snapshot.alerts[0]
        filed.give(Silence(alert.id, alert.subject, "known", "ana", snapshot.at + 15))
    if snapshot.alerts and second % 30 == 0:
        filed.give(Unsilence(snapshot.alerts[0].id, snapshot.alerts[0].subject))


async def replayed(recording: Recording, watch: Watch) -> Watch:
    """All of a recording, with the answers at the same pictures."""
    clock, triage = HandClock(0.0), hindsight()
    player = Player(recording, clock, triage)
    shown: list[Snapshot] = []
    pictures: list[Facts] = []
    walks: dict[int, Walk] = {}

    def see(snapshot: Snapshot) -> None:
        shown.append(snapshot)
        pictures.append(facts(snapshot))

    player.subscribe(see)
    task = asyncio.ensure_future(player.run())
    while not (shown and shown[-1].playback and shown[-1].playback.ended) and not task.done():
        await clock.advance(0.5)
        number = len(pictures) - 1
        if number in watch.walks and number not in walks:
            walks[number] = await triage.look(shown[-1], shown[-1].models[0].model)
    task.cancel()
    return Watch(pictures, walks, columns(shown[-1]))


def same(replay: Watch, watch: Watch) -> None:
    assert len(replay.pictures) == len(watch.pictures)
    for number, (now, then) in enumerate(zip(replay.pictures, watch.pictures, strict=True)):
        for name, value in then.items():
            assert now[name] == value, (number, name)
    assert replay.columns == watch.columns
    assert replay.walks == watch.walks


@pytest.mark.parametrize("scenario", ["bad-rollout", "crash-loop", "gateway-retries", "gpu-memory"])
async def test_a_replay_shows_what_was_shown_live(scenario: str, tmp_path: Path) -> None:
    path = tmp_path / "a.tcrec"
    watch, kept = await watched(scenario, path)
    filed = open_recording(path)

    assert any(picture["alerts"] for picture in watch.pictures)
    same(await replayed(kept, watch), watch)
    same(await replayed(filed, watch), watch)
    assert not filed.problems
    filed.close()
