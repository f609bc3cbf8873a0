"""The GPU memory of one side of a gate, where anything tells: its GPUs alone, or what its load added."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from console.domain.gate import Side
from console.domain.gpu import GpuRow
from console.domain.marker import Marker, MarkerKind
from console.domain.snapshot import Snapshot

POD, LOADED, NOTHING = "gpus of the target", "growth by its load", ""
# Looks before a load and after it that tell what it added, and when the allocation has settled.
_BEFORE_S, _SETTLES_S, _AFTER_S = 30.0, 5.0, 60.0
_MOST_S = 1800.0


class Held(NamedTuple):
    """Bytes that one side holds, None where nothing tells; ``how`` is the way they are known, ``why`` the reason that they are not."""

    bytes: float | None
    how: str = NOTHING
    why: str = ""


class HeldPair(NamedTuple):
    """Both sides, known in the same way or not at all."""

    baseline: Held
    candidate: Held


def held(snapshot: Snapshot, model: str, baseline: Side, candidate: Side) -> HeldPair:
    """What both sides hold: of targets with GPUs of their own all that is used there, else what each load added."""
    first, second = (_gpus(snapshot, side) for side in (baseline, candidate))
    if not first or not second:
        nobody = "baseline" if not first else "candidate"
        why = f'nothing tells which GPUs the {nobody} runs on: dcgm = [...] or nvml = "local" in the settings'
        return HeldPair(Held(None, why=why), Held(None, why=why))
    shared = {_name(row) for row in first} & {_name(row) for row in second}
    if not shared:
        return HeldPair(_used(first), _used(second))
    grown = HeldPair(_growth(snapshot, model, baseline, first), _growth(snapshot, model, candidate, second))
    if grown.baseline.bytes is None or grown.candidate.bytes is None:
        both = f"both run on GPU {', '.join(sorted(shared)[:3])}, where their memory is not told apart"
        why = f"{both}; it is known where the console watches both of them load"
        return HeldPair(Held(None, why=why), Held(None, why=why))
    return grown


def _gpus(snapshot: Snapshot, side: Side) -> Sequence[GpuRow]:
    """The GPUs of the side's targets, by what the servers see or by the pod's name."""
    wanted = {uuid for row in snapshot.targets if row.name in side.targets for uuid in row.gpus}
    pods = {target.pod for target in snapshot.fleet.targets if target.name in side.targets and target.pod}
    pods |= set(side.targets)
    rows = [row for row in snapshot.gpus if row.gpu.uuid in wanted or (row.gpu.pod and row.gpu.pod in pods)]
    return [row for row in rows if not row.stale and row.gpu.memory_used_bytes is not None]


def _used(rows: Sequence[GpuRow]) -> Held:
    return Held(sum(row.gpu.memory_used_bytes or 0.0 for row in rows), POD)


def _growth(snapshot: Snapshot, model: str, side: Side, rows: Sequence[GpuRow]) -> Held:
    """What the GPUs held more after the newest load of the version than before it."""
    load = next((mark for mark in reversed(snapshot.markers) if _is_load(mark, model, side)), None)
    if load is None:
        return Held(None, why="its load was not watched")
    parts = [_grown(snapshot, load, row) for row in rows]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or not known:
        return Held(None, why="the memory before and after its load is not known")
    return Held(sum(known), LOADED)


def _grown(snapshot: Snapshot, load: Marker, row: GpuRow) -> float | None:
    points = snapshot.history.gpu(row.gpu.uuid, row.gpu.mig, "memory_used_bytes", _MOST_S)
    pairs = [(at - load.at, value) for at, value in zip(points.at, points.values, strict=True)]
    # A load is seen when it is over: what it takes is taken before that.
    before = [value for at, value in pairs if value is not None and -_BEFORE_S <= at < 0]
    after = [value for at, value in pairs if value is not None and _SETTLES_S <= at <= _AFTER_S]
    return max(median(after) - min(before), 0.0) if before and after else None


def _is_load(mark: Marker, model: str, side: Side) -> bool:
    mine = mark.model == model and mark.version == side.version
    return mine and mark.kind is MarkerKind.LOAD and mark.target in side.targets


def _name(row: GpuRow) -> str:
    return f"{row.gpu.uuid}/{row.gpu.mig}" if row.gpu.mig else row.gpu.uuid
