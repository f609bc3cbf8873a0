"""A server's model repository: what is on disk, what is loaded, and how far each version is."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from console.drill.sim.runtime import Runtime
from console.drill.spec import ModelSpec, VersionSpec

if TYPE_CHECKING:
    from console.drill.sim.operations import Operation

UNLOADED = "unloaded"


class State(StrEnum):
    """Triton's states of a version."""

    READY = "READY"
    LOADING = "LOADING"
    UNLOADING = "UNLOADING"
    UNAVAILABLE = "UNAVAILABLE"


@dataclass(slots=True)
class Slot:
    """One version that was ever loaded. ``runtime`` serves it while it is READY."""

    state: State
    reason: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    spec: VersionSpec = field(default_factory=VersionSpec)
    runtime: Runtime | None = None
    gone_at: float = 0.0

    def unloaded(self) -> None:
        """Mark the version as unloaded."""
        self.state, self.reason, self.runtime = State.UNAVAILABLE, UNLOADED, None

    @property
    def failed(self) -> bool:
        """True where the last load failed and nothing serves."""
        return self.state is State.UNAVAILABLE and self.reason != UNLOADED


@dataclass(slots=True)
class Disk:
    """A model's directory: the config given, the version directories, and a stamp that changes with them."""

    config: Mapping[str, Any]
    versions: dict[int, VersionSpec]
    stamp: int = 0


@dataclass(slots=True)
class Model:
    """One model on one server.

    ``config`` and ``stamp`` are those of the last load that succeeded, None while it is not
    loaded. ``explicit`` was asked for by name, not loaded as part of an ensemble.
    ``operations`` wait for each other; the first is under way.
    """

    name: str
    disk: Disk | None
    answer: str = "echo"
    slots: dict[int, Slot] = field(default_factory=dict)
    config: Mapping[str, Any] | None = None
    stamp: int | None = None
    explicit: bool = False
    operations: "deque[Operation]" = field(default_factory=deque)

    @property
    def ready(self) -> list[int]:
        """Versions that serve, in order."""
        return sorted(version for version, slot in self.slots.items() if slot.state is State.READY)

    @property
    def parts(self) -> list[tuple[str, int]]:
        """Models and versions (-1: the newest) that the ensemble calls, in order; none for a plain model."""
        given = self.config or (self.disk.config if self.disk else {})
        steps = (given.get("ensemble_scheduling") or {}).get("step", [])
        return [(step["model_name"], step.get("model_version", -1)) for step in steps]

    def serving(self, version: int | None = None) -> Slot | None:
        """The slot that answers a request for a version, the newest READY one when none is named."""
        if version is None:
            ready = self.ready
            return self.slots[ready[-1]] if ready else None
        slot = self.slots.get(version)
        return slot if slot and slot.state is State.READY else None


def model_on_disk(name: str, spec: ModelSpec) -> Model:
    """A model as the fleet's file describes it, not loaded."""
    return Model(name, Disk(spec.config, dict(spec.versions)), spec.answer)


def index(models: Mapping[str, Model], *, ready_only: bool) -> list[dict[str, str]]:
    """The repository index: the directories on disk at this moment and what is known of their versions."""
    rows: list[dict[str, str]] = []
    for name in sorted(models):
        model = models[name]
        if model.disk is None:
            continue
        if not model.slots and not ready_only:
            rows.append({"name": name})
        for version in sorted(model.slots):
            slot = model.slots[version]
            if ready_only and slot.state is not State.READY:
                continue
            row = {"name": name, "version": str(version), "state": slot.state.value}
            rows.append(row | ({"reason": slot.reason} if slot.reason else {}))
    return rows


def all_settled(models: Mapping[str, Model]) -> bool:
    """Strict readiness: no version is on its way, and none failed and stayed failed."""
    return not any(
        slot.state in {State.LOADING, State.UNLOADING} or slot.failed
        for model in models.values()
        for slot in model.slots.values()
    )
