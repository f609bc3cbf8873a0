"""Replicas of one model that differ: which one, in what, by how much; said only where enough asked to say so."""

from collections.abc import Iterator, Mapping, Sequence
from math import sqrt
from statistics import median
from typing import Final, NamedTuple

from console.domain.basis import Basis
from console.domain.config import ModelConfig
from console.domain.rows import Percentiles, ReplicaRow, Warn
from console.domain.text import visible
from console.domain.triton import State

# Of three or more a median is a yardstick; of two nobody knows which one is odd, unless it is far off.
_FACTOR: Final = 2.0
_FACTOR_OF_TWO: Final = 4.0
# What a table warns of is plainer still.
_FACTOR_WARNED: Final = 3.0
_FLOOR_WARNED_MS: Final = 10.0
_SPREADS = 3.0
_SIGMAS = 5.0
_LEAST_REQUESTS: Final = 100.0
_LEAST_FAILED = 5.0
# Below these a factor is of no interest: ms above the median.
_FLOOR_MS: Final = {"p99": 5.0, "mean": 3.0, "queue": 2.0}
_BASES: Final = {"p99": Basis.SUMMARY, "mean": Basis.MEAN, "queue": Basis.MEAN}
_NAME = 40
_FIELDS = 4
_MOST = 12


class Imbalance(NamedTuple):
    """One difference: its kind, the target that is odd, and the sentence; ``ratio`` is over the others, None where none is."""

    kind: str
    target: str
    text: str
    ratio: float | None = None


def imbalances(
    rows: Sequence[ReplicaRow], seconds: float, configs: Mapping[str, ModelConfig] | None = None
) -> tuple[Imbalance, ...]:
    """What differs between the replicas of one version, the gravest first; ``seconds`` is what their rates are over."""
    if len(rows) < 2:
        return ()
    ready = [row for row in rows if row.state in (State.READY, State.UNKNOWN) and not row.stale]
    found = [*_states(rows), *_errors(ready, seconds)]
    asked = [row for row in ready if (row.rate or 0.0) * seconds >= _LEAST_REQUESTS]
    p99 = [*_slow("p99", asked, [row.p99_ms for row in asked])]
    found += p99 or _slow("mean", asked, [row.mean_ms for row in asked])
    found += _slow("queue", asked, [row.queue_ms for row in asked])
    found += _skew(ready, seconds)
    found += _configs(configs or {})
    return tuple(found[:_MOST])


def imbalance_warnings(
    percentiles: Percentiles | None, reporting: int, rate: float | None, seconds: float
) -> Iterator[Warn]:
    """The worst target's p99 far above the median target's, where each had enough requests: what costs nothing to see.

    ``rate`` is over all ``reporting`` targets and ``seconds``.
    """
    if percentiles is None or percentiles.p99 is None or not percentiles.median_p99:
        return
    worst, usual = percentiles.p99, percentiles.median_p99
    far = worst >= _FACTOR_WARNED * usual and worst - usual >= _FLOOR_WARNED_MS
    if far and (rate or 0.0) * seconds >= _LEAST_REQUESTS * reporting:
        text = _slow_words("p99", percentiles.target, worst, usual, "the median target's")
        yield Warn("imbalance", text, "the fleet screen (7) compares the replicas")


def differing_versions(serving: Mapping[str, Sequence[str]]) -> tuple[Imbalance, ...]:
    """Targets that serve other versions of a model than most do; ``serving`` has the versions by target."""
    sets: dict[tuple[str, ...], list[str]] = {}
    for target, versions in serving.items():
        if versions:
            sets.setdefault(tuple(sorted(versions)), []).append(target)
    if len(sets) < 2:
        return ()
    usual, *others = sorted(sets, key=lambda each: (-len(sets[each]), each))
    most = f"{_versions(usual)} on {_count(sets[usual])}"
    return tuple(
        Imbalance("versions", target, f"{_short(target)} serves {_versions(odd)}, {most}")
        for odd in others
        for target in sets[odd]
    )[:_MOST]


def _states(rows: Sequence[ReplicaRow]) -> Iterator[Imbalance]:
    serving = [row for row in rows if row.state is State.READY]
    if not serving:
        return
    for row in rows:
        if row.state in (State.READY, State.UNKNOWN, State.ABSENT):
            continue
        why = f" ({visible(row.reason, 80)})" if row.reason else ""
        text = f"{_short(row.target)} is {row.state.value}{why}; {len(serving)} of {len(rows)} serve"
        yield Imbalance("state", row.target, text)


def _errors(rows: Sequence[ReplicaRow], seconds: float) -> Iterator[Imbalance]:
    """A replica that fails more than the others together, beyond chance."""
    asked = [
        (row, row.rate * seconds, min(row.error_ratio, 1.0))
        for row in rows
        if row.rate and row.error_ratio is not None
    ]
    total = sum(number for _, number, _ in asked)
    failed = sum(number * ratio for _, number, ratio in asked)
    for row, number, ratio in asked:
        rest = total - number
        if rest < _LEAST_REQUESTS or number * ratio < _LEAST_FAILED:
            continue
        usual = (failed - number * ratio) / rest
        # Of so few failures that none was seen elsewhere, at most one can be taken for granted.
        base = min(max(usual, 1.0 / rest), 1.0)
        if number * (ratio - base) > _SIGMAS * sqrt(number * base * (1 - base)) and ratio > _FACTOR * base:
            text = f"{_short(row.target)} fails {ratio * 100:.3g} % of its requests, the others {usual * 100:.3g} %"
            yield Imbalance("errors", row.target, text, ratio / base)


def _slow(what: str, rows: Sequence[ReplicaRow], values: Sequence[float | None]) -> list[Imbalance]:
    known = [(row.target, value) for row, value in zip(rows, values, strict=True) if value is not None]
    if len(known) < 2:
        return []
    figures = [value for _, value in known]
    usual = min(figures) if len(known) == 2 else median(figures)
    factor = _FACTOR_OF_TWO if len(known) == 2 else _FACTOR
    spread = 0.0 if len(known) == 2 else median(abs(value - usual) for value in figures)
    least = usual + max(_FLOOR_MS[what], _SPREADS * spread)
    against = "the other's" if len(known) == 2 else "the median"
    found = [
        Imbalance(
            what, target, _slow_words(what, target, value, usual, against), value / usual if usual else None
        )
        for target, value in known
        if value >= max(least, factor * usual)
    ]
    return sorted(found, key=lambda each: -(each.ratio or 0.0))


def _slow_words(what: str, target: str, value: float, usual: float, against: str) -> str:
    name = "queue time" if what == "queue" else what
    figures = f"({_figure(value)} against {_figure(usual)} ms, {_BASES[what].value})"
    if usual < value / 1000:
        return f"{name} of {_short(target)} is far above {against} {figures}"
    return f"{name} of {_short(target)} is {_times(value / usual)} {against} {figures}"


def _skew(rows: Sequence[ReplicaRow], seconds: float) -> Iterator[Imbalance]:
    """A replica that gets far more or far fewer requests than the others, beyond chance."""
    known = [(row, row.rate) for row in rows if row.rate is not None]
    if len(known) < 2:
        return
    rates = [rate for _, rate in known]
    usual = max(rates) if len(known) == 2 else median(rates)
    factor = _FACTOR_OF_TWO if len(known) == 2 else _FACTOR
    if usual * seconds < _LEAST_REQUESTS:
        return
    for row, rate in known:
        beyond = abs(rate - usual) * seconds > _SIGMAS * sqrt(usual * seconds)
        if beyond and (rate * factor <= usual or rate >= factor * usual):
            yield Imbalance("rate", row.target, _skew_words(row, rate, usual, len(known)), rate / usual)


def _skew_words(row: ReplicaRow, rate: float, usual: float, number: int) -> str:
    against = "the other" if number == 2 else "the median"
    if rate == 0:
        return f"{_short(row.target)} gets no requests ({against} {_figure(usual)}/s)"
    return f"{_short(row.target)} gets {_times(rate / usual)} the requests of {against} ({_figure(rate)} against {_figure(usual)}/s)"


def _configs(configs: Mapping[str, ModelConfig]) -> Iterator[Imbalance]:
    groups: dict[str, list[str]] = {}
    for target, config in configs.items():
        groups.setdefault(config.digest, []).append(target)
    if len(groups) < 2:
        return
    usual, *others = sorted(groups.values(), key=lambda each: (-len(each), each))
    for targets in others:
        fields = _fields(configs[usual[0]], configs[targets[0]])
        for target in targets:
            text = f"config of {_short(target)} differs from that of {_count(usual)}: {fields}"
            yield Imbalance("config", target, text)


def _fields(one: ModelConfig, other: ModelConfig) -> str:
    """The parts of two configs that are not the same."""
    left, right = one.tree, other.tree
    odd = sorted(key for key in {*left, *right} if left.get(key) != right.get(key))
    more = f" and {len(odd) - _FIELDS} more" if len(odd) > _FIELDS else ""
    return ", ".join(visible(key, _NAME) for key in odd[:_FIELDS]) + more


def _versions(versions: Sequence[str]) -> str:
    return ", ".join(f"v{visible(version, 12)}" for version in versions)


def _count(targets: Sequence[str]) -> str:
    return _short(targets[0]) if len(targets) == 1 else f"{len(targets)} others"


def _short(name: str) -> str:
    return visible(name, _NAME)


def _figure(value: float) -> str:
    """Three places that count: ``183``, ``46``, ``3.14``."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _times(ratio: float) -> str:
    return f"{ratio:,.0f}×" if ratio >= 10 else f"{ratio:.2g}×"
