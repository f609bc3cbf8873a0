"""Why a row stands where it stands, in a few words."""

from collections.abc import Callable

from console.domain.rows import ModelRow
from console.domain.text import visible
from console.view import format as write
from console.view.reason import first_line
from console.view.severity import Level, findings, level


def verdict(row: ModelRow) -> str:
    """What is wrong with a version, empty when nothing is."""
    say = _SAYINGS.get(level(row))
    return say(row) if say is not None else ""


def _probe(row: ModelRow) -> str:
    failed = next(probe for probe in row.probes if probe.failing)
    return f"fails its probe: {failed.outcome.value} {visible(failed.detail, 120)}".rstrip()


def _promise(row: ModelRow) -> str:
    aim = row.slo.objective
    parts = []
    if row.slo.ratio is not None and row.slo.ratio > 1:
        threshold = write.threshold(aim.latency_ms)
        parts.append(f"p{aim.quantile * 100:g} is {write.times(row.slo.ratio)} its {threshold} ms")
    burn = row.slo.burn.get("5m")
    if burn is not None and burn >= 1:
        parts.append(f"burns its budget {write.times(burn)}")
    return ", ".join(parts)


def _not_serving(row: ModelRow) -> str:
    return f"does not serve: {first_line(row.reason)}"


def _partly(row: ModelRow) -> str:
    return f"is ready on {row.ready} of {len(row.targets)} targets {first_line(row.reason)}".rstrip()


def _warned(row: ModelRow) -> str:
    return visible(findings(row)[0].text)


def _slow_mean(row: ModelRow) -> str:
    aim = write.threshold(row.slo.objective.latency_ms)
    return f"has a mean of {write.number(row.mean_ms or 0.0)} ms, over the threshold of {aim} ms"


def _stale(row: ModelRow) -> str:
    age = "" if row.age_s is None else f" for {write.duration(row.age_s)}"
    return f"is stale: none of its targets has answered{age}"


_SAYINGS: dict[Level, Callable[[ModelRow], str]] = {
    Level.NOT_SERVING: _not_serving,
    Level.PROBE_FAILS: _probe,
    Level.BURNS_FAST: _promise,
    Level.SLOW: _promise,
    Level.BURNS: _promise,
    Level.PARTLY: _partly,
    Level.WARNED: _warned,
    Level.SLOW_MEAN: _slow_mean,
    Level.STALE: _stale,
}
