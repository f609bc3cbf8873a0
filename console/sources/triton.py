"""One Triton server: health, index, statistics, configs, control mode and metrics."""

import asyncio
import secrets
import zlib
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, NamedTuple, TypeVar

from console.domain.config import ModelConfig, read_config
from console.domain.counters import Counters, has_latencies
from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.fleet import Fleet, Target
from console.domain.triton import ControlMode, IndexEntry, ServerInfo, State, TritonReading, VersionStatistics
from console.ports import Source
from console.sources._exposition import Reader, Scrape, SeriesTable
from console.sources._triton_metrics import Layout, MetricsMap, Others, series_table
from console.transport.kit import Kit
from console.transport.triton_client import NETWORK_ERRORS, TritonClient, addressable, answer
from console.transport.triton_json import read_index, read_server, reading_statistics

T = TypeVar("T")
# Statistics of very many models cost more to read than they tell in a second: so many of them are read a second at most.
LARGE = 200
LARGE_EVERY = 5.0
_STATISTICS_A_SECOND = 100
CONFIGS_A_POLL = 20
_NOT_EXPLICIT = "explicit model load / unload is not allowed"


class _Shared(NamedTuple):
    """What the targets of a fleet learn once: series names, what they mean, and configs by digest."""

    table: SeriesTable
    meaning: MetricsMap
    configs: dict[str, ModelConfig]


def of_each(fleet: Fleet, kit: Kit) -> Callable[[Target], list[Source]]:
    """One source for a target; what the targets learn is shared by all that this makes."""
    table = series_table()
    shared = _Shared(table, MetricsMap(table), {})
    return lambda target: [TritonSource(target, fleet, kit, shared)]


def sources(fleet: Fleet, kit: Kit) -> list[Source]:
    """One source for each target."""
    make = of_each(fleet, kit)
    return [source for target in fleet.targets for source in make(target)]


class TritonSource:
    """Polls one server; each part has its own time limit, so that one that hangs costs only itself."""

    def __init__(self, target: Target, fleet: Fleet, kit: Kit, shared: _Shared) -> None:
        self.name = f"triton:{target.name}"
        self.target: str | None = target.name
        self.every = fleet.refresh
        self._part_timeout = min(5.0, max(1.0, 2 * fleet.refresh))
        self.timeout = 3 * self._part_timeout
        self._metrics_url = target.metrics
        self._read_only = fleet.read_only
        self._kit = kit
        self._shared = shared
        self._client = TritonClient(target.url, kit.http)
        self._layout: Layout | None = None
        self._counters_at = 0.0
        self._index: tuple[list[Any], tuple[IndexEntry, ...]] | None = None
        self._listed: tuple[tuple[IndexEntry, ...], dict[str, list[str]]] | None = None
        self._statistics: tuple[VersionStatistics, ...] | None = None
        self._statistics_at: float | None = None
        self._statistics_due = 0.0
        self._share = zlib.crc32(target.name.encode()) % 100 / 100
        self._configs: dict[str, tuple[object, ModelConfig | None]] = {}
        self._configured: dict[str, list[str]] | None = None
        self._known: dict[str, ModelConfig] = {}
        self._server: ServerInfo | None = None
        self._mode: tuple[ControlMode, str] | None = None
        self._failures: dict[str, Failure] = {}

    async def poll(self) -> TritonReading:
        """Everything the server says now; SourceError when no part of it answers."""
        live, ready, index, scrape = await asyncio.gather(
            self._try("live", partial(self._client.health, "live")),
            self._try("ready", partial(self._client.health, "ready")),
            self._try("index", self._read_index),
            self._try("metrics", self._scrape),
        )
        if live is None and scrape is None and index is None:
            self._forget_connection()
            raise SourceError(next(self._failures[part] for part in ("live", "index", "metrics")))
        counters = self._counters(scrape)
        if self._answers():
            await self._slower_parts(index, counters)
        else:
            self._forget_connection()
        return self._reading((live, ready), index, scrape, counters)

    async def close(self) -> None:
        """Nothing to release: the session is the fleet's."""

    async def _try(self, part: str, call: Callable[[], Awaitable[T]]) -> T | None:
        """The answer of one part, None where it has none; a poll that is cancelled at once begins none."""
        self._failures.pop(part, None)
        try:
            async with asyncio.timeout(self._part_timeout):
                return await call()
        except SourceError as error:
            self._failures[part] = error.failure._replace(part=part)
        except NETWORK_ERRORS as error:
            self._failures[part] = self._client.failure(error, part)
        return None

    def _answers(self) -> bool:
        """Whether the API port answers at all, be it with a refusal."""
        failure = self._failures.get("live")
        return failure is None or failure.kind in {FailureKind.FORBIDDEN, FailureKind.STATUS}

    def _forget_connection(self) -> None:
        """The next connection may be to another process: ask it who it is."""
        self._server = None
        self._mode = None
        self._statistics_due = 0.0

    async def _slower_parts(self, index: tuple[IndexEntry, ...] | None, counters: Counters | None) -> None:
        """What changes seldom: metadata and mode once a connection, statistics every few seconds, new configs."""
        if self._server is None:
            self._server = await self._try("metadata", self._read_server)
        if self._mode is None:
            self._mode = await self._try("mode", self._find_mode)
        now = self._kit.clock.monotonic()
        blind = counters is None or not has_latencies(counters)
        if now >= self._statistics_due or blind:
            self._statistics = await self._try("statistics", self._read_statistics)
            self._statistics_at = self._kit.clock.monotonic()
            self._statistics_due = now + self._statistics_pause(len(self._statistics or ()))
        await self._try("config", partial(self._read_configs, self._served(index, counters)))

    def _statistics_pause(self, versions: int) -> float:
        """Seconds until statistics of so many versions are read again; after the first time less, each server its own share.

        Otherwise those of all servers would be read at the same moment, for ever.
        """
        if versions <= LARGE or self.every >= LARGE_EVERY / 2:
            return 0.0
        pause = max(LARGE_EVERY, versions / _STATISTICS_A_SECOND)
        share, self._share = self._share, 1.0
        return pause * share

    async def _read_server(self) -> ServerInfo:
        return read_server(answer(await self._client.get_server_metadata(), dict))

    async def _read_index(self) -> tuple[IndexEntry, ...]:
        raw = answer(await self._client.get_model_repository_index(), list)
        if self._index is None or self._index[0] != raw:
            self._index = (raw, read_index(raw))
        return self._index[1]

    async def _read_statistics(self) -> tuple[VersionStatistics, ...]:
        found: list[VersionStatistics] = []
        for some in reading_statistics(answer(await self._client.get_inference_statistics(), dict)):
            found += some
            await asyncio.sleep(0)
        return tuple(found)

    async def _find_mode(self) -> tuple[ControlMode, str]:
        """Unload a name that cannot exist: ``explicit`` answers 200 and changes nothing, the others refuse."""
        if self._read_only:
            return ControlMode.UNKNOWN, "not asked with --read-only"
        try:
            await self._client.unload_model(
                f"triton-console-asks-for-the-control-mode-{secrets.token_hex(4)}"
            )
        except NETWORK_ERRORS as error:
            if _NOT_EXPLICIT in str(error):
                return ControlMode.NONE_OR_POLL, "the server refuses load and unload"
            failure = self._client.failure(error, "mode")
            if failure.kind is FailureKind.TIMEOUT:
                raise
            return ControlMode.UNKNOWN, failure.message
        return ControlMode.EXPLICIT, "the server accepts unload"

    def _served(
        self, index: tuple[IndexEntry, ...] | None, counters: Counters | None
    ) -> dict[str, list[str]]:
        """What is served, by model, with what would show a change of its config; the same while the index is."""
        if index is not None and self._listed is not None and self._listed[0] is index:
            return self._listed[1]
        served: dict[str, list[str]] = {}
        for entry in index or ():
            if entry.state is State.READY:
                served.setdefault(entry.model, []).append(f"{entry.version} {entry.reason}")
        if index is None:
            keys = [s.key for s in self._statistics or ()] or list(counters.keys if counters else ())
            for key in keys:
                served.setdefault(key.model, []).append(key.version)
        found = {model: versions for model, versions in served.items() if addressable(model)}
        self._listed = None if index is None else (index, found)
        return found

    async def _read_configs(self, served: dict[str, list[str]]) -> None:
        """Fetch configs whose versions or states changed, a bounded number of them a poll."""
        if served is self._configured:
            return
        for model in self._configs.keys() - served.keys():
            del self._configs[model]
        due = [m for m, now in served.items() if m not in self._configs or self._configs[m][0] != now]
        try:
            for model in due[:CONFIGS_A_POLL]:
                self._configs[model] = (served[model], None)
                raw = answer(await self._client.get_model_config(model), dict)
                config = read_config(raw)
                self._configs[model] = (served[model], self._shared.configs.setdefault(config.digest, config))
        finally:
            self._known = {model: config for model, (_, config) in self._configs.items() if config}
        if not due:
            self._configured = served

    async def _scrape(self) -> Scrape:
        reader = Reader(self._shared.table)

        def feed(chunk: bytes) -> None:
            reader.feed(chunk)
            self._shared.meaning.learn()

        await self._kit.http.stream(self._metrics_url, "metrics", feed)
        self._counters_at = self._kit.clock.monotonic()
        scrape = reader.finish()
        if not len(scrape.ids) and (scrape.broken_count or scrape.truncated):
            said = f"metrics: {self._metrics_url} is not a metrics page"
            hint = "give the metrics port: TARGET,metrics=http://HOST:8002/metrics"
            raise SourceError(Failure(FailureKind.GARBAGE, "metrics", said, hint))
        if scrape.generation != self._shared.table.generation:
            said = "metrics: too many different series over the fleet"
            raise SourceError(Failure(FailureKind.TOO_LARGE, "metrics", said, "some server invents names"))
        return scrape

    def _counters(self, scrape: Scrape | None) -> Counters | None:
        if scrape is None:
            return None
        self._layout = self._shared.meaning.layout(scrape, self._layout)
        return self._shared.meaning.counters(scrape, self._layout)

    def _reading(
        self,
        health: tuple[bool | None, bool | None],
        index: tuple[IndexEntry, ...] | None,
        scrape: Scrape | None,
        counters: Counters | None,
    ) -> TritonReading:
        mode, note = self._mode or (ControlMode.UNKNOWN, "not known yet")
        others = self._shared.meaning.others(scrape) if scrape else Others()
        return TritonReading(
            live=health[0],
            ready=health[1],
            server=self._server,
            mode=mode,
            mode_note=note,
            index=index,
            statistics=self._statistics,
            statistics_at=self._statistics_at,
            configs=self._known,
            counters=counters,
            counters_at=self._counters_at if counters else None,
            histograms=others.histograms,
            gpus=others.gpus,
            host=others.host,
            broken_lines=scrape.broken_count + scrape.truncated if scrape else 0,
            failures=tuple(self._failures.values()),
        )
