"""Pasts of all kinds: of other names, of several runs, broken, slow, and those that know little."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from console.domain.fleet import Fleet, Target
from console.domain.gpu import GpuReading, GpuSample
from console.domain.marker import MarkerKind
from console.domain.recording import RecordingError
from console.engine import recall
from console.ports import Recording
from tests.console.engine.before import BEGAN, KEY, READY, Before, Server
from tests.console.engine.recalled import Kept, here, shown, told
from tests.parts.recordings import KeptRecording


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recall, "to_thread", here)


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
    # Ten thousand requests in a hundred seconds that nobody watched.
    before.server.restarted -= 100.0
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


async def test_an_index_that_could_not_be_read_for_a_while_is_no_change() -> None:
    def unread(console: Before) -> None:
        console.server.index = None if console.at > BEGAN + 20 else (READY,)

    before = Before().watch(60, unread)
    now = replace(before.server, index=(READY,))

    first, *_ = await shown(before.at + 5, now, Kept(before.recording))

    assert not told(first, MarkerKind.LOAD)
