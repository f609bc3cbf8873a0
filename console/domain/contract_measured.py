"""Clauses that only watching tells about: latency at a rate, memory on a GPU, files by their checksums."""

from collections.abc import Mapping, Sequence

from console.domain.basis import Missing
from console.domain.contract import Clause, Envelope, Performance
from console.domain.contract_found import Finding, clause
from console.domain.lies import percentile_hint
from console.domain.rows import ModelRow
from console.domain.text import visible

PERFORMANCE, GPU_MEMORY, CPU, FILES = (
    "contract.performance",
    "contract.gpu_memory",
    "contract.cpu",
    "contract.files",
)
# A rate that is watched for seconds is never quite the one that is sent.
_NEARLY = 0.9
# Under so many requests nothing is claimed, here as in alerts.
_ENOUGH = 20
_NAME = 80


def performance_clause(promised: Performance, row: ModelRow | None) -> Clause:
    """Latency within what is promised, while as much is asked as is promised; ``row`` is the version's, None if it is gone."""
    found = Finding(None, "no version of it is watched") if row is None else _latency(promised, row)
    if found.passed and row is not None:
        found = _at_rate(promised, row, found)
    return clause(PERFORMANCE, [found])


def memory_clause(envelope: Envelope, used: Sequence[float | None]) -> Clause:
    """Whether the model can take no more than it may: ``used`` are the bytes in use on each GPU of a target, by all.

    What all take together bounds what one takes; beyond that nothing tells whose the memory is.
    """
    most = envelope.gpu_memory_bytes or 0.0
    known = [each for each in used if each is not None]
    if not known:
        said = "no GPU's memory is known: set gpu (dcgm or nvml) in the settings, or start Triton with GPU metrics"
        return clause(GPU_MEMORY, [Finding(None, said)])
    peak = max(known)
    if len(known) == len(used) and peak <= most:
        said = f"all that runs on its GPU takes {size_text(peak)}, within {size_text(most)}"
        return clause(GPU_MEMORY, [Finding(passed=True, said=said)])
    said = (
        f"its GPU holds {size_text(peak)} in all, {size_text(most)} are promised, and nothing tells how much is this "
        "model's: load it alone to know"
    )
    return clause(GPU_MEMORY, [Finding(None, said)])


def cpu_clause(envelope: Envelope) -> Clause:
    """That nothing tells about it."""
    said = f"{envelope.cpu:g} cores are promised; Triton tells of the whole machine only: a limit of its container holds it"
    return Clause(CPU, passed=None, detail=said)


def files_clause(
    wanted: Mapping[str, str], found: Mapping[str, str] | None, version: str, why: str = ""
) -> Clause:
    """Files of a version by name with their SHA-256, empty where any content will do; ``found`` are those that are there.

    None is not known, and ``why`` says why.
    """
    if found is None:
        return Clause(FILES, passed=None, detail=why)
    return clause(FILES, [_file(name, digest, found, version) for name, digest in wanted.items()])


def size_text(number: float) -> str:
    """``4.0 GiB``."""
    for unit, power in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if number >= 2**power:
            return f"{number / 2**power:.1f} {unit}"
    return f"{number:.0f} B"


def _file(name: str, digest: str, found: Mapping[str, str], version: str) -> Finding:
    shown, where = visible(name, _NAME), f"version {visible(version, 20)}"
    if name not in found:
        return Finding(passed=False, said=f"{where} has no {shown}")
    has = found[name]
    if digest and not has:
        return Finding(None, f"{shown} of {where} cannot be read")
    if digest and digest != has:
        return Finding(
            passed=False, said=f"{shown} of {where}: contract says {digest[:12]}…, it is {has[:12]}…"
        )
    return Finding(passed=True, said=f"{shown} of {where} {'as promised' if digest else 'is there'}")


def _latency(promised: Performance, row: ModelRow) -> Finding:
    name = f"p{promised.quantile * 100:g}"
    aim = f"contract says {name} within {promised.latency_ms:g} ms"
    value = _quantile(row, promised.quantile)
    if value is not None:
        basis = row.percentiles.basis.value if row.percentiles else ""
        said = f"{aim}, it is {value:.4g} ms ({basis})"
        asked = (row.rate or 0.0) * row.window_s
        if asked < _ENOUGH:
            more = f"of {asked:.0f} requests in {row.window_s:.0f} s, {_ENOUGH} are needed: send it more, or watch longer"
            return Finding(None, f"{said}, {more}")
        return Finding(value <= promised.latency_ms, said)
    if row.missing is Missing.IDLE or row.latency_missing is Missing.IDLE:
        return Finding(None, f"{aim}; nothing was asked of it while it was watched: send it requests")
    hint = percentile_hint(row)
    if hint is None and row.percentiles is not None:
        hint = "p50, p90, p95 and p99 are known"
    return Finding(None, f"{aim}, {name} is unknown{f': {hint}' if hint else ''}")


def _at_rate(promised: Performance, row: ModelRow, found: Finding) -> Finding:
    """What holds at less than the promised rate or batch is not proven at it."""
    if promised.rate is not None and (row.rate is None or row.rate < promised.rate * _NEARLY):
        seen = "an unknown rate" if row.rate is None else f"{row.rate:.4g} requests per second"
        return Finding(None, f"{found.said}, at {seen}: {promised.rate:g} are promised, and not proven")
    if promised.batch is not None and (row.batch is None or row.batch < promised.batch * _NEARLY):
        seen = "an unknown batch" if row.batch is None else f"batches of {row.batch:.3g}"
        return Finding(None, f"{found.said}, in {seen}: {promised.batch} are promised, and not proven")
    rate = f" at {row.rate:.4g} requests per second" if row.rate is not None else ""
    return found._replace(said=found.said + rate)


def _quantile(row: ModelRow, quantile: float) -> float | None:
    known = row.percentiles
    if known is None:
        return None
    return {0.5: known.p50, 0.9: known.p90, 0.95: known.p95, 0.99: known.p99}.get(round(quantile, 6))
