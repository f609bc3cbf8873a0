"""What HAProxy's runtime socket answers, read into values; ValueError where it is no such answer."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from console.domain.haproxy_stats import BACKEND, FRONTEND, SERVER, Row
from console.domain.situation import Traffic
from console.domain.text import visible

FORCED_MAINTENANCE, FORCED_DRAIN = 0x01, 0x08
_ANY_MAINTENANCE = 0x01 | 0x02 | 0x04 | 0x20 | 0x40
_ANY_DRAIN = 0x08 | 0x10
_STARTING, _RUNNING = 1, 2
_AGENT_ENABLED = 0x04
_STATE_COLUMNS = ("srv_name", "srv_uweight", "srv_iweight", "srv_admin_state", "srv_op_state")
_NO_BACKEND = "Can't find backend"
_ENTRY = re.compile(r"0x[0-9a-f]+ (\S+) ?(.*)")

_PERCENT = re.compile(r"[0-9]{1,3}(\.[0-9]{1,4})?")


class Server(NamedTuple):
    """One server of a backend: its weight now and as configured, and whether it takes new requests."""

    name: str
    weight: int
    initial: int
    admin: int
    running: bool
    backup: bool = False
    cookie: bool = False
    agent: bool = False

    @property
    def state(self) -> str:
        """What an operator set: ``ready``, ``drain`` or ``maint``."""
        if self.admin & _ANY_MAINTENANCE:
            return "maint"
        return "drain" if self.admin & _ANY_DRAIN else "ready"

    @property
    def live(self) -> bool:
        """Whether it is up and not taken out."""
        return self.running and self.state == "ready"

    @property
    def effective(self) -> int:
        """Its weight in the balance now."""
        return self.weight if self.live and not self.backup else 0


class Backend(NamedTuple):
    """A backend, its algorithm and its servers, in HAProxy's order."""

    name: str
    algorithm: str
    servers: tuple[Server, ...]

    def server(self, name: str) -> Server | None:
        """One server by name."""
        return next((server for server in self.servers if server.name == name), None)


def backend_of(name: str, rows: Iterable[Row], states: str) -> Backend | None:
    """A backend out of the statistics and of ``show servers state``; None where there is no such backend."""
    mine = [row for row in rows if row.get("pxname") == name]
    whole = next((row for row in mine if row.get("type") == BACKEND), None)
    if whole is None:
        return None
    return Backend(name, whole.get("algo") or "", servers_of(name, states, mine))


def servers_of(name: str, states: str, rows: Iterable[Row] = ()) -> tuple[Server, ...]:
    """The servers of a backend out of ``show servers state``; the rest is filled in from its statistics, if given."""
    if states.startswith(_NO_BACKEND):
        return ()
    stats = {str(row.get("svname")): row for row in rows if row.get("type") == SERVER}
    return tuple(
        _server(state, stats.get(state.get("srv_name", ""), {}))
        for state in _state_rows(states)
        if state.get("be_name") == name
    )


def _server(state: Row, stat: Row) -> Server:
    missing = [name for name in _STATE_COLUMNS if name not in state]
    if missing:
        raise ValueError(f"a server state has no {missing[0]}")
    return Server(
        name=state["srv_name"],
        weight=int(state["srv_uweight"]),
        initial=int(state["srv_iweight"]),
        admin=int(state["srv_admin_state"]),
        running=int(state["srv_op_state"]) in {_STARTING, _RUNNING},
        backup=stat.get("bck") == "1",
        cookie=bool(stat.get("cookie")),
        agent=bool(int(state.get("srv_agent_state", "0")) & _AGENT_ENABLED),
    )


def _state_rows(text: str) -> Iterator[Row]:
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 2 or lines[0] != "1" or not lines[1].startswith("# be_id "):
        raise ValueError("no server states")
    names = lines[1].removeprefix("# ").split(" ")
    for line in lines[2:]:
        values = line.split(" ")
        if len(values) < len(names):
            raise ValueError("a server state is cut off")
        yield dict(zip(names, values, strict=False))


def map_value(text: str, key: str) -> str | None:
    """The value of a map's key out of ``show map``; None without one, ValueError where it is there twice."""
    found = []
    for line in text.splitlines():
        entry = _ENTRY.fullmatch(line.strip())
        if line.strip() and entry is None:
            raise ValueError(visible(line.strip()))
        if entry is not None and entry[1] == key:
            found.append(entry[2])
    if len(found) > 1:
        raise ValueError(f"key {key} is in the map {len(found)} times")
    return found[0] if found else None


def is_percent(value: str) -> bool:
    """Whether a map's value is a number that a percentage can be."""
    return bool(_PERCENT.fullmatch(value))


def weighed(rows: Iterable[Row], backend: str, servers: Iterable[str]) -> Traffic:
    """Requests that the backend's servers were given, and those that these servers were."""
    mine = set(servers)
    given = {
        str(row.get("svname")): _count(row, "stot")
        for row in rows
        if row.get("pxname") == backend and row.get("type") == SERVER
    }
    return Traffic(sum(given.values()), sum(count for name, count in given.items() if name in mine))


def admitted(rows: Iterable[Row], backend: str) -> Traffic:
    """Requests that reached the backend's servers, against those and the ones that HAProxy answered itself.

    A 429 counts as intercepted or denied in a frontend, and as a 4xx that no server gave in a backend. The
    frontend's are counted for all its backends: with two of them shedding at once they cannot be told apart.
    """
    kept = shed = 0.0
    for row in rows:
        kind = row.get("type")
        if kind == FRONTEND:
            shed += min(_count(row, "intercepted") + _count(row, "dreq"), _count(row, "hrsp_4xx"))
        elif row.get("pxname") == backend and kind == BACKEND:
            shed += _count(row, "hrsp_4xx")
        elif row.get("pxname") == backend and kind == SERVER:
            kept += _count(row, "stot")
            shed -= _count(row, "hrsp_4xx")
    return Traffic(kept + max(shed, 0.0), kept)


def _count(row: Row, name: str) -> float:
    return float(row.get(name) or 0)
