"""Where servers run and which replicas differ, as ``status --json`` has them."""

from typing import Any

from console.domain.fleet import ModelVersion
from console.domain.imbalance import imbalances
from console.domain.placement import Around, Held, placement
from console.domain.rows import TargetRow
from console.domain.snapshot import Snapshot
from console.domain.text import whole

Json = dict[str, Any]


def placement_json(row: TargetRow, around: Around) -> Json:
    """The server's place; what is not known is null."""
    found = placement(row, around)
    return {
        "how": found.how.value,
        "why": found.why,
        "hint": found.hint or None,
        "node": found.node or None,
        "namespace": found.namespace or None,
        "pod": found.pod or None,
        "gpus": [_held(held) for held in found.gpus],
    }


def _held(held: Held) -> Json:
    gpu = held.row.gpu if held.row is not None else None
    return {
        "uuid": held.uuid,
        "how": held.how.value,
        "index": whole(gpu.number) if gpu is not None else None,
        "mig": (gpu.mig if gpu is not None else "") or None,
    }


def imbalance_json(snapshot: Snapshot, key: ModelVersion) -> list[Json]:
    """What differs between the replicas of a version, from the newest two polls; empty where nothing is seen to."""
    rows = snapshot.history.replicas(key)
    if len(rows) < 2:
        return []
    found = imbalances(rows, snapshot.fleet.refresh, snapshot.history.config(key.model))
    return [
        {
            "kind": each.kind,
            "target": each.target,
            "text": each.text,
            "ratio": None if each.ratio is None else round(each.ratio, 3),
        }
        for each in found
    ]
