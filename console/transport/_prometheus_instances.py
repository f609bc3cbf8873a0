"""Which of the processes that a Prometheus scrapes is which target of the fleet."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple
from urllib.parse import urlsplit

from console.domain.fleet import Target
from console.domain.text import visible

# What tells one scraped process from another, and one scraper of it from the next; all others tell models apart.
IDENTITY = (
    *("instance", "job", "pod", "namespace", "cluster", "node", "host", "hostname"),
    *("prometheus", "prometheus_replica", "replica"),
)
_MACHINES = ("node", "host", "hostname")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "0.0.0.0"})  # noqa: S104 - a name to compare with
_SHOWN = 5


class Instance(NamedTuple):
    """One scraped process as one scraper sees it: its labels in the order of IDENTITY, and how many models' series."""

    labels: tuple[str, ...]
    series: int = 0

    def label(self, name: str) -> str:
        """A label's value, empty where it has none."""
        return self.labels[IDENTITY.index(name)]

    @property
    def address(self) -> str:
        """Its ``instance`` label in a spelling to compare."""
        return _address(self.label("instance"))

    @property
    def process(self) -> tuple[str, ...]:
        """Which process it is, whoever scrapes it: a pod keeps its name when its address changes."""
        pod = self.label("pod")
        return (pod, self.label("namespace"), self.label("cluster")) if pod else self.place

    @property
    def place(self) -> tuple[str, ...]:
        """Where it listens; private addresses repeat from cluster to cluster."""
        return self.address, self.label("cluster")


class _Way(NamedTuple):
    """One way to tell that two are the same: what a target and an instance are called, and which names are one process."""

    of_target: Callable[[Target], set[str]]
    of_instance: Callable[[Instance], set[str]]
    process: Callable[[Instance], tuple[str, ...]]


class Matched(NamedTuple):
    """The instances of each target by its name, best known first, and what fits nothing, a sentence each."""

    instances: dict[str, tuple[Instance, ...]]
    notes: tuple[str, ...]


def matched(targets: Sequence[Target], instances: Iterable[Instance]) -> Matched:
    """Match by the metrics' address, then by names; and the only one with the only one, which is said."""
    pool = sorted(instances, key=lambda instance: (-instance.series, instance.labels))
    found: dict[str, tuple[Instance, ...]] = {}
    for way in _WAYS:
        found |= _alike([target for target in targets if target.name not in found], pool, way)
        claimed = {instance for mine in found.values() for instance in mine}
        pool = [instance for instance in pool if instance not in claimed]
    if not found and len(targets) == 1 and len({instance.process for instance in pool}) == 1:
        note = (
            f"{_listed(pool)} is the only Triton that Prometheus scrapes and was taken for {targets[0].name}"
        )
        return Matched({targets[0].name: tuple(pool)}, (note,))
    return Matched(found, tuple(_notes([t for t in targets if t.name not in found], pool)))


def _alike(targets: Sequence[Target], pool: Sequence[Instance], way: _Way) -> dict[str, tuple[Instance, ...]]:
    """By target, the instances that share with it, and with it alone, a name of one process."""
    called: dict[str, list[Instance]] = defaultdict(list)
    for instance in pool:
        for name in way.of_instance(instance):
            called[name].append(instance)
    named = Counter(name for target in targets for name in way.of_target(target))
    found = {}
    for target in targets:
        names = [name for name in way.of_target(target) if named[name] == 1]
        mine = {instance for name in names if _one(called[name], way) for instance in called[name]}
        if mine and _one(mine, way):
            found[target.name] = tuple(instance for instance in pool if instance in mine)
    return found


def _one(instances: Iterable[Instance], way: _Way) -> bool:
    return len({way.process(instance) for instance in instances}) == 1


def _address(text: str) -> str:
    """Host and port of an address or a URL in one spelling."""
    host, port = _split(text)
    return f"{host}:{port}" if port else host


def _split(text: str) -> tuple[str, int | None]:
    try:
        split = urlsplit(text if "://" in text else f"//{text}")
        host, port = (split.hostname or "").rstrip("."), split.port
    except ValueError:
        return text, None
    return "localhost" if host in _LOOPBACK else host, port or {"http": 80, "https": 443}.get(split.scheme)


def _host(text: str) -> str:
    return _split(text)[0]


def _short(text: str) -> str:
    """The first part of a host name; an address of numbers has none."""
    host = _host(text)
    return host if host.replace(".", "").isdigit() or ":" in host else host.partition(".")[0]


def _names(target: Target) -> set[str]:
    return {target.name, _host(target.metrics), _short(target.metrics), _host(target.url), _short(target.url)}


def _addresses(instance: Instance) -> set[str]:
    """Its address, and the same port on the machine that its labels name."""
    port = _split(instance.label("instance"))[1]
    machines = {label for name in _MACHINES if (label := instance.label(name))} if port else set()
    return {instance.address} | {_address(f"{machine}:{port}") for machine in machines}


def _called(instance: Instance) -> set[str]:
    """What it is called where its address says nothing: an instance with another port is another process."""
    host, port = _split(instance.label("instance"))
    return {instance.label("instance"), instance.label("pod"), *(() if port else (host,))} - {""}


_WAYS = (
    _Way(lambda target: {_address(target.metrics)}, _addresses, attrgetter("place")),
    _Way(_names, _called, attrgetter("process")),
)


def _notes(targets: Sequence[Target], pool: Sequence[Instance]) -> Iterable[str]:
    if not targets:
        return
    names = ", ".join(f"{target.name} ({_address(target.metrics)})" for target in targets[:_SHOWN])
    more = f" and {len(targets) - _SHOWN} more" if len(targets) > _SHOWN else ""
    others = f"it also scrapes {_listed(pool)}" if pool else "it scrapes no other Triton"
    yield visible(f"Prometheus has nothing of {names}{more}: {others}", 300)


def _listed(pool: Sequence[Instance]) -> str:
    """The instances by their label, each once."""
    names = list(
        dict.fromkeys(instance.label("instance") or "one without an instance label" for instance in pool)
    )
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return visible(", ".join(names[:_SHOWN]), 200) + more
