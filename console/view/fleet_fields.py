"""What the fleet table may be filtered by."""

from collections.abc import Callable, Iterable

from console.view.filters import Field, Fields
from console.view.fleet_rows import Server


def _number(get: Callable[[Server], float | None], about: str) -> Field[Server]:
    return Field(get, about, numeric=True)


def _text(get: Callable[[Server], str | Iterable[str]], about: str) -> Field[Server]:
    return Field(get, about, numeric=False)


def _percent(ratio: float | None) -> float | None:
    return None if ratio is None else ratio * 100


def _how(server: Server) -> str:
    place = server.placement
    return place.how.value if place is not None else ""


def _numbers(server: Server) -> list[str]:
    place = server.placement
    return [held.row.gpu.number for held in place.gpus if held.row] if place is not None else []


FLEET_FIELDS: Fields[Server] = Fields(
    {
        "p99": _number(lambda server: server.load.p99_ms, "p99 latency, ms"),
        "mean": _number(lambda server: server.load.mean_ms, "mean latency, ms"),
        "rate": _number(lambda server: server.load.rate, "requests per second"),
        "err": _number(lambda server: _percent(server.load.error_ratio), "errors, per cent"),
        "queue": _number(lambda server: server.load.queue_ms, "mean queue time, ms"),
        "wait": _number(lambda server: server.load.pending, "requests waiting"),
        "cpu": _number(
            lambda server: _percent(server.target.host.cpu_utilization) if server.target else None,
            "processor time, per cent",
        ),
        "age": _number(lambda server: server.age_s, "age of the data, s"),
        "name": _text(lambda server: server.name, "its name: = is exact, : is a part"),
        "state": _text(
            lambda server: server.standing.name.replace("_", " "), "WELL, DOWN, PARTLY, NOT READY …"
        ),
        "node": _text(lambda server: server.node, "its node"),
        "pod": _text(lambda server: server.pod, "its pod"),
        "gpu": _text(_numbers, "number of one of its GPUs"),
        "known": _text(_how, "how its GPU is known: exact, MIG, shared …"),
        "model": _text(lambda server: [key.model for key in server.load.serving], "a model that it serves"),
        "version": _text(
            lambda server: [key.version for key in server.load.serving], "a version that it serves"
        ),
    },
    lambda server: (server.name,),
    lambda server: (server.node, server.pod),
)  # fmt: skip - one field a line where it fits
