"""One simulated Triton process: its models, its traffic and its device."""

import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from console.drill.sim.batching import batch_policy, instance_count, on_gpu
from console.drill.sim.cache import ResponseCache
from console.drill.sim.gpu import Gpu
from console.drill.sim.loaded import Loaded
from console.drill.sim.loading import LoadOperation
from console.drill.sim.operations import Operation, UnloadOperation
from console.drill.sim.repository import Model, Slot, State, all_settled, model_on_disk
from console.drill.sim.request import Request
from console.drill.sim.runtime import Ensemble, Runtime
from console.drill.sim.scheduler import Scheduler
from console.drill.sim.tally import Series
from console.drill.spec import ModelSpec, TargetSpec, VersionSpec

POLL_S = 2.0
_SMOOTH_S = 1.0
_STUCK_S = 3600.0
_IDLE_CPU, _CORES = 0.06, 8


class Server:
    """A target while its process lives; a crash makes a new one.

    ``models`` maps names to what is on disk and loaded, ``gpu`` is None on a host without one.
    """

    def __init__(
        self, spec: TargetSpec, models: Mapping[str, ModelSpec], gpu: Gpu | None, seed: int, now: float
    ) -> None:
        self.spec = spec
        self.gpu = gpu
        self.now = now
        self.models = {name: model_on_disk(name, model) for name, model in models.items()}
        self.series: dict[tuple[str, int], Series] = {}
        self.cpu = 0.05
        self.cache = ResponseCache() if spec.cache else None
        self._seed = zlib.crc32(f"{seed}/{spec.name}/{now:.0f}".encode())
        self._draining: list[Runtime] = []
        self._shares: dict[tuple[str, int], float] = {}
        self._next_poll = now + POLL_S
        self._line: list[tuple[tuple[str, int], Slot, Runtime]] | None = None

    def boot(self, names: list[str], *, instant: bool) -> list[Operation]:
        """Load the start-up models; ``instant`` for a server that has been up for long."""
        operations: list[Operation] = []
        for name in names:
            model = self.models[name]
            operation = LoadOperation(model, instant=instant)
            model.operations.append(operation)
            operations.append(operation)
        for _ in range(len(names) + 1):
            self.settle(self.now)
        return operations

    @property
    def ready(self) -> bool:
        """What ``/v2/health/ready`` says."""
        return not self.spec.strict_readiness or all_settled(self.models)

    @property
    def explicit(self) -> bool:
        """True where loads and unloads are allowed."""
        return self.spec.mode == "explicit"

    def request(self, operation: Operation, model: Model) -> None:
        """Queue a load or unload behind those of the same model and begin it if it is the first."""
        model.operations.append(operation)
        self.models.setdefault(model.name, model)
        self._operate(model, self.now)

    def load_part(self, model: Model, *, instant: bool) -> Operation:
        """Load a model because an ensemble needs it."""
        if model.operations:
            return model.operations[-1]
        operation = LoadOperation(model, instant=instant, explicit=False)
        model.operations.append(operation)
        self._operate(model, self.now)
        return operation

    def unload(self, model: Model, *, dependents: bool = False) -> Operation:
        """Ask for an unload."""
        operation = UnloadOperation(model, dependents)
        self.request(operation, model)
        return operation

    def series_of(self, name: str, version: int) -> Series:
        """The metric series of a version, kept while the process lives."""
        return self.series.setdefault((name, version), Series())

    def submit(self, name: str, version: int | None, request: Request) -> bool:
        """Hand a request to the version that serves it (-1 or None: the newest); False when none does."""
        model = self.models.get(name)
        slot = model.serving(None if version in {None, -1} else version) if model else None
        if slot is None or slot.runtime is None:
            return False
        slot.runtime.submit(request)
        return True

    def run(self, until: float) -> None:
        """Advance queues, loads and the device to second ``until``."""
        seconds, self.now = until - self.now, until
        self.settle(until)
        if seconds <= 0:
            return
        total = sum(self._shares.values())
        busy = sm = cpu = 0.0
        for key, slot, runtime in self._serving():
            if not isinstance(runtime, Scheduler):
                runtime.run(until, 1.0)
            elif self.gpu is not None and on_gpu(slot.config):
                share = self._shares.get(key, 0.0)
                runtime.error_rate = slot.spec.error_rate + self.gpu.failing
                spent = runtime.work(until, self.gpu.slowdown(total - share)) / seconds
                self._shares[key] = share + (spent * slot.spec.sm - share) * min(1.0, seconds / _SMOOTH_S)
                busy, sm = busy + spent, sm + spent * slot.spec.sm
            else:
                cpu += runtime.work(until, 1.0) / seconds
        self._drain_on(until)
        self.cpu += (min(1.0, _IDLE_CPU + cpu / _CORES) - self.cpu) * min(1.0, seconds / _SMOOTH_S)
        if self.gpu is not None:
            self.gpu.held_mib = self.held_mib()
            self.gpu.observe(seconds, busy, sm)

    def _serving(self) -> list[tuple[tuple[str, int], Slot, Runtime]]:
        """Versions in service, ensembles before the models they call."""
        if self._line is not None:
            return self._line
        found = [
            ((name, version), slot, slot.runtime)
            for name, model in self.models.items()
            for version, slot in model.slots.items()
            if slot.runtime is not None and slot.state is State.READY
        ]
        self._line = sorted(found, key=lambda entry: self._depth(entry[0][0]))
        return self._line

    def _depth(self, name: str) -> int:
        depth = 0
        for model in self.models.values():
            order = [part for part, _ in model.parts]
            if name in order:
                depth = max(depth, 1 + order.index(name))
        return depth

    def lose(self, at: float) -> None:
        """The process dies."""
        for _, _, runtime in self._serving():
            runtime.lose(at)
        for runtime in self._draining:
            runtime.lose(at)

    def settle(self, now: float) -> None:
        """Let loads and unloads go on."""
        for model in list(self.models.values()):
            self._operate(model, now)
            for version, slot in model.slots.items():
                if slot.state is State.UNLOADING and now >= slot.gone_at and self._drained(slot):
                    slot.unloaded()
                    self.series_of(model.name, version).close()
        if self.spec.mode == "poll" and now >= self._next_poll:
            self._poll(now)

    def _operate(self, model: Model, now: float) -> None:
        while model.operations and model.operations[0].advance(self, now):
            model.operations.popleft()

    def _poll(self, now: float) -> None:
        if any(model.operations for model in self.models.values()):
            return
        self._next_poll = now + POLL_S
        for model in self.models.values():
            changed = model.disk is not None and model.stamp != model.disk.stamp
            if changed or any(slot.failed for slot in model.slots.values()):
                self.request(LoadOperation(model), model)

    def activate(
        self, model: Model, version: int, spec: VersionSpec, config: Mapping[str, Any], now: float
    ) -> None:
        """Put a loaded version into service; the one it replaces ends its requests and goes."""
        series = self.series_of(model.name, version)
        old = model.slots.get(version)
        if old is not None and old.runtime is not None:
            self._draining.append(old.runtime)
        runtime: Runtime
        if "ensemble_scheduling" in config:
            steps = [
                (step["model_name"], step["model_version"]) for step in config["ensemble_scheduling"]["step"]
            ]
            runtime = Ensemble(model.name, steps, self.submit, series)
        else:
            rng = np.random.default_rng(
                [self._seed, zlib.crc32(f"{model.name}/{version}/{now:.3f}".encode())]
            )
            runtime = Scheduler(Loaded(model.name, version, config, spec), series, rng, now, self.cache)
        self._line = None
        model.slots[version] = Slot(State.READY, config=config, spec=spec, runtime=runtime)

    def drain(self, model: Model, version: int, now: float) -> None:
        """Take a version out of service; it goes when its requests have ended."""
        slot = model.slots[version]
        self._line = None
        if isinstance(slot.runtime, Ensemble):
            self._draining.append(slot.runtime)
            slot.unloaded()
            self.series_of(model.name, version).close()
            return
        # A dead stub does not end: the version stays on its way out, and the server not ready, for minutes.
        stuck = isinstance(slot.runtime, Scheduler) and slot.runtime.dead
        slot.state, slot.gone_at = State.UNLOADING, now + (_STUCK_S if stuck else slot.spec.unload_s)
        self._shares.pop((model.name, version), None)
        if slot.runtime is not None:
            self._draining.append(slot.runtime)

    def resize(self, slot: Slot) -> None:
        """Start or end instances of a serving version."""
        if isinstance(slot.runtime, Scheduler):
            slot.runtime.policy = batch_policy(slot.config)
            slot.runtime.resize(instance_count(slot.config), self.now)

    def held_mib(self) -> float:
        """GPU memory of all loaded versions."""
        return sum(
            slot.spec.memory_mib * instance_count(slot.config)
            for model in self.models.values()
            for slot in model.slots.values()
            if slot.state in {State.READY, State.UNLOADING} and on_gpu(slot.config)
        )

    def _drained(self, slot: Slot) -> bool:
        return slot.runtime is None or slot.runtime.idle

    def _drain_on(self, until: float) -> None:
        for runtime in self._draining:
            runtime.run(until, 1.0)
        self._draining = [runtime for runtime in self._draining if not runtime.idle]
