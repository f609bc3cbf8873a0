"""A world that is frozen and reduced by shell commands: a file that they write, and a door that runs them."""

from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from console.clock import SystemClock
from console.controls import command, deploy_lock
from console.domain.action import Action
from console.domain.fleet import Fleet, Tls
from console.domain.run import Run
from console.domain.secret import Secret
from console.domain.surfaces import CommandGateway, Freeze
from console.engine.door import Door, Parts
from console.ports import Control
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.knobs import CalmVerifier, MemoryJournal, MemoryReleases, MemoryRepository
from tests.snapshots import snapshot

SECRET = "hunter2"


class World:
    """A folder: ``thing`` is what the commands write, ``state`` what the console remembers."""

    def __init__(self, folder: Path, **freeze: Any) -> None:
        self.folder = folder
        self.thing = folder / "thing"
        self.models = folder / "thing.models"
        self.journal = MemoryJournal()
        self.fleet = Fleet(
            "prod",
            state=str(folder / "state"),
            headers={"key": Secret(SECRET)},
            freeze=Freeze(**freeze) if freeze else Freeze(),
        )

    def gateway(self, *, check: bool = True) -> "World":
        """With a gateway whose share is the number in the file."""
        show = f"cat {self.thing} 2>/dev/null || echo 100"
        self.fleet = replace(
            self.fleet,
            gateway=CommandGateway(
                reduce=f"printf '%s' {{percent}} > {self.thing}; echo '{{model}}' >> {self.thing}.models",
                restore=f"rm {self.thing}",
                check=show if check else "",
            ),
        )
        return self

    def control(self) -> Control:
        """The commands of the settings."""
        (made,) = command.controls(self.fleet, self._kit())
        return made

    def door(self, *more: Control, who: str = "ana@bastion") -> Door:
        """A console's door; all doors share the journal."""
        parts = Parts(
            controls=(self.control(), *more),
            journal=self.journal,
            releases=MemoryReleases(),
            repository=MemoryRepository(),
            verifier=CalmVerifier(),
            clock=SystemClock(),
            random=Random(),
            who=who,
        )
        return Door(self.fleet, parts, snapshot)

    def lock(self) -> Control:
        """The deploy lock."""
        return deploy_lock.controls(self.fleet, self._kit())[0]

    def _kit(self) -> Kit:
        return Kit(SystemClock(), Http({}, Tls()))

    def commands(self) -> list[str]:
        """The endings of the files that the record consists of."""
        return sorted(path.suffix for path in (self.folder / "state" / "commands").iterdir())


async def run(door: Door, action: Action) -> Run:
    """Plan and run what must not be refused."""
    plan = await door.plan(action)
    assert not plan.refusal, plan.refusal
    return await door.run(plan)
