"""Loads and unloads of one model: what Triton does, in its order, with its texts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from console.drill.sim.model_config import ConfigError, complete, parse, served_versions
from console.drill.sim.repository import UNLOADED, Disk, Model, Slot, State
from console.drill.spec import VersionSpec

if TYPE_CHECKING:
    from console.drill.sim.server import Server

BACKENDS = {"python", "onnxruntime", "tensorrt", "pytorch", "tensorflow", "identity", "openvino"}
_IN_PLACE = ("version_policy", "instance_group")
_ENSEMBLE_S = 0.001


@dataclass(slots=True)
class Ticket:
    """The answer to a load or unload, once there is one: an HTTP status and the text of its error."""

    status: int = 0
    error: str = ""

    @property
    def done(self) -> bool:
        """True when the request can be answered."""
        return self.status != 0

    def close(self, status: int = 200, error: str = "") -> None:
        """Answer."""
        self.status, self.error = status, error


class Operation(Protocol):
    """A load or unload in a model's queue; ``due`` is the second at which it can end, as far as that is known."""

    ticket: Ticket
    due: float

    def advance(self, server: "Server", now: float) -> bool:
        """Go on as far as time allows; True when the next operation may begin."""
        ...


@dataclass(slots=True)
class UnloadOperation:
    """Unload of a model, and with ``dependents`` of the parts that only the ensemble brought in."""

    model: Model
    dependents: bool = False
    ticket: Ticket = field(default_factory=Ticket)
    due: float = 0.0

    def advance(self, server: "Server", now: float) -> bool:
        """Take the versions out of service at once; they are gone when their requests are."""
        parts = self.model.parts if self.dependents else []
        retire(server, self.model, now)
        for other in server.models.values():
            if any(name == self.model.name for name, _ in other.parts):
                retire(server, other, now)
        for name, _ in parts:
            part = server.models.get(name)
            if part and not part.explicit:
                retire(server, part, now)
        self.ticket.close()
        return True


def retire(server: "Server", model: Model, now: float) -> None:
    """Stop serving every version of a model."""
    model.config, model.stamp, model.explicit = None, None, False
    for version in model.ready:
        server.drain(model, version, now)


class LoadOperation:
    """Load of a model, with the config and files that a request brought, if any."""

    def __init__(
        self, model: Model, override: str | None = None, files: tuple[str, ...] = (), *, instant: bool = False
    ) -> None:
        self.model = model
        self.ticket = Ticket()
        self._override = override
        self._files = files
        self._instant = instant
        self._begun = False
        self._parts: list[Operation] = []
        self._config: dict[str, Any] = {}
        self._versions: list[int] = []
        self._starting: dict[int, VersionSpec] = {}
        self._began = 0.0
        self.due = 0.0

    def advance(self, server: "Server", now: float) -> bool:
        """Begin, wait, and end with new versions in service or the old ones untouched."""
        if not self._begun:
            self._begun = True
            self._began = now
            self._begin(server, now)
        if not self.ticket.done and all(part.ticket.done for part in self._parts) and now >= self.due:
            self._end(server, now)
        return self.ticket.done

    def _begin(self, server: "Server", now: float) -> None:
        model = self.model
        disk = self._disk()
        unchanged = self._override is None and model.stamp is not None and disk and model.stamp == disk.stamp
        if unchanged:
            model.explicit = True
            self.ticket.close()
            return
        config = self._polled(disk, gpu=server.gpu is not None)
        if disk is None or config is None:
            self.ticket.close(500, f"failed to load '{model.name}', failed to poll from model repository")
            return
        self._config = config
        self._versions = served_versions(self._config, disk.versions)
        if not self._versions:
            text = f"at least one version must be available under the version policy of model '{model.name}'"
            self.ticket.close(*_load_failed(model.name, text))
            return
        self._plan(server, disk, now)

    def _polled(self, disk: Disk | None, *, gpu: bool) -> dict[str, Any] | None:
        """The completed config, None where there is none or it is wrong: Triton says which in its log only."""
        if disk is None:
            return None
        try:
            given = disk.config if self._override is None else parse(self._override)
            return complete(self.model.name, given, gpu=gpu)
        except ConfigError:
            return None

    def _disk(self) -> Disk | None:
        """The directory to load from; files in the request stand in for one that does not exist."""
        brought = {
            int(name.split("/")[0]): VersionSpec() for name in self._files if name.split("/")[0].isdigit()
        }
        if self._override is not None and brought:
            return Disk({}, brought, stamp=-1)
        return self.model.disk

    def _plan(self, server: "Server", disk: Disk, now: float) -> None:
        for version in self._versions:
            slot = self.model.slots.get(version)
            if slot and slot.state is State.READY and self._same(slot, disk.versions[version]):
                if not self._scale(server, slot, version):
                    return
                continue
            self._starting[version] = disk.versions[version]
            if not (slot and slot.state is State.READY):
                self.model.slots[version] = Slot(State.LOADING)
                server.series_of(self.model.name, version).shown = True
        for name, _ in [(step["model_name"], 0) for step in _steps(self._config)]:
            part = server.models.get(name)
            if part is not None and not part.ready:
                self._parts.append(server.load_part(part, instant=self._instant))
        if _steps(self._config):
            seconds = _ENSEMBLE_S
        else:
            seconds = max((spec.load_s for spec in self._starting.values()), default=0.0)
        hangs = any(spec.hangs for spec in self._starting.values())
        self.due = float("inf") if hangs else now + (0.0 if self._instant or self._absent() else seconds)

    def _same(self, slot: Slot, spec: VersionSpec) -> bool:
        """True where the version serves already with these files and a config that differs only in place."""

        def rest(config: Mapping[str, Any]) -> dict[str, Any]:
            return {name: value for name, value in config.items() if name not in _IN_PLACE}

        return slot.spec is spec and rest(slot.config) == rest(self._config)

    def _scale(self, server: "Server", slot: Slot, version: int) -> bool:
        """Change the number of instances in place; False when the new groups are refused."""
        if slot.config.get("instance_group") == self._config.get("instance_group"):
            return True
        refused = self._misplaced(server)
        if refused:
            slot.reason = refused
            self.ticket.close(
                *_load_failed(self.model.name, f"version {version} is at READY state: {refused};")
            )
            return False
        slot.config = {**slot.config, "instance_group": self._config["instance_group"]}
        server.resize(slot)
        return True

    def _misplaced(self, server: "Server") -> str:
        name = self.model.name
        for group in self._config.get("instance_group", ()):
            if group["kind"] == "KIND_GPU" and server.gpu is None:
                return (
                    f"Invalid argument: instance group {group['name']} of model {name}"
                    " has kind KIND_GPU but no GPUs are available"
                )
        return ""

    def _absent(self) -> str:
        """Why no instance can even be started."""
        backend = self._config["backend"]
        if _steps(self._config) or backend in BACKENDS:
            return ""
        return (
            f"Invalid argument: unable to find backend library for backend '{backend}',"
            " try specifying runtime on the model configuration."
        )

    def _reason(self, server: "Server", version: int, spec: VersionSpec) -> str:
        """Why a version cannot serve, empty when it can."""
        return (
            self._absent()
            or self._misplaced(server)
            or spec.fails
            or server.out_of_memory(self._config, spec, self.model, version)
        )

    def _end(self, server: "Server", now: float) -> None:
        failed_part = next((part for part in self._parts if part.ticket.status != 200), None)
        if failed_part is not None:
            self._fail(server, dict.fromkeys(self._starting, failed_part.ticket.error), now)
            return
        reasons = {
            version: reason
            for version, spec in self._starting.items()
            if (reason := self._reason(server, version, spec))
        }
        if reasons:
            self._fail(server, reasons, now)
        else:
            self._activate(server, now)

    def _fail(self, server: "Server", reasons: Mapping[int, str], now: float) -> None:
        """Old versions stay as they are; new ones of the same load go, the good ones too."""
        texts = []
        for version in sorted(self._starting):
            slot = self.model.slots[version]
            reason = reasons.get(version)
            if reason is not None:
                texts.append(f"version {version} is at UNAVAILABLE state: {reason};")
            if slot.state is not State.LOADING:
                continue
            if reason is None:
                slot.state, slot.gone_at = State.UNLOADING, now + self._starting[version].unload_s
            else:
                slot.state, slot.reason = State.UNAVAILABLE, reason
                server.series_of(self.model.name, version).close()
        self.ticket.close(*_load_failed(self.model.name, "\n".join(texts)))

    def _activate(self, server: "Server", now: float) -> None:
        model = self.model
        for version, spec in self._starting.items():
            server.activate(model, version, spec, self._config, now)
            server.series_of(model.name, version).load_s = now - self._began
        for version in [version for version in model.ready if version not in self._versions]:
            server.drain(model, version, now)
        for version in self._versions:
            if version in self._starting:
                model.slots[version].reason = ""
        model.config = self._config
        model.stamp = model.disk.stamp if model.disk else -1
        model.explicit = True
        self.ticket.close()


def load_operation(model: Model, parameters: Mapping[str, Any]) -> LoadOperation:
    """The load that a request's parameters ask for; raises ValueError with Triton's text."""
    files = []
    for name, value in parameters.items():
        if name != "config" and not name.startswith("file:"):
            raise ValueError("unexpected error on creating Triton parameter")
        if not isinstance(value, str):
            raise TypeError("attempt to access JSON non-string as string")
        if name != "config":
            files.append(name.removeprefix("file:"))
    return LoadOperation(model, parameters.get("config"), tuple(files))


def _steps(config: Mapping[str, Any]) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = (config.get("ensemble_scheduling") or {}).get("step", [])
    return steps


def _load_failed(name: str, text: str) -> tuple[int, str]:
    return 400, f"load failed for model '{name}': {text}\n"


def unloaded(slot: Slot) -> None:
    """Mark a version as unloaded."""
    slot.state, slot.reason, slot.runtime = State.UNAVAILABLE, UNLOADED, None
