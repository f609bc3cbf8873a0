"""What deserves attention now, from the rows of one snapshot."""

from collections.abc import Iterable, Iterator, Sequence

from console.domain.alert_burn import burning, told
from console.domain.alert_condition import LEAST_REQUESTS, PAGE, TICKET, Condition
from console.domain.drift import Drift
from console.domain.failure import Failure, FailureKind
from console.domain.gpu import GpuRow
from console.domain.rows import ModelRow, TargetRow
from console.domain.triton import State
from console.domain.versions import is_trouble

# LLM servers fill the GPU by design: what is critical is too little left, not much used.
GPU_FREE_FLOOR_BYTES = 512 * 2**20
# Waiting takes half of what is promised, or a fifth of it and longer than the work itself.
QUEUE_SHARE, QUEUE_OVER_COMPUTE_SHARE = 0.5, 0.2
QUEUE_FOR_S = 60.0
# What is scaled down stops answering: by then it has been looked up whether it is still there.
FOUND_FOR_S = 5.0

_ODD = {FailureKind.GARBAGE, FailureKind.STATUS, FailureKind.REDIRECT, FailureKind.TOO_LARGE}
_SAID = {
    "credential-missing": "{target} withholds its {part}: credential missing",
    "metrics-missing": "metrics of {target} are missing",
    "target-odd": "{target} does not answer as Triton does",
}


def conditions(
    targets: Sequence[TargetRow],
    models: Sequence[ModelRow],
    gpus: Iterable[GpuRow],
    drifts: Iterable[Drift] = (),
) -> Iterator[Condition]:
    """Every condition that holds, targets first."""
    yield from _target_conditions(targets)
    served = {row.model for row in models if row.state is State.READY and row.ready}
    down = {target.name for target in targets if not target.up}
    for row in models:
        yield from _model_conditions(row, served, down)
    for gpu in gpus:
        yield from _gpu_conditions(gpu)
    for drift in drifts:
        said = f"someone undid this: {drift.sentence}; plan {drift.plan}"
        yield Condition("drift", TICKET, drift.subject, said, f"read back from {drift.control}")


def _target_conditions(targets: Sequence[TargetRow]) -> Iterator[Condition]:
    all_down = bool(targets) and not any(t.up for t in targets)
    for target in targets:
        if not target.up and target.failures:
            yield _down(target, PAGE if all_down else TICKET)
            continue
        yield from _answer_conditions(target)


def _down(target: TargetRow, severity: str) -> Condition:
    why = target.failures[0]
    if why.kind in _ODD:
        said = _SAID["target-odd"].format(target=target.name)
        return Condition("target-odd", severity, target.name, said, why.message, target=target.name)
    said = f"{target.name} does not answer"
    for_s = FOUND_FOR_S if target.found else 0.0
    return Condition("target-down", severity, target.name, said, why.message, target=target.name, for_s=for_s)


def _answer_conditions(target: TargetRow) -> Iterator[Condition]:
    """What a target that answers does not tell, each kind once."""
    found: dict[str, Failure] = {}
    for failure in target.failures:
        if failure.kind is FailureKind.FORBIDDEN:
            found.setdefault("credential-missing", failure)
        elif failure.part == "metrics":
            found.setdefault("metrics-missing", failure)
        elif failure.part in {"index", "metadata"} and failure.kind in _ODD:
            found.setdefault("target-odd", failure)
    for kind, failure in found.items():
        said = _SAID[kind].format(target=target.name, part=failure.part)
        yield Condition(kind, TICKET, target.name, said, failure.message, target=target.name)


def _model_conditions(row: ModelRow, served: set[str], down: set[str]) -> Iterator[Condition]:
    if is_trouble(row.state, row.reason):
        severity = TICKET if row.model in served else PAGE
        yield _of(row, "model-unavailable", severity, f"{row.key.label} is {row.state}", row.reason)
    for probe in row.probes:
        if probe.failing and probe.target not in down:
            subject = f"{row.key.label} on {probe.target}"
            said = f"probe of {subject} ends in {probe.outcome}"
            found = _of(row, "probe-failed", PAGE, said, probe.detail)
            yield found._replace(subject=subject, target=probe.target)
    yield from _objective_conditions(row)
    yield from _queue_conditions(row)


def _of(row: ModelRow, kind: str, severity: str, said: str, evidence: str) -> Condition:
    """A condition of one version."""
    return Condition(kind, severity, row.key.label, said, evidence, row.model, row.version)


def _objective_conditions(row: ModelRow) -> Iterator[Condition]:
    """A budget that burns fast, or else a percentile over its threshold: one finding, not two.

    A version that was taken out of service burns no more, whatever its last minutes hold.
    """
    if row.state is State.UNAVAILABLE and not row.rate:
        return
    fast = burning(row)
    if fast is not None:
        said = f"{row.key.label} burns its error budget {fast.short.burn:.1f} times too fast"
        found = _of(row, "budget-burn", fast.severity, said, f"{told(row.slo, fast)}, {_evidence(row)}")
        yield found._replace(instead_of="latency-objective")
    elif row.slo.ratio is not None and row.slo.ratio > 1.0 and not row.stale and _asked(row):
        said = f"{row.key.label} answers slower than promised"
        yield _of(row, "latency-objective", TICKET, said, _evidence(row))


def _asked(row: ModelRow) -> bool:
    """Whether enough requests come to speak of a share of them: counted, or at this rate within a minute."""
    soon = (row.rate or 0.0) * QUEUE_FOR_S
    return max(row.slo.requests.get("5m", 0.0), soon) >= LEAST_REQUESTS


def _queue_conditions(row: ModelRow) -> Iterator[Condition]:
    """Requests that wait for long: measured by what is promised, since a batcher waits on purpose."""
    wait, work, promised = row.queue_ms, row.compute_ms, row.slo.objective.latency_ms
    if wait is None or row.stale or not _asked(row):
        return
    slower = work is not None and wait > work and wait > QUEUE_OVER_COMPUTE_SHARE * promised
    if slower or wait > QUEUE_SHARE * promised:
        compute = "unknown" if work is None else f"{work:.1f} ms"
        waiting = "" if row.pending is None else f", {row.pending:.0f} waiting"
        said = f"requests of {row.key.label} wait {wait:.1f} ms in the queue"
        evidence = f"queue {wait:.1f} ms of {promised:g} ms promised, compute {compute}{waiting} (means)"
        yield _of(row, "queue-sustained", TICKET, said, evidence)._replace(for_s=QUEUE_FOR_S)


def _evidence(row: ModelRow) -> str:
    errors = "unknown" if row.error_ratio is None else f"{row.error_ratio:.2%}"
    return f"errors {errors}{_slowness(row)}"


def _slowness(row: ModelRow) -> str:
    """The promised percentile against its threshold, where it is known."""
    promised = row.slo.objective
    if row.slo.ratio is None or row.percentiles is None:
        return ""
    value = row.slo.ratio * promised.latency_ms
    name = f"p{promised.quantile * 100:g}"
    return f", {name} {value:.1f} ms of {promised.latency_ms:g} ms promised ({row.percentiles.basis})"


def _gpu_conditions(row: GpuRow) -> Iterator[Condition]:
    free = row.gpu.memory_free_bytes
    if free is not None and free < GPU_FREE_FLOOR_BYTES and not row.stale:
        name = f"GPU {row.gpu.number or row.gpu.uuid} {row.gpu.node}".strip()
        said = f"{free / 2**20:.0f} MiB free, floor {GPU_FREE_FLOOR_BYTES >> 20} MiB"
        yield Condition("gpu-memory", TICKET, name, f"{name} is nearly out of memory", said)
