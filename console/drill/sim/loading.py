"""Loading a model: what Triton does, in its order, with its texts."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from console.drill.sim.config_schema import ConfigError
from console.drill.sim.model_config import complete, parse, served_versions
from console.drill.sim.operations import Operation, Ticket, retire
from console.drill.sim.reasons import backend_missing, gpu_missing, steps_of, why_not
from console.drill.sim.repository import Disk, Model, Slot, State
from console.drill.spec import VersionSpec

if TYPE_CHECKING:
    from console.drill.sim.server import Server

_IN_PLACE = ("version_policy", "instance_group")
_ENSEMBLE_S = 0.001
# A model's series appear when its stub has started, long before it is READY.
_STUB_S = 1.2


class LoadOperation:
    """Load of a model, with the config and files that a request brought, if any.

    ``instant`` takes no time; a load that is not ``explicit`` happens for an ensemble.
    """

    def __init__(
        self,
        model: Model,
        override: str | None = None,
        files: tuple[str, ...] = (),
        *,
        instant: bool = False,
        explicit: bool = True,
    ) -> None:
        self.model = model
        self.ticket = Ticket()
        self.due = 0.0
        self._override = override
        self._files = files
        self._instant = instant
        self._explicit = explicit
        self._began: float | None = None
        self._config: dict[str, Any] = {}
        self._versions: list[int] = []
        self._starting: dict[int, VersionSpec] = {}
        self._parts: list[Operation] = []

    def advance(self, server: "Server", now: float) -> bool:
        """Begin, wait, and end with new versions in service or the old ones untouched."""
        if self._began is None:
            self._began = now
            self._begin(server, now)
        if self.ticket.done:
            return True
        if now >= self._began + _STUB_S:
            self._show(server)
        if all(part.ticket.done for part in self._parts) and now >= self.due:
            self._end(server, now)
        return self.ticket.done

    def _show(self, server: "Server") -> None:
        for version in self._starting:
            slot = self.model.slots.get(version)
            if slot is not None and slot.state is State.LOADING:
                server.series_of(self.model.name, version).shown = True

    def _begin(self, server: "Server", now: float) -> None:
        model, disk = self.model, self._disk()
        if self._override is None and disk is not None and model.stamp == disk.stamp:
            model.explicit = True
            self.ticket.close()
            return
        config = self._polled(disk, gpu=server.gpu is not None)
        if disk is None or config is None:
            self.ticket.close(500, f"failed to load '{model.name}', failed to poll from model repository")
            return
        self._config = config
        self._versions = served_versions(config, disk.versions)
        if not self._versions:
            self._refuse(
                f"at least one version must be available under the version policy of model '{model.name}'"
            )
        elif self._collect_parts(server, now):
            self._start(server, disk, now)

    def _disk(self) -> Disk | None:
        """The directory to load from; files in the request stand in for one that does not exist."""
        numbers = [name.split("/")[0] for name in self._files]
        brought = {int(number): VersionSpec() for number in numbers if number.isdigit()}
        if self._override is not None and brought:
            return Disk({}, brought, stamp=-1)
        return self.model.disk

    def _polled(self, disk: Disk | None, *, gpu: bool) -> dict[str, Any] | None:
        """The completed config, None where there is none or it is wrong: Triton says which in its log only."""
        if disk is None:
            return None
        try:
            given = disk.config if self._override is None else parse(self._override)
            return complete(self.model.name, given, gpu=gpu, found=disk.config.get("backend", "python"))
        except ConfigError:
            return None

    def _collect_parts(self, server: "Server", now: float) -> bool:
        """Load what an ensemble lacks; False where a part does not exist, and then the ensemble stops serving."""
        name = self.model.name
        parts = [step["model_name"] for step in steps_of(self._config)]
        unknown = [part for part in parts if part not in server.models]
        if unknown:
            retire(server, self.model, now)
            self._refuse(
                f"ensemble {name} contains models that are not available or ambiguous: {', '.join(unknown)}"
            )
            return False
        lacking = [server.models[part] for part in parts if not server.models[part].ready]
        self._parts = [server.load_part(part, instant=self._instant) for part in lacking]
        return True

    def _start(self, server: "Server", disk: Disk, now: float) -> None:
        for version in self._versions:
            slot = self.model.slots.get(version)
            serving = slot is not None and slot.state is State.READY
            if slot is not None and serving and self._same(slot, disk.versions[version]):
                if not self._scale(server, slot, version):
                    return
                continue
            self._starting[version] = disk.versions[version]
            if not serving and not self._parts:
                self.model.slots[version] = Slot(State.LOADING)
        self.due = now + self._seconds()

    def _seconds(self) -> float:
        if any(spec.hangs for spec in self._starting.values()):
            return float("inf")
        if self._instant or backend_missing(self._config):
            return 0.0
        if steps_of(self._config):
            return _ENSEMBLE_S
        return max((spec.load_s for spec in self._starting.values()), default=0.0)

    def _same(self, slot: Slot, spec: VersionSpec) -> bool:
        """True where the version serves already with these files and a config that differs only in place."""
        return slot.spec is spec and _lasting(slot.config) == _lasting(self._config)

    def _scale(self, server: "Server", slot: Slot, version: int) -> bool:
        """Change the number of instances in place; False when the new groups are refused."""
        if slot.config["instance_group"] == self._config["instance_group"]:
            return True
        slot.reason = gpu_missing(self._config, server.gpu)
        if slot.reason:
            self._refuse(f"version {version} is at READY state: {slot.reason};")
            return False
        slot.config = {**slot.config, "instance_group": self._config["instance_group"]}
        server.resize(slot)
        return True

    def _end(self, server: "Server", now: float) -> None:
        broken = next((part for part in self._parts if part.ticket.status != 200), None)
        if broken is not None:
            retire(server, self.model, now)
            self._refuse(
                f"ensemble '{self.model.name}' depends on '{broken.model.name}' which has no loaded version."
                f" Model '{broken.model.name}' loading failed with error: {broken.ticket.cause}"
            )
            return
        reasons = {
            version: why_not(self._config, spec, server.gpu) for version, spec in self._starting.items()
        }
        if any(reasons.values()):
            self._fail(server, reasons, now)
        else:
            self._activate(server, now)

    def _fail(self, server: "Server", reasons: Mapping[int, str], now: float) -> None:
        """Old versions stay as they are; new ones of the same load go, the good ones too."""
        for version, reason in reasons.items():
            slot = self.model.slots[version]
            if slot.state is not State.LOADING:
                continue
            if reason:
                slot.state, slot.reason = State.UNAVAILABLE, reason
                server.series_of(self.model.name, version).close()
            else:
                slot.state, slot.gone_at = State.UNLOADING, now + self._starting[version].unload_s
        self._refuse(
            "\n".join(
                f"version {version} is at UNAVAILABLE state: {reason};"
                for version, reason in sorted(reasons.items())
                if reason
            )
        )

    def _activate(self, server: "Server", now: float) -> None:
        model = self.model
        for version, spec in self._starting.items():
            server.activate(model, version, spec, self._config, now)
            server.series_of(model.name, version).load_s = now - (self._began or now)
        for version in [version for version in model.ready if version not in self._versions]:
            server.drain(model, version, now)
        for version in self._versions:
            model.slots[version].reason = ""
        model.config = self._config
        model.stamp = model.disk.stamp if model.disk else -1
        model.explicit = self._explicit
        self.ticket.close()

    def _refuse(self, cause: str) -> None:
        self.ticket.cause = cause
        self.ticket.close(400, f"load failed for model '{self.model.name}': {cause}\n")


def load_operation(model: Model, parameters: Mapping[str, Any]) -> LoadOperation:
    """The load that a request's parameters ask for; raises ValueError or TypeError with Triton's text."""
    files = []
    for name, value in parameters.items():
        if name != "config" and not name.startswith("file:"):
            raise ValueError("unexpected error on creating Triton parameter")
        if not isinstance(value, str):
            raise TypeError("attempt to access JSON non-string as string")
        if name != "config":
            files.append(name.removeprefix("file:"))
    return LoadOperation(model, parameters.get("config"), tuple(files))


def _lasting(config: Mapping[str, Any]) -> dict[str, Any]:
    """What cannot change without a reload."""
    return {name: value for name, value in config.items() if name not in _IN_PLACE}
