"""What an engine hands to its recorder: every input once, in order, and never one that its picture did not know."""

import asyncio
from collections.abc import Iterator
from random import Random

from console.domain.fleet import Fleet, ModelVersion, Target
from console.domain.marker import Marker, MarkerKind
from console.domain.recording import Input, Silence, Taping, Unsilence
from console.domain.snapshot import Snapshot
from console.domain.triage import Walk
from console.domain.triton import IndexEntry, State, TritonReading
from console.engine.engine import Engine, Memory
from tests.parts.clock import HandClock

MANY = tuple(IndexEntry(f"model-{number:04}", "1", State.READY) for number in range(600))


class Kept:
    """A recorder that keeps inputs and pictures in one list."""

    def __init__(self) -> None:
        self.entries: list[Input | Snapshot] = []
        self.closed = False

    @property
    def state(self) -> Taping:
        return Taping("memory", 0.0, len(self.entries))

    def take(self, entry: Input) -> None:
        self.entries.append(entry)

    def tick(self, snapshot: Snapshot, mono: float) -> None:
        self.entries.append(snapshot)

    def tell(self, walk: Walk) -> None:
        raise AssertionError("nobody asked")

    def close(self) -> None:
        self.closed = True


class Server:
    """A server of 600 models, so that a picture is made in several stretches."""

    name, target, every, timeout = "triton:a", "a", 1.0, 2.0

    async def poll(self) -> TritonReading:
        return TritonReading(live=True, ready=True, index=MANY)

    async def close(self) -> None:
        return


async def released() -> None:
    return


def engine_of(recorder: Kept, clock: HandClock) -> Engine:
    engine = Engine(
        Fleet("room", (Target("a", "http://a:8000", ""),)), [Server()], clock, Random(1), released
    )
    engine.attach(None, memory=Memory(recorder))  # type: ignore[arg-type]  # nothing is changed here
    return engine


async def test_samples_stand_before_the_picture_that_shows_them() -> None:
    recorder, clock = Kept(), HandClock()
    engine = engine_of(recorder, clock)
    task = asyncio.ensure_future(engine.run())
    await clock.advance(3.5)
    task.cancel()

    kinds = [type(entry).__name__ for entry in recorder.entries]
    assert kinds[:4] == ["Sample", "Snapshot", "Sample", "Snapshot"]
    first = recorder.entries[1]
    assert isinstance(first, Snapshot)
    assert first.taping is not None
    assert len(first.models) == 600


async def test_what_comes_while_a_picture_is_made_belongs_to_the_next_one() -> None:
    recorder, clock = Kept(), HandClock()
    engine = engine_of(recorder, clock)
    note = Marker(clock.now(), MarkerKind.NOTE, "the fleet", "ana: look at this")

    ticking = engine._store.ticking

    def interrupted(at: float, mono: float) -> Iterator[Snapshot | None]:
        for number, snapshot in enumerate(ticking(at, mono)):
            if number == 1 and note not in recorder.entries:
                engine.mark(note)
            yield snapshot

    engine._store.ticking = interrupted  # type: ignore[method-assign]
    watching = asyncio.ensure_future(engine.run())
    await clock.advance(2.5)
    watching.cancel()

    pictures = [e for e in recorder.entries if isinstance(e, Snapshot)]
    place = recorder.entries.index(note)
    assert isinstance(recorder.entries[place - 1], Snapshot)
    assert note not in recorder.entries[place - 1].markers  # type: ignore[union-attr]
    assert note in pictures[-1].markers
    assert pictures[-1].history.states(ModelVersion("model-0000", "1"))


async def test_silences_are_inputs_too_and_the_recorder_is_closed_with_the_engine() -> None:
    recorder, clock = Kept(), HandClock()
    engine = engine_of(recorder, clock)
    engine.silence("slo_burn", "ranker", "known", "ana")
    engine.unsilence("slo_burn", "ranker")
    await engine.close()

    assert recorder.entries == [
        Silence("slo_burn", "ranker", "known", "ana", None),
        Unsilence("slo_burn", "ranker"),
    ]
    assert recorder.closed
