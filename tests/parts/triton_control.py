"""The controls of a real Triton, driven as the executor drives them: read, hold against before, apply, read back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from console.clock import SystemClock
from console.controls import model_files, triton
from console.controls.triton.server import Server
from console.domain.action import Action
from console.domain.fleet import Fleet, Target, Tls
from console.domain.plan import Proposal, Step
from console.domain.release import Release
from console.domain.secret import Secret
from console.domain.serving import Serving
from console.domain.situation import Situation
from console.domain.states import holds
from console.domain.triton import ControlMode
from console.ports import Control
from console.transport.http import Http
from console.transport.kit import Kit
from tests.parts.triton import TritonServer
from tests.snapshots import FakeHistory, model_row, snapshot, target_row

NAME = "triton-0"


@dataclass
class Desk:
    """One server and a control of it; ``configs`` (by model) is what the picture knows of other models."""

    server: TritonServer
    grpc: bool = True
    mode: ControlMode = ControlMode.EXPLICIT
    repository: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    configs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    release: Release | None = None
    rows: Sequence[Any] = ()
    files: bool = False

    def __post_init__(self) -> None:
        target = Target(
            NAME, self.server.url, self.server.metrics_url, self.server.grpc if self.grpc else None
        )
        secrets = {name: Secret(value) for name, value in self.headers.items()}
        self.fleet = Fleet(targets=(target,), headers=secrets, repository=self.repository)
        self.kit = Kit(SystemClock(), Http(secrets, Tls()))
        made = (model_files if self.files else triton).controls(self.fleet, self.kit)
        self.control: Control = made[0]

    async def propose(self, action: Action) -> Proposal:
        """What the control proposes for an action now."""
        names = dict.fromkeys((action.model, *self.configs))
        rows = self.rows or tuple(model_row(name, "1", targets=(NAME,)) for name in names)
        history = FakeHistory(configs={name: {NAME: raw} for name, raw in self.configs.items()})
        picture = snapshot(rows, (target_row(NAME, mode=self.mode),), fleet=self.fleet, history=history)
        situation = Situation(picture, 0.0, "plan", release=self.release)
        survey = await self.control.survey(action, situation)
        assert survey is not None
        return self.control.propose(action, situation, survey)

    async def run(self, steps: Sequence[Step]) -> None:
        """Run steps; each must start from what it expects and end in what it promises."""
        for step in steps:
            before = await self.control.read(step)
            assert holds(step.before, before), (step.title, step.before, before)
            await self.control.apply(step)
            after = await self.control.read(step)
            assert holds(step.after, after), (step.title, step.after, after)

    async def serving(self, model: str) -> Serving:
        """What the server says of a model."""
        return await Server(self.fleet.targets[0], self.fleet, self.kit).serving(model)

    async def ready(self, model: str) -> list[str]:
        """Which versions the server says are ready."""
        return list((await self.serving(model)).ready)

    async def close(self) -> None:
        """Close the control and its connections."""
        await self.control.close()
        await self.kit.http.close()


def undo(steps: Sequence[Step]) -> list[Step]:
    """The steps that bring the world back, in their order."""
    found = [step.inverse for step in reversed(steps)]
    assert all(found)
    return [step for step in found if step is not None]
