"""The acting commands on knobs: the real command line and the real door, with nothing outside."""

import asyncio
import io
import os
import pty
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from console.domain.action import ActionKind
from console.domain.fleet import Fleet
from console.domain.snapshot import Snapshot
from console.domain.states import Json
from tests.parts.knobs import Bench, Knobs, bench
from tests.snapshots import snapshot

TURNS: Mapping[ActionKind, Mapping[str, Json]] = {
    kind: {"a": 2, "b": 3} for kind in ActionKind if kind not in (ActionKind.UNDO, ActionKind.CONTINUE)
}


@dataclass
class World:
    """A bench, and the fleets that commands have opened on it."""

    bench: Bench
    picture: Snapshot
    built: list[Fleet] = field(default_factory=list)

    @property
    def knobs(self) -> Knobs:
        """What is turned."""
        return self.bench.knobs

    def build(self, fleet: Fleet) -> "StandEngine":
        """In the place of ``wiring.build``."""
        self.built.append(fleet)
        self.bench.door._fleet = fleet
        return StandEngine(fleet, self)


@dataclass
class StandEngine:
    """An engine that has one picture and never polls."""

    fleet: Fleet
    world: World
    snapshot: Snapshot | None = None

    @property
    def door(self) -> object:
        """The bench's door."""
        return self.world.bench.door

    async def observe(self, seconds: float) -> Snapshot:
        """The picture at once."""
        self.snapshot = self.world.picture
        return self.snapshot

    async def run(self) -> None:
        """Do nothing until cancelled."""
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Nothing to close."""


def stand(monkeypatch: pytest.MonkeyPatch, picture: Snapshot | None = None) -> World:
    """Put knobs in the place of everything that the commands would reach."""
    picture = picture or snapshot()
    world = World(bench(picture, Knobs(wanted=TURNS)), picture)
    monkeypatch.setattr("console.wiring.build", world.build)
    monkeypatch.setattr("console.wiring.journal", lambda _: world.bench.journal)
    monkeypatch.setattr("console.wiring.releases", lambda _: world.bench.releases)
    return world


class Typist(io.StringIO):
    """A terminal on stdout whose reader types the answer when the question has been asked."""

    def __init__(self, answer: str) -> None:
        super().__init__()
        self.ours, theirs = pty.openpty()
        self.keyboard = os.fdopen(theirs, encoding="utf-8")
        self._answer = answer

    def isatty(self) -> bool:
        """It is one."""
        return True

    def flush(self) -> None:
        """What has been written is read now."""
        if self.getvalue().endswith("leaves everything as it is: ") and self._answer:
            os.write(self.ours, self._answer.encode())
            self._answer = ""


def at_terminal(monkeypatch: pytest.MonkeyPatch, answer: str) -> Typist:
    """Run the commands of a test on a terminal where that is typed."""
    typist = Typist(answer)
    monkeypatch.setattr("sys.stdin", typist.keyboard)
    monkeypatch.setattr("sys.stdout", typist)
    return typist
