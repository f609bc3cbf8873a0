"""The GPUs that a model runs on, and their figures against their baselines."""

from collections.abc import Sequence
from shlex import quote
from typing import NamedTuple

from console.domain.gpu import GpuRow
from console.domain.triage import Answer, Evidence
from console.triage.queries import series
from console.triage.scene import LOOKBACK_S
from console.triage.series import binned, line
from console.triage.shift import Shift
from console.triage.strain import Strain

HINT = (
    "name the exporter in the fleet's gpu settings (dcgm = [...]), or nvml = \"local\" on the GPU's own host"
)
_WAIT = "keep the console open: what is usual is known after half a minute"
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
    """What a figure of a GPU is called, its unit, and how DCGM, Triton and nvidia-smi tell it.

    ``{where}`` in the expressions stands for the labels of the GPU; empty where Triton has no such gauge.
    """

    what: str
    unit: str
    dcgm: str
    triton: str
    smi: str


BUSY = {
    "sm_active": Gauge("SMs active", "ratio", "DCGM_FI_PROF_SM_ACTIVE{where}", "", "utilization.gpu"),
    "engine_active": Gauge(
        "graphics engine active", "ratio", "DCGM_FI_PROF_GR_ENGINE_ACTIVE{where}", "", "utilization.gpu"
    ),
    "utilization": Gauge(
        "time with any kernel running",
        "ratio",
        "DCGM_FI_DEV_GPU_UTIL{where} / 100",
        "nv_gpu_utilization{where}",
        "utilization.gpu",
    ),
}
"""How busy a GPU is, by the field of its sample: the best figure first."""


def figure(check: str, answer: Answer, row: GpuRow, gauge: Gauge, value: Shift) -> Evidence:
    """Evidence of a GPU's figure; its query asks where the row was read."""
    basis = value.told("gauge")
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
        _query(row, gauge),
        HINT if value.now is None else _WAIT if answer is Answer.UNKNOWN else "",
    )


def _query(row: GpuRow, gauge: Gauge) -> str:
    """What anyone can ask the best source that the row was read from."""
    if "dcgm" in row.source:
        slice_ = {"GPU_I_ID": row.gpu.mig.rpartition("/")[2]} if row.gpu.mig else {}
        return gauge.dcgm.replace("{where}", series("", UUID=row.gpu.uuid, **slice_))
    if "nvml" in row.source or not gauge.triton:
        return f"nvidia-smi -i {quote(row.gpu.uuid)} --query-gpu={gauge.smi} --format=csv"
    return gauge.triton.replace("{where}", series("", gpu_uuid=row.gpu.uuid))
