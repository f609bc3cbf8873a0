"""The fleet table: one row for each server or group of servers, the worst on top."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import partial

from console.domain.basis import Missing
from console.domain.placement import How
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.view import format as write
from console.view.filters import Filter
from console.view.fleet_rows import Server, Standing, served, servers, worst_first
from console.view.missing import shown
from console.view.severity import findings
from console.view.styled import Line, Role, Span
from console.view.table import Column, Row, Sort, Table, by_figure, grown

COLUMNS: tuple[Column, ...] = (
    Column(
        "sign",
        "",
        1,
        "✗ down, ▲ partly up, not ready or warned about, ◌ stale, › a server of a group",
        align="left",
    ),
    Column("name", "SERVER", 12, "the server, or the group of servers", align="left", grow=28, cut="middle"),
    Column("state", "STATE", 9, "ready, live, down; of a group how many are up", align="left"),
    Column("rate", "RATE/s", 8, "requests per second"),
    Column("latency", "p99 ms", 8, "p99 with the mark of its basis; the mean (ᵐ) where no p99 is known"),
    Column("queue", "QUEUE", 7, "mean ms in the queue per successful request", drop=4),
    Column("errors", "ERR %", 5, "failed requests, per cent of all", drop=3),
    Column("pending", "WAIT", 5, "requests waiting in the queue now", drop=8),
    Column("cpu", "CPU %", 5, "processor time of its host in use", drop=9),
    Column(
        "versions", "SERVES", 8, "versions of the model, or how many models", align="left", drop=5, grow=8
    ),
    Column("gpu", "GPU", 5, "the driver's numbers of its GPUs", align="left", drop=6, grow=8),
    Column(
        "how",
        "KNOWN",
        10,
        "how its GPU is known: exact, MIG, shared, one source, unknown",
        align="left",
        drop=7,
    ),
    Column("node", "NODE", 10, "its node", align="left", drop=10, grow=14, cut="middle"),
    Column("pod", "POD", 12, "its pod", align="left", drop=11, grow=30, cut="middle"),
    Column("age", "AGE", 5, "age of the data; of a group that of the oldest newest scrape", drop=2),
    Column("note", "NOTE", 16, "what is wrong", align="left", drop=12, grow=60),
)  # fmt: skip - one column a line

WORST = Sort("sign")

_ORDERS: dict[str, Callable[[Server], float | str | None]] = {
    "name": lambda server: server.name.casefold(),
    "rate": lambda server: server.load.rate,
    "latency": lambda server: server.latency.value if server.latency else None,
    "queue": lambda server: server.load.queue_ms,
    "errors": lambda server: server.load.error_ratio,
    "pending": lambda server: server.load.pending,
    "cpu": lambda server: server.target.host.cpu_utilization if server.target else None,
    "node": lambda server: server.node or None,
    "pod": lambda server: server.pod or None,
    "age": lambda server: server.age_s,
}
_RISING = frozenset(("name", "node", "pod"))
SORTS = (WORST.by, *_ORDERS)


def fleet_table(
    snapshot: Snapshot, chosen: Filter[Server], sort: Sort = WORST, model: str = ""
) -> Table[Server]:
    """The lines that pass the filter, in order; their figures are those of a model (empty: of all)."""
    every = servers(snapshot, model)
    rows = [server for server in every if chosen.matches(server)]
    row = partial(fleet_row, model=model)
    return Table(_columns(every), _ordered(rows, sort), _key, row, sort, _nothing(snapshot, chosen))


def _columns(every: Iterable[Server]) -> tuple[Column, ...]:
    names = grown(COLUMNS[1], (server.name for server in every))
    return (COLUMNS[0], names, *COLUMNS[2:])


def _ordered(rows: list[Server], sort: Sort) -> Sequence[Server]:
    measure = _ORDERS.get(sort.by)
    if measure is None:
        return sorted(rows, key=worst_first, reverse=sort.reversed)
    return by_figure(rows, measure, highest_first=(sort.by in _RISING) == sort.reversed)


def _key(server: Server) -> Hashable:
    return server.name, server.worst.key if server.worst else None


def _nothing(snapshot: Snapshot, chosen: Filter[Server]) -> tuple[Line, ...]:
    if chosen.tests and snapshot.targets:
        return (
            (Span(f"No server matches {visible(chosen.text, 60)}", "dim"),),
            (Span("esc clears the filter", "dim"),),
        )
    return ((Span("No server is known: none is listed, and none was found.", "dim"),),)


def fleet_row(server: Server, wanted: frozenset[str], model: str = "") -> Row:
    """One line as cells; where it runs is looked up only if that is ``wanted``."""
    load = server.load
    why = Missing.STALE if server.target is not None and server.target.stale else None
    place = server.placement if wanted & {"gpu", "how", "node", "pod"} else None
    cpu = server.target.host.cpu_utilization if server.target is not None else None
    cells: tuple[Line, ...] = (
        (sign(server),),
        (Span(visible(server.name, 80) or "(no name)", "title"),),
        _state(server),
        shown(load.rate, write.number, why),
        _latency(server, why),
        shown(load.queue_ms, write.number, why),
        _errors(load.error_ratio, why),
        shown(load.pending, write.count, why),
        shown(cpu, write.percent, why),
        _versions(server, model),
        _gpus(server) if place else (),
        _how(place.how) if place else (Span("–", "dim"),),
        (Span(visible(server.node, 60) if "node" in wanted else ""),),
        (Span(visible(server.pod, 80) if "pod" in wanted else ""),),
        shown(server.age_s, write.age),
        _note(server),
    )
    return Row(cells, role="stale" if server.standing is Standing.STALE else "")


_SIGNS: dict[Standing, Span] = {
    Standing.WELL: Span("●", "good"),
    Standing.STALE: Span("◌", "stale"),
    Standing.WARNED: Span("▲", "warn"),
    Standing.PARTLY: Span("▲", "warn"),
    Standing.NOT_READY: Span("▲", "warn"),
    Standing.DOWN: Span("✗", "bad"),
}


def sign(server: Server) -> Span:
    """How it stands, as a shape as well as a colour."""
    return Span("›", "dim") if server.worst is not None else _SIGNS[server.standing]


def _state(server: Server) -> Line:
    if server.worst is not None:
        return (Span("slowest", "dim"),)
    role = _SIGNS[server.standing].role
    if server.old:
        return (Span(f"old {write.age(server.age_s or 0.0)}", "stale"),)
    if server.group is not None:
        return (Span(f"{server.group.up}/{server.group.known} up", "" if role == "good" else role),)
    if server.standing is Standing.DOWN:
        return (Span("DOWN", role),)
    if server.target is None or server.target.ready is None:
        return (Span("up", role if role != "good" else ""),)
    return (Span("ready" if server.target.ready else "not ready", "" if server.target.ready else role),)


def _latency(server: Server, why: Missing | None) -> Line:
    found = server.latency
    if found is None:
        return shown(None, write.number, why)
    return Span(write.number(found.value)), Span(found.basis.mark, "dim")


def _errors(ratio: float | None, why: Missing | None) -> Line:
    role: Role = "warn" if ratio is not None and ratio > 0.01 else ""
    return shown(None, write.percent, why) if ratio is None else (Span(write.percent(ratio), role),)


def _versions(server: Server, model: str) -> Line:
    found = served(server, model)
    if server.worst is not None:
        return (
            Span(f"{visible(server.worst.key.model, 30)} v{visible(server.worst.key.version, 8)}", "dim"),
        )
    if not found:
        return (Span("–", "dim"),)
    if model:
        return (Span(", ".join(f"v{visible(key.version, 8)}" for key in found)),)
    number = len({key.model for key in found})
    return (Span(f"{number} model{'s' if number != 1 else ''}"),)


def _gpus(server: Server) -> Line:
    place = server.placement
    held = place.gpus if place is not None else ()
    numbers = [visible(each.row.gpu.number, 6) or "?" if each.row else "?" for each in held]
    return (Span(",".join(numbers) or "–", "" if numbers else "dim"),)


_HOWS: dict[How, Role] = {How.EXACT: "good", How.MIG: "good", How.SHARED: "warn", How.UNKNOWN: "dim"}


def _how(how: How) -> Line:
    return (Span(how.value, _HOWS.get(how, "")),)


def _note(server: Server) -> Line:
    row = server.target
    if server.worst is not None and server.direct is None:
        return (Span("nothing says its address", "dim"),)
    if row is None:
        return ()
    if row.failures:
        return (Span(visible(row.failures[0].message), "warn"),)
    return tuple(Span(visible(found.text), "warn") for found in findings(row)[:1])
