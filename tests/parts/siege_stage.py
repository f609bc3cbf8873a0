"""The whole console over a real engine, its door on knobs in memory, and everything that goes wrong written down."""

import asyncio
import re
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from console import wiring
from console.domain.action import Action
from console.domain.fleet import Fleet
from console.domain.plan import Plan, Proposal
from console.domain.run import Run
from console.domain.situation import Situation
from console.domain.snapshot import Snapshot
from console.domain.states import Json
from console.engine.door import Door
from screens.app import ConsoleApp
from tests.parts.knobs import Bench, Knobs, _door, bench, knob_step

PATIENCE_S = 120.0
_LOOK_S = 0.05
_NAP_S = 0.01
_PAGE = 4096
_STATM = Path("/proc/self/statm")
HARMFUL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
"""What no cell of a terminal may hold: controls, bidi and invisible characters."""


class EveryKnob(Knobs):
    """Whatever is asked for turns both knobs, to the other of two positions."""

    async def survey(self, action: Action, situation: Situation) -> object | None:
        """The values now."""
        return dict(self.values)

    def propose(self, action: Action, situation: Situation, survey: dict[str, Json]) -> Proposal:
        """A step for each knob."""
        return Proposal(steps=tuple(knob_step(k, v, 1 if v == 2 else 2) for k, v in survey.items()))


class WatchedDoor:
    """A door that remembers what was planned and what was run."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self.planned: dict[str, Plan] = {}
        self.ran: list[str] = []

    async def plan(self, action: Action) -> Plan:
        """As the door."""
        plan = await self._door.plan(action)
        self.planned[plan.id] = plan
        return plan

    async def run(self, plan: Plan, report: Callable[[Run], None]) -> Run:
        """As the door."""
        self.ran.append(plan.id)
        return await self._door.run(plan, report)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._door, name)


class SiegedEngine:
    """An engine as wiring builds it, but for its door; what it keeps, that is in files if it keeps anything."""

    def __init__(self, fleet: Fleet, keeping: wiring.Keeping = wiring.NOTHING_KEPT) -> None:
        self._engine = wiring.build(fleet, keeping)
        self.made: Bench = bench(None, EveryKnob(), fleet)
        if keeping.flight:
            self.made.journal = wiring.journal(fleet)  # type: ignore[assignment]
            self.made.releases = wiring.releases(fleet)  # type: ignore[assignment]
        self.door = WatchedDoor(_door(self.made, fleet, "ana@bastion", lambda: self._engine.snapshot))
        # What acts on the outside is not opened at all.
        self._engine._door = self.door._door

    @property
    def snapshot(self) -> Snapshot | None:
        """The newest picture."""
        return self._engine.snapshot

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


@dataclass
class Siege:
    """A console under siege. ``errors`` is what the loop was told of; ``lags`` are seconds that the loop came late."""

    app: ConsoleApp
    pilot: Pilot[None]
    engine: SiegedEngine
    lags: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    begun_mb: float = 0.0
    most_mb: float = 0.0

    @property
    def ended(self) -> bool:
        """Whether the console was left, or broke."""
        return self.app._exit or self.app._exception is not None

    @property
    def text(self) -> str:
        """The text on screen."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)

    def harm(self) -> list[str]:
        """Characters in painted cells that no terminal should be sent."""
        return [repr(found) for line in self.text.split("\n") for found in HARMFUL.findall(line)]

    async def until(self, wanted: Callable[[], object], what: str, seconds: float = PATIENCE_S) -> None:
        """Wait until something holds; what is on screen is shown where it never does."""
        try:
            async with asyncio.timeout(seconds):
                while not wanted():
                    if self.app._exception is not None:
                        raise self.app._exception
                    await asyncio.sleep(_LOOK_S)
        except TimeoutError:
            raise AssertionError(f"never {what}:\n{self.text}") from None

    async def seen(self, wanted: Callable[[Snapshot], object], what: str) -> Snapshot:
        """Wait for a picture that is as wanted."""
        await self.until(lambda: self.engine.snapshot is not None and wanted(self.engine.snapshot), what)
        assert self.engine.snapshot is not None
        return self.engine.snapshot

    def figures(self) -> str:
        """How late the loop came and how much memory it took, in a line."""
        lags = sorted(self.lags) or [0.0]
        p50, p99 = (lags[int(len(lags) * share)] * 1e3 for share in (0.5, 0.99))
        late = f"loop late by {p50:.1f} ms at p50, {p99:.1f} at p99, {lags[-1] * 1e3:.1f} at most"
        return f"{late}; memory {self.begun_mb:.0f} → {self.most_mb:.0f} MB at most"


def told(line: str) -> None:
    """Print a figure; ``pytest -s`` shows it."""
    sys.stdout.write(f"{line}\n")


def resident_mb() -> float:
    """What this process holds in memory; 0 where nobody tells."""
    if not _STATM.exists():
        return 0.0
    return int(_STATM.read_text().split()[1]) * _PAGE / 2**20


@asynccontextmanager
async def besieging(
    fleet: Fleet, size: tuple[int, int] = (120, 40), keeping: wiring.Keeping = wiring.NOTHING_KEPT
) -> AsyncIterator[Siege]:
    """A console on the fleet, its engine running and its first picture made."""
    opened: list[SiegedEngine] = []

    def open_engine() -> SiegedEngine:
        opened.append(SiegedEngine(fleet, keeping))
        return opened[0]

    app = ConsoleApp(fleet, open_engine)  # type: ignore[arg-type]
    errors: list[str] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, told: errors.append(str(told)))
    try:
        async with app.run_test(size=size, notifications=True) as pilot:
            async with asyncio.timeout(PATIENCE_S):
                while not opened:  # noqa: ASYNC110 - the app opens it in a thread of its own
                    await asyncio.sleep(_LOOK_S)
            siege = Siege(app, pilot, opened[0], errors=errors, begun_mb=resident_mb())
            watching = asyncio.create_task(_watch(siege))
            try:
                await siege.seen(lambda picture: picture.sequence > 0, "a first picture")
                yield siege
            finally:
                watching.cancel()
    finally:
        loop.set_exception_handler(None)


async def _watch(siege: Siege) -> None:
    while True:
        begun = time.perf_counter()
        await asyncio.sleep(_NAP_S)
        siege.lags.append(time.perf_counter() - begun - _NAP_S)
        siege.most_mb = max(siege.most_mb, resident_mb())
