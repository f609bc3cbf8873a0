"""HAProxy's counters, from its runtime socket or its Prometheus exporter: both are read as one table."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any, NamedTuple

from console.domain.around import GatewayReading, RouteCounters
from console.domain.haproxy_stats import BACKEND, FRONTEND, SERVER, Row
from console.sources._gateway_routes import Rows

KIND = "haproxy"
_MS = 1e3
_ABSURD = 2.0**64
_TYPES = {"frontend": FRONTEND, "backend": BACKEND, "server": SERVER}
_OUT = ("DRAIN", "MAINT")
_STATUS = "status"
# The exporter's names for the columns of the table, and the factor to the table's ms.
_COLUMNS = {
    "sessions_total": ("stot", 1.0),
    "http_requests_total": ("req_tot", 1.0),
    "connection_attempts_total": ("connect", 1.0),
    "connection_reuses_total": ("reuse", 1.0),
    "loadbalanced_total": ("lbtot", 1.0),
    "retry_warnings_total": ("wretr", 1.0),
    "redispatch_warnings_total": ("wredis", 1.0),
    "connection_errors_total": ("econ", 1.0),
    "requests_denied_total": ("dreq", 1.0),
    "intercepted_requests_total": ("intercepted", 1.0),
    "current_queue": ("qcur", 1.0),
    "queue_time_average_seconds": ("qtime", _MS),
    "connect_time_average_seconds": ("ctime", _MS),
    "response_time_average_seconds": ("rtime", _MS),
    "weight": ("weight", 1.0),
    "uweight": ("uweight", 1.0),
}
_TIMES = ("qtime", "ctime", "rtime")
# The exporter divides by so many requests even while there are fewer, and then tells too little.
_SAMPLES = 1024
_CODES = {"4xx": "hrsp_4xx", "5xx": "hrsp_5xx"}
_CODE_FAMILY = "http_responses_total"
_WANTED = frozenset(
    f"haproxy_{kind}_{name}" for kind in _TYPES for name in (*_COLUMNS, _CODE_FAMILY, _STATUS)
)


class Line(NamedTuple):
    """One row of HAProxy's table: whose, its figures by column, and the status in words."""

    proxy: str
    server: str
    type: str
    figures: Mapping[str, float]
    status: str = ""
    backup: bool = False

    def get(self, column: str) -> float | None:
        """A figure; None where HAProxy does not count it."""
        return self.figures.get(column)


def wanted(family: str) -> bool:
    """Whether a family is read."""
    return family in _WANTED


def lines_of_stats(rows: Iterable[Row]) -> list[Line]:
    """The table as the runtime socket gives it."""
    return [_line(row) for row in rows if row.get("type") in _TYPES.values()]


def _line(row: Row) -> Line:
    figures = {name: value for name, text in row.items() if (value := _number(text)) is not None}
    proxy, server, kind = (str(row.get(name) or "") for name in ("pxname", "svname", "type"))
    return Line(proxy, server, kind, figures, str(row.get("status") or ""), row.get("bck") == "1")


def _number(text: object) -> float | None:
    try:
        value = float(str(text))
    except ValueError:
        return None
    return value if isfinite(value) and 0 <= value < _ABSURD else None


def lines_of_rows(rows: Rows) -> list[Line]:
    """The table out of the exporter's series."""
    figures: defaultdict[tuple[str, str, str], dict[str, float]] = defaultdict(dict)
    status: dict[tuple[str, str, str], str] = {}
    for (family, labels), value in rows:
        _, kind, name = family.split("_", 2)
        key = (labels.get("proxy", ""), labels.get("server", ""), _TYPES[kind])
        if name == _STATUS:
            if value:
                status[key] = labels.get("state", "")
        elif name == _CODE_FAMILY:
            if labels.get("code") in _CODES:
                figures[key][_CODES[labels["code"]]] = value
        else:
            column, scale = _COLUMNS[name]
            figures[key][column] = value * scale
    return [Line(*key, _sound(each), status.get(key, "")) for key, each in figures.items()]


def _sound(figures: Mapping[str, float]) -> dict[str, float]:
    enough = figures.get("req_tot", 0.0) >= _SAMPLES
    return {column: value for column, value in figures.items() if enough or column not in _TIMES}


def haproxy_reading(lines: Iterable[Line]) -> GatewayReading:
    """Backends by name, and all frontends as the clients' side."""
    frontends, backends = [], []
    servers: defaultdict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if line.type == FRONTEND:
            frontends.append(line)
        elif line.type == BACKEND:
            backends.append(line)
        else:
            servers[line.proxy].append(line)
    routes = tuple(_backend(line, servers[line.proxy]) for line in backends)
    return GatewayReading(KIND, routes, _edge(frontends))


def _backend(line: Line, servers: Iterable[Line]) -> RouteCounters:
    servers = list(servers)
    tries, retries = _tries(line)
    return RouteCounters(
        line.proxy,
        tries=tries,
        retries=retries,
        failed=line.get("hrsp_5xx"),
        rejected=_rejected(line, servers, tries),
        connect_failures=line.get("econ"),
        average_ms=_time(line),
        queue_ms=line.get("qtime"),
        connect_ms=line.get("ctime"),
        queued=line.get("qcur"),
        weights={each.server: weight for each in servers if (weight := _weight(each)) is not None},
    )


def _tries(line: Line) -> tuple[float | None, float | None]:
    """Tries, each of which takes a connection, a new one or an open one; and those beyond each request's first.

    HAProxy's own two counters do not say the second: a retry on the same server is in ``wretr``, on another one in
    ``wredis``, and one after an answer in both, or twice in ``wretr``. Together they are the most that it can be, and
    exact where HAProxy is too old to count connections, and to retry after an answer.
    """
    asked, again, elsewhere = line.get("stot"), line.get("wretr"), line.get("wredis")
    new, reused = line.get("connect"), line.get("reuse")
    if asked is None or again is None:
        return asked, again
    most = again + (elsewhere or 0.0)
    if new is None or reused is None:
        return asked + most, most
    beyond = new + reused - _sent(line, asked)
    return new + reused, min(max(beyond, 0.0), most)


def _time(line: Line) -> float | None:
    """From the queue to the first of the answer; ``ttime`` would count how long an idle client stays connected."""
    parts = [line.get(column) for column in _TIMES]
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None


def _sent(line: Line, asked: float) -> float:
    return asked - (line.get("qcur") or 0.0)


def _rejected(line: Line, servers: Iterable[Line], tries: float | None) -> float | None:
    """What no server was asked for: denied, answered 4xx by HAProxy itself, or without a server to send it to."""
    denied, asked = line.get("dreq"), line.get("stot")
    if denied is None:
        return None
    own = (line.get("hrsp_4xx") or 0.0) - sum(each.get("hrsp_4xx") or 0.0 for each in servers)
    unsent = 0.0 if tries is None or asked is None else _sent(line, asked) - tries
    return max(denied, own, unsent)


def _weight(server: Line) -> float | None:
    """What an operator gave it, 0 while it is taken out; a slow start is no change of weight."""
    if server.backup:
        return None
    if server.status.startswith(_OUT):
        return 0.0
    given = server.get("uweight")
    return server.get("weight") if given is None else given


def _edge(frontends: list[Line]) -> RouteCounters | None:
    """The frontends together; those that answer statistics are among them, and count what they answered as refused."""
    if not frontends:
        return None
    name = f"clients of {frontends[0].proxy}" if len(frontends) == 1 else "clients"
    refused = [min(_refused(line), line.get("hrsp_4xx") or 0.0) for line in frontends]
    figures: dict[str, Any] = {
        "tries": _total(frontends, "req_tot"),
        "failed": _total(frontends, "hrsp_5xx"),
        "rejected": sum(refused),
    }
    return RouteCounters(name, **figures)


def _refused(line: Line) -> float:
    return (line.get("intercepted") or 0.0) + (line.get("dreq") or 0.0)


def _total(lines: Iterable[Line], column: str) -> float | None:
    known = [value for line in lines if (value := line.get(column)) is not None]
    return sum(known) if known else None
