"""The DCGM exporter of the simulated node."""

from collections.abc import Iterable, Mapping, Sequence

from console.drill.sim.fleet import Fleet
from console.drill.sim.gpu import Gpu

_DRIVER = "580.105.08"
_BASE_CLOCK, _TOP_CLOCK = 210, 2520


def exposition(fleet: Fleet) -> str:
    """The text of ``GET /metrics``: utilisation in %, memory in MiB, energy in mJ."""
    pods = {target.spec.gpu: target.name for target in fleet.targets.values()}
    rows = [
        (_labels(number, gpu, pods.get(name, "")), _values(gpu))
        for number, (name, gpu) in enumerate(fleet.gpus.items())
    ]
    return "".join(f"{line}\n" for line in _families(rows))


def _families(rows: Sequence[tuple[str, Mapping[str, str]]]) -> Iterable[str]:
    for name, (kind, text) in _HELP.items():
        yield f"# HELP {name} {text}"
        yield f"# TYPE {name} {kind}"
        for labels, values in rows:
            yield f"{name}{{{labels}}} {values[name]}"


_HELP = {
    "DCGM_FI_DEV_SM_CLOCK": ("gauge", "SM clock frequency (in MHz)."),
    "DCGM_FI_DEV_GPU_TEMP": ("gauge", "GPU temperature (in C)."),
    "DCGM_FI_DEV_POWER_USAGE": ("gauge", "Power draw (in W)."),
    "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION": ("counter", "Total energy consumption since boot (in mJ)."),
    "DCGM_FI_DEV_GPU_UTIL": ("gauge", "GPU utilization (in %)."),
    "DCGM_FI_DEV_MEM_COPY_UTIL": ("gauge", "Memory utilization (in %)."),
    "DCGM_FI_DEV_XID_ERRORS": ("gauge", "Value of the last XID error encountered."),
    "DCGM_FI_DEV_FB_FREE": ("gauge", "Framebuffer memory free (in MiB)."),
    "DCGM_FI_DEV_FB_USED": ("gauge", "Framebuffer memory used (in MiB)."),
    "DCGM_FI_PROF_GR_ENGINE_ACTIVE": ("gauge", "Ratio of time the graphics engine is active."),
    "DCGM_FI_PROF_SM_ACTIVE": ("gauge", "The ratio of cycles an SM has at least 1 warp assigned."),
    "DCGM_FI_PROF_DRAM_ACTIVE": (
        "gauge",
        "Ratio of cycles the device memory interface is active sending or receiving data.",
    ),
}


def _labels(number: int, gpu: Gpu, pod: str) -> str:
    spec = gpu.spec
    labels = {
        "gpu": str(number),
        "UUID": spec.uuid,
        "pci_bus_id": spec.pci,
        "device": f"nvidia{number}",
        "modelName": spec.name,
        "Hostname": spec.node,
        "DCGM_FI_DRIVER_VERSION": _DRIVER,
    }
    if pod:
        labels |= {"container": "triton", "namespace": "serving", "pod": pod, "pod_uid": ""}
    return ",".join(f'{name}="{value}"' for name, value in labels.items())


def _values(gpu: Gpu) -> dict[str, str]:
    busy = gpu.utilization
    return {
        "DCGM_FI_DEV_SM_CLOCK": f"{_BASE_CLOCK if busy < 0.01 else _TOP_CLOCK - int(90 * gpu.sm_active)}",
        "DCGM_FI_DEV_GPU_TEMP": f"{gpu.temperature_c:.0f}",
        "DCGM_FI_DEV_POWER_USAGE": f"{gpu.power_w:.6f}",
        "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION": f"{gpu.energy_j * 1e3:.0f}",
        "DCGM_FI_DEV_GPU_UTIL": f"{busy * 100:.0f}",
        "DCGM_FI_DEV_MEM_COPY_UTIL": f"{gpu.sm_active * 42:.0f}",
        "DCGM_FI_DEV_XID_ERRORS": "0",
        "DCGM_FI_DEV_FB_FREE": f"{gpu.free_mib:.0f}",
        "DCGM_FI_DEV_FB_USED": f"{gpu.used_mib:.0f}",
        "DCGM_FI_PROF_GR_ENGINE_ACTIVE": f"{busy:.6f}",
        "DCGM_FI_PROF_SM_ACTIVE": f"{gpu.sm_active:.6f}",
        "DCGM_FI_PROF_DRAM_ACTIVE": f"{gpu.sm_active * 0.5:.6f}",
    }
