"""The whole simulated fleet, advanced slice by slice along its scenario's timeline."""

from collections.abc import Iterable
from functools import singledispatchmethod

from console.drill.sim.gateway import Route
from console.drill.sim.gpu import Gpu
from console.drill.sim.layer import Layer
from console.drill.sim.loading import LoadOperation
from console.drill.sim.operations import UnloadOperation
from console.drill.sim.ramp import Ramp
from console.drill.sim.request import Request
from console.drill.sim.runtime import Runtime
from console.drill.sim.scheduler import Scheduler
from console.drill.sim.server import Server
from console.drill.spec import (
    Crash,
    Event,
    FleetSpec,
    Gateway,
    KillStub,
    Leak,
    Load,
    Metrics,
    Publish,
    Rate,
    Scenario,
    TargetSpec,
    Tenant,
    Unload,
)

SLICE_S = 0.1


class Target:
    """A place where a Triton process runs; ``server`` is None while it does not."""

    def __init__(self, spec: TargetSpec, fleet: FleetSpec, gpu: Gpu | None, seed: int, now: float) -> None:
        self.name = spec.name
        self.spec = spec
        self.weight = spec.weight
        self.gpu = gpu
        self.metrics_listening = True
        self.server: Server | None = None
        self.published: list[Publish] = []
        self._fleet = fleet
        self._seed = seed
        self._now = self._up_at = now
        self._leaks: dict[str, float] = {}
        self._leaked: dict[str, tuple[Runtime | None, float]] = {}
        self.start(now)

    @property
    def up(self) -> bool:
        """True while the process serves."""
        return self.server is not None

    def submit(self, model: str, request: Request) -> bool:
        """Hand a request to the server."""
        return self.server is not None and self.server.submit(model, None, request)

    def start(self, now: float) -> None:
        """Begin a process, with its start-up models loaded: it listens only then."""
        self.server = Server(self.spec, self._fleet.models, self.gpu, self._seed, now)
        for event in self.published:
            self.publish(event)
        names = [name for name, model in self._fleet.models.items() if model.loaded]
        self.server.boot(list(self._fleet.models) if self.spec.mode != "explicit" else names, instant=True)

    def publish(self, event: Publish) -> None:
        """Put a version directory on disk."""
        disk = self.server.models[event.model].disk if self.server else None
        if disk is not None:
            disk.versions[event.version] = event.spec
            disk.stamp += 1

    def crash(self, now: float, down_s: float) -> None:
        """The process dies and comes back later."""
        if self.server is not None:
            self.server.lose(now)
        self.server = None
        self._up_at = now + down_s
        if self.gpu is not None:
            self.gpu.held_mib = 0.0

    def run(self, until: float) -> None:
        """Advance the process, or start it again when its time has come."""
        seconds, self._now = until - self._now, until
        self._leak_on(seconds)
        if self.server is None and until >= self._up_at:
            self.start(until)
        if self.server is not None:
            self.server.run(until)
        elif self.gpu is not None:
            self.gpu.observe(seconds, 0.0, 0.0)

    def leak(self, model: str, mib_per_s: float) -> None:
        """Let a model's process keep memory, until it is unloaded or replaced."""
        self._leaks[model] = mib_per_s

    def _leak_on(self, seconds: float) -> None:
        for model, rate in self._leaks.items():
            slot = self.server.models[model].serving() if self.server else None
            keeper = slot.runtime if slot else None
            known, mib = self._leaked.get(model, (None, 0.0))
            self._leaked[model] = (keeper, mib + rate * seconds if keeper and keeper is known else 0.0)
        if self.gpu is not None:
            self.gpu.leaked_mib = sum(mib for _, mib in self._leaked.values())


class Fleet:
    """Targets, GPUs and gateway of a scenario; ``now`` is its second, negative while it warms up."""

    def __init__(self, scenario: Scenario, seed: int = 0) -> None:
        spec = scenario.fleet
        self.scenario = scenario
        self.now = -scenario.warm_s
        self.gpus = {name: Gpu(gpu) for name, gpu in spec.gpus.items()}
        self.targets = {
            target.name: Target(target, spec, self.gpus.get(target.gpu), seed, self.now)
            for target in spec.targets
        }
        backends = list(self.targets.values())
        self.layer = Layer()
        self.routes = {
            name: Route(name, model, spec.gateway, backends, seed, self.layer)
            for name, model in spec.models.items()
            if model.rate
        }
        self._events = sorted(scenario.events, key=lambda event: event.at)
        self._next = 0
        self._tenants = {name: (Ramp(0.0), Ramp(0.0)) for name in self.gpus}

    def advance(self, to: float) -> None:
        """Go on to second ``to``; nothing happens for a time that is past."""
        while self.now < to:
            until = min(to, self.now + SLICE_S)
            if self._next < len(self._events):
                until = max(self.now + 1e-6, min(until, self._events[self._next].at))
            self._slice(until)
            self.now = until
            while self._next < len(self._events) and self._events[self._next].at <= until:
                self.apply(self._events[self._next])
                self._next += 1

    def _slice(self, until: float) -> None:
        for route in self.routes.values():
            route.send(self.now, until)
        for name, (sm, memory) in self._tenants.items():
            self.gpus[name].tenant_sm = sm.at(until)
            self.gpus[name].tenant_mib = memory.at(until)
        for target in self.targets.values():
            target.run(until)
        for route in self.routes.values():
            route.check(until)

    def _named(self, names: Iterable[str]) -> list[Target]:
        """The targets named, all when none is."""
        return [target for name, target in self.targets.items() if not names or name in names]

    def _servers(self, names: Iterable[str]) -> list[Server]:
        return [target.server for target in self._named(names) if target.server is not None]

    @singledispatchmethod
    def apply(self, event: Event) -> None:
        """Let an event of the timeline happen now."""
        raise NotImplementedError(type(event).__name__)

    @apply.register
    def _(self, event: Publish) -> None:
        for target in self._named(event.targets):
            target.published.append(event)
            target.publish(event)

    @apply.register
    def _(self, event: Load) -> None:
        for server in self._servers(event.targets):
            model = server.models[event.model]
            server.request(LoadOperation(model), model)

    @apply.register
    def _(self, event: Unload) -> None:
        for server in self._servers(event.targets):
            model = server.models[event.model]
            server.request(UnloadOperation(model), model)

    @apply.register
    def _(self, event: Rate) -> None:
        self.routes[event.model].factor.go(event.factor, self.now, event.over_s)

    @apply.register
    def _(self, event: Tenant) -> None:
        sm, memory = self._tenants[event.gpu]
        sm.go(event.sm, self.now, event.over_s)
        memory.go(event.memory_mib, self.now, event.over_s)

    @apply.register
    def _(self, event: Leak) -> None:
        for target in self._named(event.targets):
            target.leak(event.model, event.mib_per_s)

    @apply.register
    def _(self, event: KillStub) -> None:
        for server in self._servers(event.targets):
            slot = server.models[event.model].serving()
            if slot is not None and isinstance(slot.runtime, Scheduler):
                slot.runtime.dead.add(event.instance)

    @apply.register
    def _(self, event: Crash) -> None:
        self.targets[event.target].crash(self.now, event.down_s)

    @apply.register
    def _(self, event: Metrics) -> None:
        self.targets[event.target].metrics_listening = event.listening

    @apply.register
    def _(self, event: Gateway) -> None:
        route = self.routes[event.model]
        route.timeout_s = route.timeout_s if event.timeout_ms is None else event.timeout_ms * 1e-3
        route.retries = route.retries if event.retries is None else event.retries
