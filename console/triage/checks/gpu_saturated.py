"""Whether a GPU's SMs are saturated, by the best figure that is collected."""

from typing import NamedTuple

from console.domain.gpu import GpuRow
from console.domain.triage import Answer, Evidence, Finding
from console.triage.gpus import BUSY, HINT, SM_HINT, figure, gpus, named, shift
from console.triage.scene import Scene
from console.triage.shift import Shift
from console.triage.strain import Strain

NAME = "gpu_saturated"
# How much busier than before a GPU must be: one that always was is not what changed.
_RISE = 0.1
_SLOWER = 1.2
# Where nobody knows how busy it was before, it may always have been.
_UNCOMPARED = 0.6


class _Measure(NamedTuple):
    """One way to know: its column, where it is full, and how far to trust it."""

    column: str
    full: float
    trust: float


_MEASURES = (
    _Measure("sm_active", 0.9, 0.85),
    _Measure("engine_active", 0.95, 0.7),
    _Measure("utilization", 0.95, 0.6),
)
# Of many GPUs the busiest are looked at.
_MOST = 16


def check(scene: Scene) -> Finding:
    """Yes when a GPU got saturated and executions got slower with it."""
    strain = Strain(scene.inner)
    rows = sorted(gpus(strain), key=_newest, reverse=True)[:_MOST]
    found = [(row, *_measured(strain, row)) for row in rows]
    known = [(row, measure, value) for row, measure, value in found if value.now is not None]
    if not known:
        nothing = Evidence(NAME, Answer.UNKNOWN, "SMs active", hint=HINT)
        return Finding(
            NAME, Answer.UNKNOWN, "no source tells how busy its GPUs are", (nothing,), confidence=0.2
        )
    evidence = tuple(_evidence(row, measure, value) for row, measure, value in known)
    full = [(measure.trust, row, measure, value) for row, measure, value in known if _full(measure, value)]
    if not full:
        most = max(value.now or 0.0 for _, _, value in known)
        return Finding(
            NAME,
            Answer.NO,
            f"none is busier than {most:.0%}, or busier than it was",
            evidence,
            confidence=0.7,
        )
    trust, row, measure, value = max(full, key=lambda each: (each[0], each[3].now or 0.0))
    said = f"{named(row)}: {BUSY[measure.column].what} {value.now:.0%}" + (
        f", was {value.base:.0%}" if value.base is not None else ""
    )
    if not strain.scene.late and strain.slower is not None and strain.slower < _SLOWER:
        return Finding(
            NAME, Answer.NO, f"{said}, yet executions take as long as before", evidence, confidence=0.7
        )
    if value.base is None:
        trust *= _UNCOMPARED
    return Finding(
        NAME, Answer.YES, said, evidence, "gpu", trust, scene.inner.model, target=strain.focus, at=scene.onset
    )


def _newest(row: GpuRow) -> float:
    """How far the best figure that the row has is on its way to full."""
    values = ((getattr(row.gpu, measure.column), measure.full) for measure in _MEASURES)
    return next((value / full for value, full in values if value is not None), -1.0)


def _measured(strain: Strain, row: GpuRow) -> tuple[_Measure, Shift]:
    """The best figure that the row has."""
    for measure in _MEASURES:
        value = getattr(row.gpu, measure.column)
        if value is not None:
            usual = shift(strain, row, measure.column)
            return measure, Shift(
                usual.now if usual.now is not None else value, usual.base, usual.deviation, usual.basis
            )
    return _MEASURES[0], Shift(None, None)


def _full(measure: _Measure, value: Shift) -> bool:
    if value.now is None or value.now < measure.full:
        return False
    return value.base is None or value.base < measure.full - _RISE / 2


def _evidence(row: GpuRow, measure: _Measure, value: Shift) -> Evidence:
    answer = Answer.YES if _full(measure, value) else Answer.NO
    made = figure(NAME, answer, row, BUSY[measure.column], value)
    return made if measure.column == "sm_active" else made._replace(hint=SM_HINT)
