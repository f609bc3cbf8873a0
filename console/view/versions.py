"""Versions of one model side by side: the stable one, the canaries, and how they differ."""

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase

from console.domain.rows import ModelRow
from console.domain.snapshot import Snapshot
from console.domain.text import visible, whole
from console.view import format as write
from console.view.grid import grid
from console.view.missing import shown
from console.view.styled import Line, Span

# So many columns stand beside each other on a terminal of 80 cells.
_MOST = 4
_ROUTES = 4

Cell = Callable[[ModelRow], Line]


def side_by_side(snapshot: Snapshot, model: str) -> tuple[Line, ...]:
    """The versions that serve in columns, by their share of the requests; empty where fewer than two serve."""
    rows = [row for row in snapshot.models if row.key.model == model and _serves(row)]
    if len(rows) < 2:
        return ()
    total = sum(row.rate or 0.0 for row in rows)
    rows.sort(key=lambda row: (-(row.rate or 0.0), -(whole(row.key.version) or 0)))
    compared = rows[:_MOST]
    titles = ["", *(_title(row, number, total) for number, row in enumerate(compared))]
    lines = [((Span(name, "dim"),), *map(cell, compared)) for name, cell in _cells(snapshot, total)]
    found = grid(titles, lines, right=range(1, len(titles)), widest=18)
    more = len(rows) - len(compared)
    rest: tuple[Line, ...] = ((Span(f"and {more} more versions serve", "dim"),),) if more else ()
    return (*found, *rest, *_weights(snapshot, model))


def _serves(row: ModelRow) -> bool:
    """Ready on a target; where no state is known, seen to serve."""
    return row.ready > 0 or row.rate is not None


def _title(row: ModelRow, number: int, total: float) -> str:
    part = "" if not total else " stable" if number == 0 else " canary" if row.rate else ""
    return f"v{visible(row.key.version, 10)}{part}"


def _cells(snapshot: Snapshot, total: float) -> tuple[tuple[str, Cell], ...]:
    def plain(get: Callable[[ModelRow], float | None], text: Callable[[float], str] = write.number) -> Cell:
        return lambda row: shown(get(row), text, row.missing)

    return (
        (
            "share %",
            plain(lambda row: row.rate / total if row.rate is not None and total else None, write.percent),
        ),
        ("rate/s", plain(lambda row: row.rate)),
        ("p99 ms", _p99),
        ("mean ms", plain(lambda row: row.mean_ms)),
        ("queue ms", plain(lambda row: row.queue_ms)),
        ("compute ms", plain(lambda row: row.compute_ms)),
        ("errors %", plain(lambda row: row.error_ratio, write.percent)),
        ("batch", plain(lambda row: row.batch)),
        ("waiting", plain(lambda row: row.pending, write.count)),
        ("GPU memory", lambda row: _memory(snapshot, row)),
        (
            "targets",
            lambda row: (Span(f"{row.ready}/{len(row.targets)}" if row.ready else str(len(row.targets))),),
        ),
        ("since", lambda row: (Span(write.duration(snapshot.at - row.since)),)),
    )  # fmt: skip - one line of the table a line


def _p99(row: ModelRow) -> Line:
    found = row.percentiles
    if found is None or found.p99 is None:
        return shown(None, write.number, row.latency_missing or row.missing)
    return Span(write.number(found.p99)), Span(found.basis.mark, "dim")


def _memory(snapshot: Snapshot, row: ModelRow) -> Line:
    """What the GPUs of its servers hold, where no other version of the model is on those servers."""
    others = {
        name
        for other in snapshot.models
        if other.key.model == row.key.model and other.key != row.key and _serves(other)
        for name in other.targets
    }
    if others & set(row.targets):
        return (Span("not apart", "dim"),)
    seen = {uuid for target in snapshot.targets if target.name in row.targets for uuid in target.gpus}
    used = [each.gpu.memory_used_bytes for each in snapshot.gpus if each.gpu.uuid in seen]
    known = [size for size in used if size is not None]
    if not known or len(known) < len(used):
        return shown(None, write.gib)
    return Span(write.gib(sum(known))), Span(" GiB", "dim")


def _weights(snapshot: Snapshot, model: str) -> Sequence[Line]:
    """The weights of the routes that carry the model, where a gateway tells them."""
    routes = [r for r in snapshot.routes if r.weights and any(fnmatchcase(model, glob) for glob in r.models)]
    return [
        (
            Span(f"route {visible(route.name, 40)}: ", "dim"),
            Span(", ".join(f"{visible(name, 40)} {weight:g}" for name, weight in route.weights.items())),
        )
        for route in routes[:_ROUTES]
    ]
