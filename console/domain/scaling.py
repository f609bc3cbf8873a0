"""Scaling signals, and what an autoscaler on them would make of them: a calculation, not advice.

The rule is that of Kubernetes' HorizontalPodAutoscaler: ``ceil(replicas × metric / target)``, the same number while the
metric is within a tenth of its target, and the highest of all metrics; one that is unknown keeps it from scaling down.
"""

from collections.abc import Iterable, Sequence
from math import ceil
from typing import Final, NamedTuple

from console.domain.around import WorkloadReading
from console.domain.basis import Basis
from console.domain.config import ModelConfig
from console.domain.gpu import GpuRow
from console.domain.rows import ModelRow, TargetRow

TOLERANCE: Final = 0.1
# Queue time that is worth a replica: this share of what the objective allows.
QUEUE_SHARE: Final = 0.1
UTILIZATION: Final = 0.7
WAITING: Final = 5.0
# Of the requests that all instances can work on at once.
CONCURRENCY: Final = 0.7
_MOST_REPLICAS = 100_000


class Signal(NamedTuple):
    """One metric as an autoscaler sees it, for each replica: its value now, its target, both in ``unit``.

    ``value`` is None where it is unknown, and ``unknown`` says why, or what the figure leaves out. ``wanted`` are the
    replicas that it alone asks for, None where that cannot be computed. ``basis`` is how the value is known, ``of`` the
    model that it is of.
    """

    id: str
    name: str
    unit: str
    value: float | None
    target: float | None
    wanted: int | None = None
    basis: Basis | None = None
    unknown: str = ""
    of: str = ""


class Scaling(NamedTuple):
    """All signals of one model, or of a fleet. ``replicas`` are those there are now, None where nobody tells.

    ``wanted`` is the highest that any signal asks for, and ``by`` which one; ``held`` when that is fewer than
    there are and an autoscaler would keep them, since one of its metrics is unknown. ``available`` and ``asked`` are pods as their controllers count them; ``free_bytes`` the least free GPU
    memory.
    """

    replicas: int | None
    signals: tuple[Signal, ...]
    wanted: int | None
    by: str
    held: bool
    available: int | None = None
    asked: int | None = None
    free_bytes: float | None = None

    @property
    def pending(self) -> int | None:
        """Pods that are asked for and not available."""
        if self.available is None or self.asked is None:
            return None
        return max(self.asked - self.available, 0)


class Inputs(NamedTuple):
    """What the signals of one model are made of; ``replicas`` are the servers that serve it."""

    row: ModelRow
    replicas: int | None
    targets: Sequence[TargetRow]
    gpus: Sequence[GpuRow]
    configs: Sequence[ModelConfig]
    workloads: Sequence[WorkloadReading] = ()


def desired(replicas: int, value: float, target: float) -> int:
    """``ceil(replicas × value / target)``, or the same number within the tolerance; never below one."""
    ratio = value / target
    if abs(ratio - 1.0) <= TOLERANCE:
        return replicas
    # What floating point adds to a whole number is no replica.
    return max(1, min(ceil(replicas * ratio - 1e-9), _MOST_REPLICAS))


def scaling(given: Inputs) -> Scaling:
    """The signals of one model, and what follows from them."""
    name = given.row.key.label
    signals = tuple(_wanting(each, given.replicas)._replace(of=name) for each in _signals(given))
    return _summed(given.replicas, signals, given.workloads, given.gpus)


def fleet_scaling(
    models: Iterable[Scaling],
    replicas: int | None,
    workloads: Sequence[WorkloadReading],
    gpus: Sequence[GpuRow],
) -> Scaling:
    """What all models together ask for: every server serves them all, so that the most demanding one decides.

    Each signal is that of the model that asks for most by it.
    """
    worst: dict[str, Signal] = {}
    for each in models:
        for signal in each.signals:
            known = worst.get(signal.id)
            if known is None or (signal.wanted or -1) > (known.wanted or -1):
                worst[signal.id] = signal
    return _summed(replicas, tuple(worst.values()), workloads, gpus)


def _summed(
    replicas: int | None,
    signals: tuple[Signal, ...],
    workloads: Sequence[WorkloadReading],
    gpus: Sequence[GpuRow],
) -> Scaling:
    asking = [signal for signal in signals if signal.wanted is not None]
    top = max(asking, key=lambda signal: signal.wanted or 0, default=None)
    wanted = top.wanted if top else None
    fewer = wanted is not None and replicas is not None and wanted < replicas
    counted = [each.replicas for each in workloads if each.replicas is not None]
    free = [
        row.gpu.memory_free_bytes for row in gpus if row.gpu.memory_free_bytes is not None and not row.stale
    ]
    return Scaling(
        replicas=replicas,
        signals=signals,
        wanted=wanted,
        by=top.id if top else "",
        held=fewer and len(asking) < len(signals),
        available=sum(available for available, _ in counted) if counted else None,
        asked=sum(asked for _, asked in counted) if counted else None,
        free_bytes=min(free, default=None),
    )


def _wanting(signal: Signal, replicas: int | None) -> Signal:
    if replicas is None or signal.value is None or not signal.target:
        return signal
    return signal._replace(wanted=desired(replicas, signal.value, signal.target))


def _signals(given: Inputs) -> tuple[Signal, ...]:
    row = given.row
    threshold = row.slo.objective.latency_ms
    known = row.percentiles
    no_flow = row.missing.value if row.missing else "no data"
    no_percentile = row.latency_missing.value if row.latency_missing else no_flow
    p95, p99 = (known.p95, known.p99) if known else (None, None)
    basis = known.basis if known else None
    return (
        Signal(
            "queue",
            "queue time",
            "ms",
            row.queue_ms,
            QUEUE_SHARE * threshold,
            None,
            Basis.MEAN,
            "" if row.queue_ms is not None else no_flow,
        ),
        _waiting(given),
        Signal("p95", "p95", "ms", p95, threshold, None, basis, "" if p95 is not None else no_percentile),
        Signal("p99", "p99", "ms", p99, threshold, None, basis, "" if p99 is not None else no_percentile),
        _concurrency(given, no_flow),
        _gpu(given),
        _cpu(given),
    )  # fmt: skip - one signal a line


def _waiting(given: Inputs) -> Signal:
    pending = given.row.pending
    each = pending / given.replicas if pending is not None and given.replicas else None
    why = "" if each is not None else "no pending count" if pending is None else _NO_REPLICAS
    return Signal("pending", "waiting", "each", each, WAITING, None, Basis.GAUGE, why)


_NO_REPLICAS = "replicas unknown"


def _concurrency(given: Inputs, no_flow: str) -> Signal:
    """Requests in flight by Little's law: rate × time; against what the instances can work on at once."""
    row = given.row
    in_flight = None if row.rate is None or row.mean_ms is None else row.rate * row.mean_ms / 1000
    each = in_flight / given.replicas if in_flight is not None and given.replicas else None
    room = max((config.instances * max(config.max_batch, 1) for config in given.configs), default=0)
    why = no_flow if in_flight is None else _NO_REPLICAS if each is None else ""
    if not why and not room:
        why = "no config tells how many are worked on at once"
    return Signal("concurrency", "in flight", "each", each, CONCURRENCY * room or None, None, Basis.MEAN, why)


def _gpu(given: Inputs) -> Signal:
    busy = [row.gpu.utilization for row in given.gpus if row.gpu.utilization is not None and not row.stale]
    why = "" if busy else "no GPU of its servers is known"
    return Signal("gpu", "GPU", "%", _percent(busy), UTILIZATION * 100, None, Basis.GAUGE, why)


def _cpu(given: Inputs) -> Signal:
    hosts = [row.host.cpu_utilization for row in given.targets if not row.stale]
    busy = [value for value in hosts if value is not None]
    why = "" if busy else "no server reports its CPU"
    return Signal("cpu", "CPU", "%", _percent(busy), UTILIZATION * 100, None, Basis.GAUGE, why)


def _percent(shares: Sequence[float]) -> float | None:
    return 100 * sum(shares) / len(shares) if shares else None
