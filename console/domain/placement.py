"""Where a server runs: its node, its pod, its GPUs, and how each of that is known."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from console.domain.fleet import Target
from console.domain.gpu import GpuRow
from console.domain.rows import TargetRow
from console.domain.text import visible

_MIG = "MIG-"
_NAMED = 4
_NAME = 40


class How(StrEnum):
    """How a server's GPU is known.

    ``EXACT``: the server sees it, and the exporter says which pod holds it; nobody else does. ``SHARED``: others see it
    or hold it too. ``MIG``: a slice of it. ``ONE_SOURCE``: only the server, or only the exporter, says so.
    """

    EXACT = "exact"
    MIG = "MIG"
    SHARED = "shared"
    ONE_SOURCE = "one source"
    UNKNOWN = "unknown"


class Held(NamedTuple):
    """One GPU, or one slice of it, of a server; ``row`` is None where no GPU source knows it. ``why`` is a sentence."""

    uuid: str
    how: How
    why: str
    row: GpuRow | None = None


class Placement(NamedTuple):
    """Where a server runs. ``how`` is the least certain of its GPUs; ``why`` says how it is known, ``hint`` how it would be."""

    how: How
    why: str
    node: str = ""
    namespace: str = ""
    pod: str = ""
    gpus: tuple[Held, ...] = ()
    hint: str = ""


class Around(NamedTuple):
    """What places are judged by: the servers by name, who sees a GPU by its UUID, and GPUs by UUID and by pod."""

    known: Mapping[str, Target]
    seers: Mapping[str, Sequence[str]]
    by_uuid: Mapping[str, Sequence[GpuRow]]
    by_pod: Mapping[str, Sequence[GpuRow]]

    @classmethod
    def of(cls, known: Iterable[Target], targets: Iterable[TargetRow], gpus: Iterable[GpuRow]) -> "Around":
        """From the targets as they are known and as they were last seen, and all GPUs."""
        seers: dict[str, list[str]] = {}
        for row in targets:
            for uuid in row.gpus:
                seers.setdefault(uuid, []).append(row.name)
        by_uuid: dict[str, list[GpuRow]] = {}
        by_pod: dict[str, list[GpuRow]] = {}
        for each in gpus:
            by_uuid.setdefault(each.gpu.uuid, []).append(each)
            by_pod.setdefault(each.gpu.pod, []).append(each)
        return cls({target.name: target for target in known}, seers, by_uuid, by_pod)


_ORDER = (How.UNKNOWN, How.ONE_SOURCE, How.SHARED, How.MIG, How.EXACT)
_SCRAPED_HINT = "open one of its servers: a server tells which GPUs it sees"
_NO_GPU_HINT = (
    "Triton's own GPU metrics (not --allow-gpu-metrics=false) and a DCGM exporter with pod labels tell"
)


def placement(row: TargetRow, around: Around) -> Placement:
    """The server's place, from what it says itself, what discovery says, and what the GPU exporter says."""
    known = around.known.get(row.name)
    if known is not None and known.scraped:
        why = "a group of servers seen through Prometheus has no place of its own"
        return Placement(How.UNKNOWN, why, hint=_SCRAPED_HINT)
    pod, namespace = (known.pod, known.namespace) if known else ("", "")
    if row.gpus:
        held = tuple(each for uuid in row.gpus for each in _seen(uuid, row, pod, around))
    else:
        held = tuple(_labelled(pod or row.name, namespace, around.by_pod))
    return _placed(held, row, known)


def _placed(held: tuple[Held, ...], row: TargetRow, known: Target | None) -> Placement:
    gpus = [each.row.gpu for each in held if each.row is not None]
    node = (known.node if known else "") or next((gpu.node for gpu in gpus if gpu.node), "")
    pods = {(gpu.namespace, gpu.pod) for gpu in gpus if gpu.pod}
    namespace, pod = (known.namespace, known.pod) if known and known.pod else ("", "")
    if not pod and len(pods) == 1 and all(each.how in {How.EXACT, How.MIG} for each in held):
        namespace, pod = next(iter(pods))
    if not held:
        return Placement(How.UNKNOWN, _unknown(row), node, namespace, pod, (), _NO_GPU_HINT)
    least = min(held, key=lambda each: _ORDER.index(each.how))
    hint = "a DCGM exporter with pod labels would confirm it" if least.how is How.ONE_SOURCE else ""
    return Placement(least.how, least.why, node, namespace, pod, held, hint)


def _unknown(row: TargetRow) -> str:
    if not row.up:
        return "the server does not answer, and no exporter names it"
    return "the server reports no GPU, and no exporter names its pod"


def _seen(uuid: str, row: TargetRow, pod: str, around: Around) -> list[Held]:
    """A GPU that the server sees itself; one entry for each slice that is its own."""
    rows = around.by_uuid.get(uuid, ())
    slices = [each for each in rows if each.gpu.mig]
    if uuid.startswith(_MIG):
        return [Held(uuid, How.MIG, "the server sees a MIG slice by its own UUID", rows[0] if rows else None)]
    if slices:
        return _sliced(uuid, slices, pod or row.name)
    others = [name for name in around.seers.get(uuid, ()) if name != row.name]
    found = rows[0] if rows else None
    return [Held(uuid, *_whole(found, pod or row.name, others, named=bool(pod)), found)]


def _whole(found: GpuRow | None, pod: str, others: list[str], *, named: bool) -> tuple[How, str]:
    holder = found.gpu.pod if found is not None else ""
    if others:
        return How.SHARED, f"the server sees it, and so does {_names(others)}: seeing is not using"
    if not holder:
        return How.ONE_SOURCE, "the server sees it; no exporter says which pod holds it"
    if named and holder != pod:
        said = f"the server in pod {_short(pod)} sees it, DCGM says {_short(holder)} holds it"
        return How.SHARED, f"{said}: they share it, or one of the two is out of date"
    return How.EXACT, f"the server's own UUID, and DCGM says pod {_short(holder)} holds it"


def _sliced(uuid: str, slices: list[GpuRow], pod: str) -> list[Held]:
    own = [each for each in slices if each.gpu.pod == pod]
    if own:
        why = f"a MIG slice that DCGM says pod {_short(pod)} holds, on a GPU that the server sees"
        return [Held(uuid, How.MIG, why, each) for each in own]
    if len(slices) == 1:
        return [Held(uuid, How.MIG, "the only MIG slice of a GPU that the server sees", slices[0])]
    why = f"one of {len(slices)} MIG slices of a GPU that the server sees: no exporter says which"
    return [Held(uuid, How.SHARED, why)]


def _labelled(pod: str, namespace: str, gpus: Mapping[str, Sequence[GpuRow]]) -> list[Held]:
    """GPUs that the exporter says this pod holds, where the server itself tells of none."""
    why = f"DCGM says pod {_short(pod)} holds it; the server itself reports no GPU"
    return [
        Held(row.gpu.uuid, How.MIG if row.gpu.mig else How.ONE_SOURCE, why, row)
        for row in gpus.get(pod, ())
        if not namespace or row.gpu.namespace in {"", namespace}
    ]


def _names(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(map(_short, names[:_NAMED])) + more


def _short(name: str) -> str:
    return visible(name, _NAME)
