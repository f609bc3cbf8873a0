"""How bad a row is, and so where it stands: the worst model is on top.

The order, worst first: does not serve although it should; a probe fails; burns its error
budget fast; breaks its latency objective; burns slowly; ready on some targets only; warned
about; mean above the threshold where no percentile is known; stale; well; idle; never
loaded or unloaded on purpose. Within a level the ratio to the objective in coarse steps,
then the name, so that rows stand still while figures flicker.
"""

import math
from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple

from console.domain.alert_burn import PAGE_BURN, TICKET_BURN
from console.domain.basis import Missing
from console.domain.rows import ModelRow, TargetRow, Warn
from console.domain.triton import State
from console.domain.versions import is_trouble
from console.view.styled import Role, Span

_STEP = math.log(1.25)


class Level(IntEnum):
    """How bad; the higher the worse."""

    ABSENT = 0
    IDLE = 1
    WELL = 2
    STALE = 3
    SLOW_MEAN = 4
    WARNED = 5
    PARTLY = 6
    BURNS = 7
    SLOW = 8
    BURNS_FAST = 9
    PROBE_FAILS = 10
    NOT_SERVING = 11


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
    Level.PARTLY: _WARN,
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
    """How bad a row is. It is asked of every row at every refresh, so the common case costs little."""
    if not row.ready and not row.scraped:
        return _nowhere(row)
    if row.probes and failing_probe(row):
        return Level.PROBE_FAILS
    if row.stale:
        return Level.STALE
    burning = _burning(row.slo.burn)
    if burning is Level.BURNS_FAST:
        return burning
    ratio = row.slo.ratio
    if ratio is not None and ratio > 1:
        return Level.SLOW
    return burning or _doubts(row)


def worst_first(row: ModelRow) -> tuple[int, int, str, str]:
    """Sort key of the natural order."""
    ratio = row.slo.ratio
    step = round(math.log(ratio) / _STEP) if ratio is not None and ratio > 0.5 else -4
    return (-level(row), -step, row.key.model, row.key.version)


def failing_probe(row: ModelRow) -> bool:
    """Whether the newest probe on any target went wrong."""
    return any(probe.failing for probe in row.probes)


def findings(row: ModelRow | TargetRow) -> tuple[Warn, ...]:
    """Warnings that tell of something wrong, without the standing remarks."""
    return tuple(warning for warning in row.warnings if not warning.note)


def failed_to_serve(row: ModelRow) -> bool:
    """Whether the version serves nowhere, for another reason than an unload."""
    return not row.ready and is_trouble(row.state, row.reason)


def _nowhere(row: ModelRow) -> Level:
    """The level of a version that is ready on no target."""
    if failed_to_serve(row):
        return Level.NOT_SERVING
    if row.state in (State.ABSENT, State.UNAVAILABLE):
        return Level.ABSENT
    return Level.STALE if row.stale else Level.PARTLY


def _burning(burn: Mapping[str, float | None]) -> Level | None:
    """How fast the budget burns; a long window that does not exist yet does not object."""
    short = burn.get("5m")
    if short is not None and short >= 1:
        long = burn.get("1h")
        if long is None or long >= PAGE_BURN:
            return Level.BURNS_FAST if short >= PAGE_BURN else Level.BURNS
        if long >= 1:
            return Level.BURNS
    middle, longest = burn.get("30m"), burn.get("6h")
    if middle is not None and middle >= TICKET_BURN and (longest is None or longest >= TICKET_BURN):
        return Level.BURNS_FAST
    return None


def _doubts(row: ModelRow) -> Level:
    if not row.scraped and (row.state is not State.READY or row.ready < len(row.targets)):
        return Level.PARTLY
    if row.warnings and findings(row):
        return Level.WARNED
    if row.missing is Missing.IDLE:
        return Level.IDLE
    if row.slo.ratio is None and row.mean_ms is not None and row.mean_ms > row.slo.objective.latency_ms:
        return Level.SLOW_MEAN
    return Level.WELL
