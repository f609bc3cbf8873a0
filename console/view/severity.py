"""How bad a row is, and so where it stands: the worst model is on top.

The order, worst first: does not serve although it should; a probe fails; burns its error
budget fast; breaks its latency objective; burns slowly; loading, partly ready or warned
about; mean above the threshold where no percentile is known; stale; well; idle; never
loaded or unloaded on purpose. Within a level the ratio to the objective in coarse steps,
then the name, so that rows stand still while figures flicker.
"""

import math
from enum import IntEnum
from typing import NamedTuple

from console.domain.basis import Missing
from console.domain.probe import ProbeOutcome
from console.domain.rows import ModelRow
from console.domain.triton import State
from console.view.styled import Role, Span

FAST_BURN = 14.4
STEADY_BURN = 6.0
_STEP = math.log(1.25)


class Level(IntEnum):
    """How bad; the higher the worse."""

    ABSENT = 0
    IDLE = 1
    WELL = 2
    STALE = 3
    SLOW_MEAN = 4
    WARNED = 5
    BURNS = 6
    SLOW = 7
    BURNS_FAST = 8
    PROBE_FAILS = 9
    NOT_SERVING = 10


class Face(NamedTuple):
    """A level's sign and role: a shape as well as a colour."""

    sign: Span
    role: Role


_BAD = Face(Span("✗", "bad"), "bad")
_WARN = Face(Span("▲", "warn"), "warn")

FACES: dict[Level, Face] = {
    Level.ABSENT: Face(Span("·", "dim"), "dim"),
    Level.IDLE: Face(Span("○", "dim"), "dim"),
    Level.WELL: Face(Span("●", "good"), "good"),
    Level.STALE: Face(Span("◌", "stale"), "stale"),
    Level.SLOW_MEAN: _WARN,
    Level.WARNED: _WARN,
    Level.BURNS: _WARN,
    Level.SLOW: _WARN,
    Level.BURNS_FAST: _BAD,
    Level.PROBE_FAILS: _BAD,
    Level.NOT_SERVING: _BAD,
}

SIGNS: tuple[tuple[Span, str], ...] = (
    (Span("✗", "bad"), "does not serve, a probe fails, or the budget burns fast"),
    (Span("▲", "warn"), "breaks its objective, burns slowly, is partly ready, or has a warning"),
    (Span("◌", "stale"), "stale: its server has not answered lately"),
    (Span("●", "good"), "keeps its objective, as far as is known"),
    (Span("○", "dim"), "idle: no requests in the window"),
    (Span("·", "dim"), "not loaded"),
)


def level(row: ModelRow) -> Level:
    """How bad a row is."""
    found = _state(row)
    if found is None:
        found = _promise(row)
    if found is None:
        found = _doubts(row)
    return Level.WELL if found is None else found


def worst_first(row: ModelRow) -> tuple[int, int, str, str]:
    """Sort key of the natural order."""
    ratio = row.slo.ratio
    step = round(math.log(ratio) / _STEP) if ratio is not None and ratio > 0.5 else -4
    return (-level(row), -step, row.key.model, row.key.version)


def failing_probe(row: ModelRow) -> bool:
    """Whether the newest probe on any target went wrong."""
    return any(probe.outcome is not ProbeOutcome.OK for probe in row.probes)


def failed_to_serve(row: ModelRow) -> bool:
    """Whether the version is unavailable for another reason than an unload."""
    return row.state is State.UNAVAILABLE and row.reason not in ("", "unloaded")


def _state(row: ModelRow) -> Level | None:
    if failed_to_serve(row):
        return Level.NOT_SERVING
    if row.state in (State.ABSENT, State.UNAVAILABLE):
        return Level.ABSENT
    return None


def _promise(row: ModelRow) -> Level | None:
    if failing_probe(row):
        return Level.PROBE_FAILS
    if row.stale:
        return Level.STALE
    burn = row.slo.burn
    if _both(burn.get("5m"), burn.get("1h"), FAST_BURN) or _both(
        burn.get("30m"), burn.get("6h"), STEADY_BURN
    ):
        return Level.BURNS_FAST
    if row.slo.ratio is not None and row.slo.ratio > 1:
        return Level.SLOW
    return Level.BURNS if _both(burn.get("5m"), burn.get("1h"), 1.0) else None


def _both(short: float | None, long: float | None, limit: float) -> bool:
    """Whether both windows burn at the limit; a long window that does not exist yet does not object."""
    return short is not None and short >= limit and (long is None or long >= limit)


def _doubts(row: ModelRow) -> Level | None:
    if row.state is not State.READY or row.ready < len(row.targets) or row.warnings:
        return Level.WARNED
    if row.missing is Missing.IDLE:
        return Level.IDLE
    if row.slo.ratio is None and row.mean_ms is not None and row.mean_ms > row.slo.objective.latency_ms:
        return Level.SLOW_MEAN
    return None
