"""One refresh of a table on screen: ours against Textual's DataTable, 50 and 5000 rows, 160×48."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable

from textual.app import App, ComposeResult
from textual.widget import Widget
from textual.widgets import DataTable

from bench.parse import Figure
from console.domain.basis import Basis
from console.domain.fleet import Fleet, ModelVersion, Objective
from console.domain.rows import ModelRow, Percentiles, Slo
from console.domain.snapshot import Points, Snapshot
from console.domain.triton import State
from console.view.filters import Filter
from console.view.models import models_table
from screens.widgets.table import TableView

SIZE = (160, 48)
ROUNDS = 40
COLUMNS = 13


class _NoHistory:
    """A memory without a past: the table's own cost is measured, not the store's."""

    def model(self, key: ModelVersion, column: str, seconds: float) -> Points:
        del key, column, seconds
        return Points((), ())


def figures() -> list[Figure]:
    """(name, our seconds, DataTable's, note): CPU of the median refresh, painting included."""
    found: list[Figure] = []
    for rows in (50, 5000):
        few, every = asyncio.run(_peer(rows, 2)), asyncio.run(_peer(rows, min(rows, SIZE[1])))
        for change, label, peer in ((20, "1 in 20 lines changes", few), (1, "every line changes", every)):
            drawn = asyncio.run(_ours(rows, change, ordered=True))
            judged = asyncio.run(_ours(rows, change, ordered=False))
            found.append(
                (f"table, {rows} rows, {label}", drawn, peer, "the widget; the peer updates cells in place")
            )
            found.append(
                ("  and judged and sorted anew", judged, peer, "the peer's rows stay where they are")
            )
    return found


class _Bench(App[None]):
    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget

    def compose(self) -> ComposeResult:
        yield self.widget


async def _ours(rows: int, every: int, *, ordered: bool) -> float:
    table = TableView()
    pictures = [_snapshot(rows, every, turn) for turn in range(8)]
    tables = [models_table(picture, Filter("")) for picture in pictures]

    async def refresh(turn: int) -> None:
        table.show(tables[turn % 8] if ordered else models_table(pictures[turn % 8], Filter("")))

    return await _median(table, refresh)


async def _peer(rows: int, changed: int) -> float:
    table: DataTable[str] = DataTable()

    async def refresh(turn: int) -> None:
        if not table.columns:
            table.add_columns(*(f"c{i}" for i in range(COLUMNS)))
            for row in range(rows):
                table.add_row(*(f"{row * 1.5:,.1f}" for _ in range(COLUMNS)), key=str(row))
        for row in range(changed):
            for column in range(COLUMNS):
                table.update_cell_at((row, column), f"{row * 1.5 + turn:,.1f}")

    return await _median(table, refresh)


async def _median(widget: Widget, refresh: Callable[[int], Awaitable[None]]) -> float:
    took = []
    app = _Bench(widget)
    async with app.run_test(size=SIZE) as pilot:
        await refresh(0)
        await pilot.pause()
        for turn in range(1, ROUNDS):
            start = time.process_time()
            await refresh(turn)
            painted = asyncio.Event()
            app.call_after_refresh(painted.set)
            await painted.wait()
            took.append(time.process_time() - start)
    return statistics.median(took)


def _snapshot(rows: int, every: int, turn: int) -> Snapshot:
    return Snapshot(
        at=1e9 + turn,
        sequence=turn,
        elapsed_s=60.0,
        fleet=Fleet(),
        targets=(),
        models=tuple(_row(i, turn if i % every == 0 else 0) for i in range(rows)),
        gpus=(),
        markers=(),
        alerts=(),
        notes=(),
        history=_NoHistory(),
    )


def _row(i: int, turn: int) -> ModelRow:
    p99 = 20.0 + i % 7 + turn / 10
    return ModelRow(
        key=ModelVersion(f"model-{i:04}", "1"),
        state=State.READY,
        reason="",
        since=0.0,
        ready=1,
        targets=("triton-0",),
        reporting=1,
        window_s=10.0,
        rate=100.0 + i + turn,
        error_ratio=0.0,
        errors={},
        mean_ms=10.0 + turn / 10,
        percentiles=Percentiles(Basis.SUMMARY, p99=p99),
        queue_ms=1.0 + turn / 10,
        input_ms=0.1,
        infer_ms=9.0,
        output_ms=0.1,
        batch=2.0,
        executions=200.0,
        batches={},
        pending=float(turn),
        hit_ratio=None,
        load_s=None,
        slo=Slo(Objective(), p99 / 200, {"5m": 0.1, "1h": 0.1}, 60.0, 0.0),
        probes=(),
        warnings=(),
        age_s=0.1,
        stale=False,
        missing=None,
        latency_missing=None,
        source="metrics",
    )
