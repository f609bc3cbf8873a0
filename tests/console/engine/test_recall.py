"""What a console knows at its first picture of the time before it was started, and what it does not make of that."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

import pytest

from console.domain.failure import Failure
from console.domain.fleet import Fleet, Target
from console.domain.gpu import GpuReading, GpuSample
from console.domain.marker import MarkerKind
from console.domain.recording import RecordingError
from console.domain.rows import AlertState, ModelRow
from console.domain.sample import Reading
from console.domain.snapshot import Snapshot
from console.domain.triton import IndexEntry, State
from console.engine import recall
from console.engine.engine import Engine, Memory
from console.ports import Past, Recording, Source
from tests.console.engine.before import BEGAN, KEY, READY, ROOM, Before, Server
from tests.parts.clock import HandClock
from tests.parts.recordings import KeptRecording


class Kept:
    """A past that has a recording, or fails."""

    def __init__(self, found: Recording | RecordingError | None, name: str = "flight recorder") -> None:
        self.name = name
        self._found = found
        self.asked: list[float] = []

    async def open(self, since: float) -> Recording | None:
        self.asked.append(since)
        if isinstance(self._found, RecordingError):
            raise self._found
        return self._found


class Polled:
    """A source over one server."""

    every, timeout = 1.0, 2.0

    def __init__(self, name: str, server: Server, clock: HandClock) -> None:
        self.name, self.target = f"triton:{name}", name
        self._server, self._clock = server, clock

    async def poll(self) -> Reading:
        found = self._server.poll(self._clock.now(), self._clock.monotonic())
        assert not isinstance(found, Failure)
        return found

    async def close(self) -> None:
        return


async def none() -> None:
    return


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The past is read without a thread, so that the hand-driven clock stands still meanwhile."""

    async def here(function: Callable[..., object], *arguments: object) -> object:
        return function(*arguments)

    monkeypatch.setattr(recall, "to_thread", here)


async def shown(
    at: float, server: Server, *pasts: Past, pictures: int = 1, fleet: Fleet = ROOM
) -> list[Snapshot]:
    """The first pictures of a console that is started at that time."""
    clock = HandClock(at)
    sources: list[Source] = [Polled(target.name, server, clock) for target in fleet.targets]
    engine = Engine(fleet, sources, clock, Random(1), none)
    engine.attach(None, memory=Memory(pasts=pasts))  # type: ignore[arg-type]  # nothing is changed here
    found: list[Snapshot] = []
    engine.subscribe(found.append)
    task = asyncio.ensure_future(engine.run())
    while not found and not task.done():
        await clock.advance(0.05)
    while len(found) < pictures and not task.done():
        await clock.advance(1.0)
    task.cancel()
    return found


def row(snapshot: Snapshot) -> ModelRow:
    return next(row for row in snapshot.models if row.key == KEY)


def told(snapshot: Snapshot, *kinds: MarkerKind) -> list[str]:
    return [marker.detail for marker in snapshot.markers if not kinds or marker.kind in kinds]


async def test_the_first_picture_has_the_graphs_of_before() -> None:
    before = Before().watch(600)

    first, *_ = await shown(before.at + 60, before.server, Kept(before.recording))

    points = first.history.model(KEY, "rate", 3600.0)
    known = [(at, value) for at, value in zip(points.at, points.values, strict=True) if value is not None]
    assert known[0][0] == pytest.approx(BEGAN + 10, abs=10)
    assert known[-1][0] == pytest.approx(before.at, abs=16)
    assert [value for _, value in known] == pytest.approx([100.0] * len(known), rel=0.01)
    assert len(known) > 35
    assert first.recalled is not None
    assert first.recalled.source == "flight recorder"
    assert first.recalled.since == pytest.approx(BEGAN, abs=1)
    assert first.elapsed_s == pytest.approx(660, abs=2)


async def test_what_passed_while_nobody_watched_is_no_rate_of_now() -> None:
    before = Before().watch(120)
    now = Server(
        rate=10.0, restarted=before.server.restarted - 4 * (before.at + 300 - before.server.restarted)
    )

    first, second = (await shown(before.at + 300, now, Kept(before.recording), pictures=2))[:2]

    assert row(first).rate is None
    assert row(second).rate == pytest.approx(20.0, rel=0.01)
    assert not told(second)


async def test_what_passed_while_nobody_watched_counts_for_the_budget() -> None:
    before = Before().watch(120)

    first, *_ = await shown(before.at + 300, before.server, Kept(before.recording))

    assert row(first).slo.observed_s == pytest.approx(420, abs=12)
    assert row(first).slo.requests["1h"] == pytest.approx(42_000, rel=0.05)


async def test_a_change_that_nobody_watched_is_told_as_such() -> None:
    before = Before().watch(60)
    now = replace(before.server, index=(READY, IndexEntry("ranker", "2", State.READY)))

    first, *_ = await shown(before.at + 240, now, Kept(before.recording))

    said = told(first, MarkerKind.LOAD)
    assert said
    assert all("ranker v2 READY (between 22:14:" in each for each in said)
    assert all("while nobody watched)" in each for each in said)


async def test_a_restart_that_nobody_watched_is_told_as_such() -> None:
    before = Before().watch(60)
    now = replace(before.server, restarted=before.at + 230)

    first, *_ = await shown(before.at + 240, now, Kept(before.recording))

    said = told(first, MarkerKind.RESET, MarkerKind.RESTART)
    assert len(said) == 2
    assert all("while nobody watched" in each for each in said)


async def test_what_was_there_all_along_is_no_news() -> None:
    before = Before().watch(60)

    pictures = await shown(before.at + 240, before.server, Kept(before.recording), pictures=3)

    assert not told(pictures[-1])


async def test_markers_are_those_that_were_shown() -> None:
    def noted(console: Before) -> None:
        if console.at == BEGAN + 30:
            console.note("drained a")
        console.server.index = (
            (READY, IndexEntry("ranker", "2", State.READY)) if console.at > BEGAN + 40 else (READY,)
        )

    before = Before().watch(60, noted)
    recording = before.recording

    first, *_ = await shown(before.at + 20, before.server, Kept(recording))

    assert list(first.markers) == list(recording.markers)
    assert told(first, MarkerKind.NOTE) == ["drained a"]
    assert len(told(first, MarkerKind.LOAD)) == 2


async def test_an_alert_that_fires_still_has_its_time() -> None:
    def broken(console: Before) -> None:
        console.server.index = (
            (replace_state(READY, State.UNAVAILABLE),) if console.at > BEGAN + 100 else (READY,)
        )

    before = Before().watch(400, broken)

    pictures = await shown(before.at + 180, before.server, Kept(before.recording), pictures=90)

    for snapshot in (pictures[0], pictures[-1]):
        alert = next(alert for alert in snapshot.alerts if alert.id == "model-unavailable")
        assert alert.since == pytest.approx(BEGAN + 100, abs=61)
        assert alert.state is AlertState.PAGE
    assert not [said for said in told(pictures[-1], MarkerKind.ALERT) if said.startswith("over")]
    assert len(told(pictures[-1], MarkerKind.ALERT)) == 1


async def test_an_alert_that_is_over_is_over_when_somebody_watched_for_long_enough() -> None:
    def broken(console: Before) -> None:
        console.server.index = (replace_state(READY, State.UNAVAILABLE),)

    before = Before().watch(100, broken)
    before.server.index = (READY,)

    pictures = await shown(before.at + 180, before.server, Kept(before.recording), pictures=70)

    assert [alert.state for alert in pictures[0].calm] == [AlertState.RECOVERING]
    assert [alert.state for alert in pictures[-1].calm] == [AlertState.ACCEPTABLE]


def replace_state(entry: IndexEntry, state: State) -> IndexEntry:
    return entry._replace(state=state, reason="" if state is State.READY else "no space left")


async def test_targets_are_known_by_their_url_whatever_they_are_called() -> None:
    old = Fleet("room", (Target("old", "http://a:8000", ""), Target("gone", "http://z:8000", "")))
    before = Before(old).watch(120)

    first, *_ = await shown(before.at + 5, before.server, Kept(before.recording))

    figures = {
        name: [each for each in first.history.replica(name, KEY, "rate", 600.0).values if each is not None]
        for name in ("a", "b", "old", "gone")
    }
    assert {name for name, values in figures.items() if values} == {"a"}
    assert figures["a"][-1] == pytest.approx(50.0, rel=0.01)
    assert not told(first)


async def test_what_is_no_longer_polled_is_not_shown() -> None:
    def beside(console: Before) -> None:
        console.take("nvml", None, GpuReading((GpuSample("GPU-1", utilization=0.5),)))

    before = Before().watch(60, beside)

    first, *_ = await shown(before.at + 5, before.server, Kept(before.recording))

    assert not first.gpus


async def test_consoles_one_after_the_other_are_one_past() -> None:
    before = Before().watch(200)
    before.begin(away=100.0)
    before.watch(200)

    first, *_ = await shown(before.at + 30, before.server, Kept(before.recording))

    points = first.history.model(KEY, "rate", 3600.0)
    values = [value for value in points.values if value is not None]
    assert values == pytest.approx([100.0] * len(values), rel=0.01)
    assert list(points.at) == sorted(points.at)
    assert first.recalled is not None
    assert first.recalled.since == pytest.approx(BEGAN, abs=1)
    assert not told(first)


async def test_a_past_that_cannot_be_read_is_said_and_the_next_one_taken() -> None:
    before = Before().watch(60)
    broken = Kept(RecordingError("flight.tcrec is not a recording", "remove it"))

    first, *_ = await shown(before.at + 5, before.server, broken, Kept(before.recording, "Prometheus"))

    assert first.recalled is not None
    assert first.recalled.source == "Prometheus"
    assert "flight recorder: flight.tcrec is not a recording (remove it)" in first.notes


async def test_nothing_to_remember_is_a_watch_as_any_other() -> None:
    before = Before()

    first, *_ = await shown(BEGAN, before.server, Kept(None))

    assert first.recalled is None
    assert first.elapsed_s == 0
    assert not first.notes


async def test_a_past_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    class Hanging(Kept):
        async def open(self, since: float) -> Recording | None:
            await asyncio.Event().wait()
            return await super().open(since)

    monkeypatch.setattr(recall, "OPEN_S", 0.01)

    first, *_ = await shown(BEGAN, Server(), Hanging(None))

    assert first.recalled is None
    assert [note for note in first.notes if note.startswith("flight recorder: not opened within")]


async def test_of_a_fleet_that_takes_long_the_newest_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = iter(range(10_000))
    monkeypatch.setattr(recall, "perf_counter", lambda: next(seconds) / 2)
    before = Before().watch(900)

    first, *_ = await shown(before.at + 5, before.server, Kept(before.recording))

    assert first.recalled is not None
    assert first.recalled.since > before.at - 500
    assert first.recalled.until == pytest.approx(before.at, abs=11)


async def test_counters_alone_tell_of_no_loads_and_of_no_watch() -> None:
    before = Before(server=Server(index=None)).watch(300)

    first, *_ = await shown(
        before.at + 15, replace(before.server, index=(READY,)), Kept(before.recording, "Prometheus")
    )

    assert not told(first)
    assert first.elapsed_s == 0
    assert any(value for value in first.history.model(KEY, "rate", 3600.0).values)


async def test_a_recording_that_breaks_while_it_is_read_leaves_the_watch_whole() -> None:
    before = Before().watch(60)

    class Breaking(KeptRecording):
        def frames(self, since: float = 0.0, until: float = 0.0, *, sparse: bool = False) -> Iterator[object]:  # type: ignore[override]
            yield from list(super().frames(since, until, sparse=sparse))[:3]
            raise ValueError("odd")

    kept = before.recording
    first, *_ = await shown(before.at + 5, before.server, Kept(Breaking(kept.sessions, kept.kept)))

    assert first.recalled is None
    assert first.elapsed_s == 0
    assert [note for note in first.notes if "ValueError: odd" in note]
    assert not first.history.model(KEY, "rate", 3600.0).at
