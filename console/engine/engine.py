"""The engine's facade: one fleet, its sources, its snapshots."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from random import Random
from typing import NamedTuple

from console.domain.failure import Failure, FailureKind
from console.domain.fleet import Fleet
from console.domain.marker import Marker
from console.domain.recording import Input, Recalled, RecordingError, Silence, Taping, Unsilence
from console.domain.sample import Sample
from console.domain.snapshot import Snapshot
from console.domain.triage import Walk
from console.engine.door import Door
from console.engine.feed import feed
from console.engine.following import Crew, Following
from console.engine.gate import Trials
from console.engine.poller import Poller
from console.engine.quiet import Quiet
from console.engine.recall import Wanted, recall
from console.engine.store import DISPLAY_WINDOW_S, Store
from console.ports import Clock, Incidents, Past, Recorder, Source, Triage

_FIRST_LOOK_S = 0.05
_FIRST_WAIT_S = 1.0
# A login of kubectl may take some seconds: until then nobody knows which targets there are.
_LOOK_WAIT_S = 12.0

Listener = Callable[[Snapshot], None]


class Memory(NamedTuple):
    """What an engine remembers with: where it records, the incidents, and where it finds what was before the watch."""

    recorder: Recorder | None = None
    incidents: Incidents | None = None
    pasts: Sequence[Past] = ()


class Engine:
    """Polls a fleet and publishes a snapshot each refresh."""

    def __init__(
        self,
        fleet: Fleet,
        sources: Sequence[Source],
        clock: Clock,
        random: Random,
        release: Callable[[], Awaitable[None]],
    ) -> None:
        self.fleet = fleet
        self.snapshot: Snapshot | None = None
        self._clock = clock
        self._store = Store(fleet)
        self._poller = Poller(sources, clock, random, self._take)
        self._following = Following(fleet, self._poller, clock)
        self._release = release
        self._door: Door | None = None
        self._triage: Triage | None = None
        self._memory = Memory()
        self._trials: Trials | None = None
        self._recalled: Recalled | None = None
        self._ticking = False
        self._waiting: list[Input] = []
        self._listeners: list[Listener] = []

    def attach(
        self,
        door: Door,
        triage: Triage | None = None,
        memory: Memory | None = None,
        trials: Trials | None = None,
    ) -> None:
        """Act through this door, decide with this triage, remember with this memory, and close them with the engine.

        ``trials`` is what sends inferences to compare.
        """
        self._trials = trials
        self._door = door
        self._triage = triage
        self._memory = memory or Memory()

    def enlist(self, crew: Crew) -> None:
        """Have each target that is found asked by the sources that this crew has for it."""
        self._following.crew = crew

    @property
    def door(self) -> Door:
        """The way to change anything."""
        if self._door is None:
            raise RuntimeError("this engine was built without a door")
        return self._door

    @property
    def triage(self) -> Triage:
        """The way from a snapshot to a cause."""
        if self._triage is None:
            raise RuntimeError("this engine was built without triage")
        return self._triage

    @property
    def trials(self) -> Trials | None:
        """What sends the same inferences to two versions, None where nothing does."""
        return self._trials

    @property
    def incidents(self) -> Incidents:
        """The fleet's incidents."""
        if self._memory.incidents is None:
            raise RuntimeError("this engine was built without incidents")
        return self._memory.incidents

    @property
    def player(self) -> None:
        """Nothing moves a watch: its pictures are of now."""
        return None

    def subscribe(self, listener: Listener) -> None:
        """Call ``listener`` with each new snapshot, on the loop that runs the engine."""
        self._listeners.append(listener)

    def mark(self, marker: Marker) -> None:
        """Add a marker that no source tells, such as a note."""
        self._take(marker)

    def tell(self, walk: Walk) -> None:
        """Remember an answer of the triage as it was shown."""
        if self._memory.recorder is not None:
            self._memory.recorder.tell(walk)

    def silence(self, id: str, subject: str, note: str, who: str, until: float | None = None) -> None:  # noqa: A002 - the name that alerts have
        """Let an alert no longer count, because of a note; see ``AlertBook.silence``."""
        self._take(Silence(id, subject, note, who, until))

    def unsilence(self, id: str, subject: str) -> None:  # noqa: A002 - the name that alerts have
        """Let an alert count again."""
        self._take(Unsilence(id, subject))

    async def run(self) -> None:
        """Poll and publish until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._poller.run())
            await self._recall()
            if self._door is not None and self.fleet.good_after_s and not self.fleet.read_only:
                group.create_task(
                    Quiet(self._door, self.fleet.good_after_s, self._clock).run(lambda: self.snapshot)
                )
            await self._first_look()
            await self._first_answers()
            while True:
                await self._publish()
                await self._clock.sleep(self.fleet.refresh)

    async def observe(self, seconds: float) -> Snapshot:
        """One picture from two polls, ``seconds`` apart, as of the targets' answers to the second."""
        self.fleet = replace(self.fleet, refresh=seconds)
        self._store = Store(self.fleet, max(seconds, DISPLAY_WINDOW_S))
        started = await self._poller.once()
        await self._publish(self._store.newest)
        await self._clock.sleep(max(0.0, started + seconds - self._clock.monotonic()))
        await self._poller.once()
        return await self._publish(self._store.newest)

    async def paced(self) -> AsyncIterator[Snapshot]:
        """Pictures without end, one a refresh, each of one poll of the servers: what they count is counted once."""
        while True:
            started = self._clock.monotonic()
            await self._poller.due()
            yield await self._publish(self._store.newest)
            await self._clock.sleep(max(0.0, started + self.fleet.refresh - self._clock.monotonic()))

    async def watched(self, seconds: float) -> Snapshot:
        """The picture after polling and publishing for so long; nothing else of ``run`` is done meanwhile."""
        async with asyncio.TaskGroup() as group:
            polling = group.create_task(self._poller.run())
            await self._recall()
            await self._first_look()
            until = self._clock.monotonic() + seconds
            await self._first_answers()
            while (left := until - self._clock.monotonic()) > 0:
                await self._publish()
                await self._clock.sleep(min(self.fleet.refresh, left))
            polling.cancel()
        return await self._publish()

    async def close(self) -> None:
        """Close sources, controls and connections."""
        recorder = self._memory.recorder
        # Begun first, so that it is written to its end even where a loop that ends lets nobody wait for it.
        written = asyncio.get_running_loop().run_in_executor(None, recorder.close) if recorder else None
        await self._poller.close()
        if self._triage is not None:
            await self._triage.close()
        if self._door is not None:
            await self._door.close()
        await self._release()
        if written is not None:
            await written

    @property
    def taping(self) -> Taping | None:
        """How it records, None where it does not."""
        return self._memory.recorder.state if self._memory.recorder is not None else None

    def _take(self, entry: Input) -> None:
        """Remember an input; what comes while a picture is being made belongs to the next one."""
        if self._ticking:
            self._waiting.append(entry)
            return
        feed(self._store, entry)
        if self._memory.recorder is not None:
            self._memory.recorder.take(entry)
        if isinstance(entry, Sample):
            self._following.take(entry, self._store.roll.fleet.targets)

    async def _recall(self) -> None:
        """Fill the store with what was before the watch; what comes in meanwhile is taken after that."""
        if not self._memory.pasts:
            return
        wanted = Wanted(self.fleet, self._clock.now(), self._clock.monotonic(), self._poller.names)
        self._ticking = True
        try:
            found = await recall(wanted, self._memory.pasts, self._without)
        finally:
            self._ticking = False
        if found is not None:
            self._store, self._recalled = found
        self._take_waiting()

    def _without(self, past: str, error: RecordingError) -> None:
        failure = Failure(FailureKind.GARBAGE, "past", str(error), error.hint)
        now = self._clock.now(), self._clock.monotonic()
        self._waiting.append(Sample(past, None, *now, 0.0, 0.0, None, failure))

    def _take_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        for entry in waiting:
            self._take(entry)

    async def _first_look(self) -> None:
        """Wait until it is known which targets there are; at once where the settings say so."""
        until = self._clock.monotonic() + _LOOK_WAIT_S
        while not self._following.looked and self._clock.monotonic() < until:
            await self._clock.sleep(_FIRST_LOOK_S)

    async def _first_answers(self) -> None:
        """Wait a moment for every target's first answer, so that the first picture is whole."""
        until = self._clock.monotonic() + _FIRST_WAIT_S
        while not self._store.roll.complete and self._clock.monotonic() < until:
            await self._clock.sleep(_FIRST_LOOK_S)

    async def _publish(self, moment: tuple[float, float] | None = None) -> Snapshot:
        """Make the picture of a moment (epoch and monotonic seconds), now if none is given."""
        at, mono = moment or (self._clock.now(), self._clock.monotonic())
        self._ticking = True
        try:
            self.snapshot = replace(
                await self._picture(at, mono), taping=self.taping, recalled=self._recalled
            )
        finally:
            self._ticking = False
        if self._memory.recorder is not None:
            self._memory.recorder.tick(self.snapshot, mono)
        self._take_waiting()
        for listener in self._listeners:
            listener(self.snapshot)
        return self.snapshot

    async def _picture(self, at: float, mono: float) -> Snapshot:
        """The store's picture, the loop free for others in between."""
        for snapshot in self._store.ticking(at, mono):
            if snapshot is not None:
                return snapshot
            await asyncio.sleep(0)
        raise RuntimeError("a tick ends in a snapshot")
