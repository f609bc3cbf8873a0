"""A watch of servers that come and go, and its replay."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from console.domain.fleet import Discovery, Fleet, ModelVersion, Target
from console.domain.marker import MarkerKind
from console.domain.prospect import DISCOVERY
from console.domain.recording import Bounds, RecordingError, Session
from console.domain.sample import Sample
from console.domain.snapshot import Snapshot
from console.engine.recall import Wanted, recall
from console.engine.rewind import rewound
from console.storage.flight import FlightPast, flight_path
from console.storage.recorder import FileRecorder
from console.storage.recording import open_recording
from tests.console.engine.test_replay import Watch, columns, facts, replayed, same
from tests.parts.unfolding import Unfolding

WATCHED_S = 60


def pods(second: float, servers: Sequence[Target]) -> Sequence[Target]:
    """Three at first; one goes, another comes, and one is replaced by a process at another address."""
    first, second_, third, fourth = (
        replace(target, pod=target.name, namespace="shop", node="node-1") for target in servers[:4]
    )
    if second < 15:
        return first, second_, third
    if second < 30:
        return first, second_
    if second < 45:
        return first, second_, fourth
    return first, replace(second_, url=third.url, metrics=third.metrics, node="node-2"), fourth


class Filed(Unfolding):
    """Recorded in a file, too."""

    def __init__(self, path: Path) -> None:
        super().__init__("bad-rollout", pods)
        self._path = path
        self.file: FileRecorder | None = None

    async def watch_all(self) -> tuple[Watch, list[Snapshot]]:
        self.file = FileRecorder(self._path, Session(self.fleet, self._clock.now()), Bounds())
        shown = []
        for second in range(WATCHED_S):
            if second:
                await self.skip(1.0)
            shown.append(await self.watch(0.0))
            self.file.tick(shown[-1], self._clock.monotonic())
        await asyncio.to_thread(self.file.close)
        return Watch([facts(each) for each in shown], {}, columns(shown[-1])), shown

    def _take(self, sample: Sample) -> None:
        super()._take(sample)
        if self.file is not None:
            self.file.take(sample)


def flown(path: Path, fleet: Fleet) -> None:
    """Put a recording among the fleet's flights."""
    flight = flight_path(path.parent, fleet.name, 0.0, 1)
    flight.parent.mkdir(parents=True)
    flight.write_bytes(path.read_bytes())


async def recalled(filed: Filed, path: Path) -> None:
    """The next console on this fleet begins with the figures of the pods that were found, and its own flight is found."""
    flights = FlightPast(path.parent, filed.fleet)
    flown(path, filed.fleet)
    others = FlightPast(path.parent, replace(filed.fleet, discovery=Discovery(kubernetes="app=other")))
    assert await others.open(0.0) is None
    moment = filed.now + 5.0, 1000.0
    found = await recall(Wanted(filed.fleet, *moment, {DISCOVERY}), [flights], fail)
    assert found is not None
    seen = found.store.tick(*moment)
    assert names(seen) == ["triton-0", "triton-1", "triton-3"]
    rates = found.store.model(ModelVersion("ranker", "6"), "rate", 120.0).values
    assert any(rate for rate in rates)


def fail(past: str, error: RecordingError) -> None:
    raise AssertionError(f"{past}: {error}")


def names(snapshot: Snapshot) -> list[str]:
    return [target.name for target in snapshot.targets]


async def test_pods_come_and_go_in_a_replay_as_they_did_live(tmp_path: Path) -> None:
    path = tmp_path / "a.tcrec"
    async with Filed(path) as filed:
        watch, shown = await filed.watch_all()
        await recalled(filed, path)
    recording = open_recording(path)

    assert [names(shown[second]) for second in (5, 20, 40, 55)] == [
        ["triton-0", "triton-1", "triton-2"],
        ["triton-0", "triton-1"],
        ["triton-0", "triton-1", "triton-3"],
        ["triton-0", "triton-1", "triton-3"],
    ]
    told = [marker for marker in shown[-1].markers if marker.target and not marker.model]
    assert [(marker.kind, marker.target, marker.detail.partition(" ")[0]) for marker in told] == [
        (MarkerKind.DOWN, "triton-2", "gone:"),
        (MarkerKind.UP, "triton-3", "found"),
        (MarkerKind.RESTART, "triton-1", "replaced"),
    ]
    assert not any(alert.target == "triton-2" for each in shown for alert in each.alerts)
    same(await replayed(filed.recording, watch), watch)
    same(await replayed(recording, watch), watch)

    for second in (10, 25, 55):
        sought = rewound(recording, recording.since + second)
        assert names(sought) == names(shown[second])
        assert sought.up == shown[second].up
        assert [row.rate for row in sought.models] == [row.rate for row in shown[second].models]
    recording.close()
