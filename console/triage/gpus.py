"""The GPUs that a model runs on, and their figures against their baselines."""

from collections.abc import Sequence
from typing import NamedTuple

from console.domain.gpu import GpuRow
from console.domain.triage import Answer, Evidence
from console.triage.scene import LOOKBACK_S
from console.triage.series import binned, line
from console.triage.shift import Shift
from console.triage.strain import Strain

HINT = (
    "name the exporter in the fleet's gpu settings (dcgm = [...]), or nvml = \"local\" on the GPU's own host"
)
SM_HINT = "let dcgm-exporter collect DCGM_FI_PROF_SM_ACTIVE: it is off by default"


def gpus(strain: Strain) -> Sequence[GpuRow]:
    """Fresh rows of the GPUs of the target in question, or of all that serve the model.

    Where no server tells which GPUs it sees, all of the fleet's.
    """
    snapshot = strain.scene.snapshot
    names = {strain.focus} if strain.focus else set(strain.scene.targets)
    uuids = {uuid for target in snapshot.targets if target.name in names for uuid in target.gpus}
    fresh = [row for row in snapshot.gpus if not row.stale]
    anybody = any(target.gpus for target in snapshot.targets)
    return [row for row in fresh if row.gpu.uuid in uuids] if anybody else fresh


def shift(strain: Strain, row: GpuRow, column: str) -> Shift:
    """A figure of a GPU now against its own past."""
    scene = strain.scene
    points = scene.snapshot.history.gpu(row.gpu.uuid, row.gpu.mig, column, LOOKBACK_S)
    width = max(scene.width, 10.0)
    return scene.against(binned(line(points), width, scene.snapshot.at))


def named(row: GpuRow) -> str:
    """The GPU in words."""
    mig = f" slice {row.gpu.mig}" if row.gpu.mig else ""
    return f"GPU {row.gpu.number or row.gpu.uuid}{mig} {row.gpu.node}".strip()


class Gauge(NamedTuple):
    """What a figure of a GPU is called, its unit, and its series at DCGM and at Triton."""

    what: str
    unit: str
    dcgm: str
    triton: str


def figure(check: str, answer: Answer, row: GpuRow, gauge: Gauge, value: Shift) -> Evidence:
    """Evidence of a GPU's figure; its query asks where the row was read."""
    basis = f"gauge, baseline {value.basis}" if value.basis else "gauge"
    by_dcgm = "dcgm" in row.source
    label = "UUID" if by_dcgm else "gpu_uuid"
    query = f'{gauge.dcgm if by_dcgm else gauge.triton}{{{label}="{row.gpu.uuid}"}}'
    return Evidence(
        check,
        answer,
        gauge.what,
        named(row),
        value.now,
        value.base,
        gauge.unit,
        basis,
        row.source,
        row.age_s,
        query,
    )
