"""One whole tick: every target's text read, derived, merged and made into table rows.

The peer is the obvious way: prometheus_client's parser and rates per series from dicts,
without a screen.
"""

import statistics
import time

from prometheus_client.parser import text_string_to_metric_families

from bench.parse import Figure, exposition
from console.domain.fleet import Fleet, Target
from console.domain.sample import Sample
from console.domain.snapshot import Snapshot
from console.domain.triton import IndexEntry, State, TritonReading
from console.engine.store import Store
from console.sources._exposition import parse
from console.sources._triton_metrics import Layout, MetricsMap, series_table
from console.view.filters import Filter
from console.view.models import models_table

TICKS = 7
VISIBLE = 40


def figures() -> list[Figure]:
    """(name, our seconds, the peer's, note)."""
    return [_figure(20, 50), _figure(200, 20), _figure(10, 1000)]


def _figure(targets: int, models: int) -> Figure:
    bodies = [exposition(models, seed) for seed in range(2)]
    ours = Ours(targets, models)
    took = [ours.tick(bodies[n % 2], float(n + 1)) for n in range(TICKS)]
    peer = Peer()
    peer_took = [peer.tick(targets, bodies[n].decode()) for n in range(2)]
    note = f"{targets * models} model versions; without network and painting"
    return f"tick, {targets} targets × {models} models", statistics.median(took[2:]), peer_took[1], note


class Ours:
    """The console's own path from text to rows."""

    def __init__(self, targets: int, models: int) -> None:
        names = [f"triton-{n}" for n in range(targets)]
        fleet = Fleet(
            "bench", tuple(Target(n, f"http://{n}:8000", f"http://{n}:8002/metrics") for n in names)
        )
        self._names = names
        self._store = Store(fleet)
        self._table = series_table()
        self._map = MetricsMap(self._table)
        self._layouts: dict[str, Layout] = {}
        self._index = tuple(IndexEntry(f"model_{n:04d}", "1", State.READY) for n in range(models))

    def tick(self, body: bytes, mono: float) -> float:
        """Seconds of CPU of one tick in which every target says ``body``."""
        start = time.process_time()
        for name in self._names:
            self._take(name, body, mono)
        self._show(self._store.tick(mono, mono))
        return time.process_time() - start

    def _take(self, name: str, body: bytes, mono: float) -> None:
        scrape = parse(body, self._table)
        layout = self._layouts[name] = self._map.layout(scrape, self._layouts.get(name))
        counters = self._map.counters(scrape, layout)
        reading = TritonReading(live=True, ready=True, index=self._index, counters=counters, counters_at=mono)
        self._store.take(Sample(f"triton:{name}", name, mono, mono, 0.01, 1.0, reading, None))

    def _show(self, snapshot: Snapshot) -> None:
        table = models_table(snapshot, Filter(""))
        wanted = frozenset(column.id for column in table.columns)
        for item in table.items[:VISIBLE]:
            table.row(item, wanted)


class Peer:
    """prometheus_client's parser, a dict of the last values, a rate for each series."""

    def __init__(self) -> None:
        self._last: dict[tuple[int, str, tuple[tuple[str, str], ...]], float] = {}

    def tick(self, targets: int, text: str) -> float:
        """Seconds of CPU of one tick in which every target says ``text``."""
        start = time.process_time()
        rates = []
        for target in range(targets):
            for family in text_string_to_metric_families(text):
                for sample in family.samples:
                    key = (target, sample.name, tuple(sorted(sample.labels.items())))
                    rates.append(sample.value - self._last.get(key, sample.value))
                    self._last[key] = sample.value
        return time.process_time() - start
