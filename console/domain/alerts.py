"""What deserves attention now, from the rows of one snapshot."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from console.domain.drift import Drift
from console.domain.failure import Failure, FailureKind
from console.domain.gpu import GpuRow
from console.domain.rows import ModelRow, TargetRow
from console.domain.triton import State
from console.domain.versions import is_trouble

PAGE, TICKET = "page", "ticket"
# Both from the 30-day multi-window table: 2 % of the budget in an hour, 5 % in six.
PAGE_BURN, TICKET_BURN = 14.4, 6.0
# Under this many requests a window proves nothing about a share of them.
LEAST_REQUESTS = 20
# LLM servers fill the GPU by design: what is critical is too little left, not much used.
GPU_FREE_FLOOR_BYTES = 512 * 2**20

_ODD = {FailureKind.GARBAGE, FailureKind.STATUS, FailureKind.REDIRECT, FailureKind.TOO_LARGE}
_SAID = {
    "credential-missing": "{target} withholds its {part}: credential missing",
    "metrics-missing": "metrics of {target} are missing",
    "target-odd": "{target} does not answer as Triton does",
}


class Condition(NamedTuple):
    """An alert's condition that holds now; the engine knows since when."""

    id: str
    severity: str
    subject: str
    message: str
    evidence: str


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
        return Condition("target-odd", severity, target.name, said, why.message)
    return Condition("target-down", severity, target.name, f"{target.name} does not answer", why.message)


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
        yield Condition(kind, TICKET, target.name, said, failure.message)


def _model_conditions(row: ModelRow, served: set[str], down: set[str]) -> Iterator[Condition]:
    subject = row.key.label
    if is_trouble(row.state, row.reason):
        severity = TICKET if row.model in served else PAGE
        yield Condition("model-unavailable", severity, subject, f"{subject} is {row.state}", row.reason)
    for probe in row.probes:
        if probe.failing and probe.target not in down:
            said = f"probe of {subject} on {probe.target} ends in {probe.outcome}"
            yield Condition("probe-failed", PAGE, f"{subject} on {probe.target}", said, probe.detail)
    yield from _objective_conditions(row, subject)


def _objective_conditions(row: ModelRow, subject: str) -> Iterator[Condition]:
    """A budget that burns fast, or else a percentile over its threshold: one finding, not two."""
    burn = row.slo.burn.get("5m")
    busy = (row.rate or 0.0) * row.window_s >= LEAST_REQUESTS
    if burn is not None and busy and burn >= TICKET_BURN:
        severity = PAGE if burn >= PAGE_BURN else TICKET
        said = f"{subject} burns its error budget {burn:.1f} times too fast"
        yield Condition("budget-burn", severity, subject, said, f"5 m burn {burn:.1f}, {_evidence(row)}")
    elif row.slo.ratio is not None and row.slo.ratio > 1.0 and not row.stale:
        said = f"{subject} answers slower than promised"
        yield Condition("latency-objective", TICKET, subject, said, _evidence(row))


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
