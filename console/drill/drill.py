"""A drill: the simulated fleet behind real listening sockets."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, NamedTuple, Self

from aiohttp import web

from console.clock import SystemClock
from console.drill.listener import Listener
from console.drill.pace import Pace
from console.drill.scenario import scenario_named
from console.drill.sim.fleet import Fleet, Target
from console.drill.sim.layer import shed_key, weight_keys
from console.drill.spec import Scenario
from console.drill.web import dcgm, metrics
from console.drill.web.api import Api
from console.drill.web.compute import expected
from console.drill.web.envoy import PREFIX
from console.drill.web.envoy_admin import Admin, split_names
from console.drill.web.reply import TEXT, not_allowed, reply
from console.ports import Clock

_TICK_S = 0.25

Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Endpoints(NamedTuple):
    """Where the fleet answers, and what was promised for its models.

    ``targets`` are (name, base URL, metrics URL). ``gateway`` is the URL of its metrics, ``admin`` that of its
    admin interface, ``stat_prefix`` the name of its connection manager. ``routes`` maps a model's name to
    clusters, reduced (those whose weight is what the model keeps), runtime (the prefix of their keys) and shed (a
    key). ``objectives`` maps one to latency_ms, quantile and availability; ``probes`` to request and expect.
    """

    scenario: str
    targets: tuple[tuple[str, str, str], ...]
    dcgm: tuple[str, ...]
    gateway: str
    admin: str
    stat_prefix: str
    routes: Mapping[str, Mapping[str, Any]]
    objectives: Mapping[str, Mapping[str, float]]
    probes: Mapping[str, Mapping[str, Any]]

    def as_json(self) -> dict[str, Any]:
        """The same as JSON values."""
        targets = [{"name": name, "url": url, "metrics": scrape} for name, url, scrape in self.targets]
        return {**self._asdict(), "targets": targets, "dcgm": list(self.dcgm)}


class Drill:
    """Plays a scenario; ``speed`` seconds of it pass in one of the clock.

    ``scenario`` is an id or a Scenario. ``port`` is the first of consecutive ports (each
    target's API and metrics, then DCGM, then the gateway); 0 takes free ones. ``start``
    raises ScenarioError for an unknown id and OSError where a port is taken.
    """

    def __init__(
        self,
        scenario: str | Scenario,
        *,
        speed: float = 1.0,
        seed: int = 0,
        port: int = 0,
        clock: Clock | None = None,
    ) -> None:
        self.scenario = scenario if isinstance(scenario, Scenario) else scenario_named(scenario)
        self._speed = speed
        self._seed = seed
        self._port = port
        self._clock = clock or SystemClock()
        self._ticker: asyncio.Task[None] | None = None
        self._listeners: list[tuple[Listener, Callable[[], bool]]] = []

    async def start(self) -> Endpoints:
        """Warm the fleet up, listen, and say where."""
        self.fleet = Fleet(self.scenario, self._seed)
        await asyncio.to_thread(self.fleet.advance, 0.0)
        self.pace = Pace(self.fleet, self._clock, self._speed)
        try:
            endpoints = await self._listen()
        except OSError:
            await self.stop()
            raise
        self._ticker = asyncio.create_task(self._tick())
        return endpoints

    async def stop(self) -> None:
        """Close every port."""
        if self._ticker is not None:
            self._ticker.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._ticker
            self._ticker = None
        for listener, _ in self._listeners:
            await listener.close()
        self._listeners.clear()

    async def __aenter__(self) -> Self:
        self.endpoints = await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _listen(self) -> Endpoints:
        targets = []
        for target in self.fleet.targets.values():
            url = await self._open(Api(self.pace, target).handle, lambda target=target: target.up)  # type: ignore[misc]
            scrape = await self._open(
                self._metrics(target),
                lambda target=target: target.up and target.metrics_listening,  # type: ignore[misc]
            )
            targets.append((target.name, url, f"{scrape}/metrics"))
        gpu = await self._open(self._text("/metrics", lambda: dcgm.exposition(self.fleet)), lambda: True)
        gateway = await self._open(Admin(self.pace).handle, lambda: True)
        models = self.scenario.fleet.models
        return Endpoints(
            self.scenario.id,
            tuple(targets),
            (f"{gpu}/metrics",) if self.fleet.gpus else (),
            f"{gateway}/stats/prometheus",
            gateway,
            PREFIX,
            {name: _route(name) for name in self.fleet.routes},
            {
                name: {
                    "latency_ms": model.objective.latency_ms,
                    "quantile": model.objective.quantile,
                    "availability": model.objective.availability,
                }
                for name, model in models.items()
                if model.objective
            },
            {
                name: {"request": model.probe, "expect": expected(name, models)}
                for name, model in models.items()
                if model.probe
            },
        )

    async def _open(self, answer: Answer, wanted: Callable[[], bool]) -> str:
        port = self._port + len(self._listeners) if self._port else 0
        listener = Listener(answer, port)
        self._listeners.append((listener, wanted))
        return f"http://127.0.0.1:{await listener.open()}"

    async def _tick(self) -> None:
        """Let the timeline happen also while nobody asks, and open and close ports with their processes."""
        while True:
            self.pace.catch_up()
            for listener, wanted in self._listeners:
                if wanted():
                    await listener.open()
                else:
                    await listener.close()
            await self._clock.sleep(_TICK_S)

    def _metrics(self, target: Target) -> Answer:
        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            self.pace.catch_up()
            path = request.raw_path.partition("?")[0]
            if request.method != "GET":
                return not_allowed()
            if path not in {"/metrics", "/metrics/"} or target.server is None:
                return reply(200, kind=metrics.CONTENT_TYPE)
            return reply(200, metrics.exposition(target.server), metrics.CONTENT_TYPE)

        return answer

    def _text(self, path: str, write: Callable[[], str]) -> Answer:
        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            self.pace.catch_up()
            if request.path != path:
                return reply(404, "not found\n", TEXT)
            return reply(200, write(), f"{TEXT}; version=0.0.4; charset=utf-8")

        return answer


def _route(model: str) -> dict[str, Any]:
    names = split_names(model)
    return {
        "clusters": names,
        "reduced": names[:1],
        "runtime": weight_keys(model),
        "shed": shed_key(model),
    }
