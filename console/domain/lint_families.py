"""What Triton and the DCGM exporter emit: kind, unit and labels of each family, and what must be switched on for it."""

import difflib
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

MS, US = 1e-3, 1e-6


class Kind(StrEnum):
    """The type of a family; ``TOTAL`` is a gauge by declaration that only grows."""

    COUNTER = "counter"
    GAUGE = "gauge"
    TOTAL = "cumulative gauge"
    SUMMARY = "summary"
    HISTOGRAM = "histogram"


class Dimension(StrEnum):
    """What a figure measures, where a limit of it can be judged."""

    TIME = "time"
    SHARE = "share"
    BYTES = "bytes"
    COUNT = "count"
    OTHER = "other"


class Family(NamedTuple):
    """One family; ``scale`` turns its unit into seconds, shares or bytes. ``needs`` says what switches it on."""

    name: str
    kind: Kind
    dimension: Dimension
    scale: float
    labels: frozenset[str]
    needs: str = ""

    @property
    def series(self) -> tuple[str, ...]:
        """The names that its series have."""
        if self.kind is Kind.SUMMARY:
            return self.name, f"{self.name}_sum", f"{self.name}_count"
        if self.kind is Kind.HISTOGRAM:
            return f"{self.name}_bucket", f"{self.name}_sum", f"{self.name}_count"
        return (self.name,)


_MODEL = frozenset(("model", "version", "gpu_uuid"))
_GPU, _HOST = frozenset(("gpu_uuid",)), frozenset[str]()
_DCGM = frozenset(
    ("gpu", "UUID", "pci_bus_id", "device", "modelName", "GPU_I_PROFILE", "GPU_I_ID", "hostname", "Hostname")
)
SUMMARIES = "--metrics-config summary_latencies=true"
_HISTOGRAMS = "a newer Triton with --metrics-config histogram_latencies=true"
_CACHE = "--cache-config"
_LOADS = "a newer Triton (from the end of 2024)"
_OFF = "a line in the exporter's own list of counters: it is off by default"
_STEPS = ("request", "queue", "compute_input", "compute_infer", "compute_output")


def _triton() -> list[Family]:
    counters = ("request_success", "count", "exec_count")
    found = [Family(f"nv_inference_{n}", Kind.COUNTER, Dimension.COUNT, 1.0, _MODEL) for n in counters]
    failed = _MODEL | {"reason"}
    found += [Family("nv_inference_request_failure", Kind.COUNTER, Dimension.COUNT, 1.0, failed)]
    for step in _STEPS:
        found += [
            Family(f"nv_inference_{step}_duration_us", Kind.COUNTER, Dimension.TIME, US, _MODEL),
            Family(
                f"nv_inference_{step}_summary_us",
                Kind.SUMMARY,
                Dimension.TIME,
                US,
                _MODEL | {"quantile"},
                SUMMARIES,
            ),
            Family(
                f"nv_inference_{step}_histogram_us",
                Kind.HISTOGRAM,
                Dimension.TIME,
                US,
                _MODEL | {"le"},
                _HISTOGRAMS,
            ),
        ]
    first = _MODEL | {"le"}
    found += [
        Family(
            "nv_inference_first_response_histogram_ms", Kind.HISTOGRAM, Dimension.TIME, MS, first, _HISTOGRAMS
        ),
        Family("nv_inference_pending_request_count", Kind.GAUGE, Dimension.COUNT, 1.0, _MODEL),
        Family("nv_model_load_duration_secs", Kind.GAUGE, Dimension.TIME, 1.0, _MODEL, _LOADS),
    ]
    for kind in ("hit", "miss"):
        plural = {"hit": "hits", "miss": "misses"}[kind]
        needs = f"{_CACHE} and {SUMMARIES}"
        quantiles = _MODEL | {"quantile"}
        found += [
            Family(f"nv_cache_num_{plural}_per_model", Kind.COUNTER, Dimension.COUNT, 1.0, _MODEL),
            Family(f"nv_cache_{kind}_duration_per_model", Kind.COUNTER, Dimension.TIME, US, _MODEL),
            Family(f"nv_cache_{kind}_summary_per_model", Kind.SUMMARY, Dimension.TIME, US, quantiles, needs),
        ]
    return found


def _servers() -> list[Family]:
    cache = [
        ("num_entries", Kind.GAUGE, Dimension.COUNT, 1.0),
        ("util", Kind.GAUGE, Dimension.SHARE, 1.0),
        *(
            (f"num_{what}", Kind.TOTAL, Dimension.COUNT, 1.0)
            for what in ("hits", "misses", "lookups", "evictions")
        ),
        *((f"{what}_duration", Kind.TOTAL, Dimension.TIME, US) for what in ("lookup", "insertion")),
    ]
    found = [Family(f"nv_cache_{row[0]}", *row[1:], _HOST, _CACHE) for row in cache]
    for where, labels in (("gpu", _GPU), ("cpu", _HOST)):
        found += [Family(f"nv_{where}_utilization", Kind.GAUGE, Dimension.SHARE, 1.0, labels)]
        found += [
            Family(f"nv_{where}_memory_{what}_bytes", Kind.GAUGE, Dimension.BYTES, 1.0, labels)
            for what in ("total", "used")
        ]
    pool = ("nv_pinned_memory_pool_total_bytes", "nv_pinned_memory_pool_used_bytes")
    found += [Family(name, Kind.GAUGE, Dimension.BYTES, 1.0, _HOST) for name in pool]
    power = ("nv_gpu_power_usage", "nv_gpu_power_limit")
    found += [Family(name, Kind.GAUGE, Dimension.OTHER, 1.0, _GPU) for name in power]
    return [*found, Family("nv_energy_consumption", Kind.COUNTER, Dimension.OTHER, 1.0, _GPU)]


_GAUGES = (
    "DEV_SM_CLOCK DEV_MEM_CLOCK DEV_GPU_TEMP DEV_MEMORY_TEMP DEV_POWER_USAGE DEV_XID_ERRORS DEV_VGPU_LICENSE_STATUS "
    "DEV_ROW_REMAP_FAILURE PROF_PCIE_TX_BYTES PROF_PCIE_RX_BYTES"
)
_COUNTERS = (
    "DEV_TOTAL_ENERGY_CONSUMPTION DEV_PCIE_REPLAY_COUNTER DEV_NVLINK_BANDWIDTH_TOTAL "
    "DEV_UNCORRECTABLE_REMAPPED_ROWS DEV_CORRECTABLE_REMAPPED_ROWS"
)
_PERCENT = "DEV_GPU_UTIL DEV_MEM_COPY_UTIL DEV_ENC_UTIL DEV_DEC_UTIL"
_RATIO = "PROF_GR_ENGINE_ACTIVE PROF_PIPE_TENSOR_ACTIVE PROF_DRAM_ACTIVE"
_RATIO_OFF = (
    "PROF_SM_ACTIVE PROF_SM_OCCUPANCY PROF_PIPE_FP64_ACTIVE PROF_PIPE_FP32_ACTIVE PROF_PIPE_FP16_ACTIVE"
)
_MIB = "DEV_FB_FREE DEV_FB_USED DEV_FB_RESERVED"
_COUNTERS_OFF = (
    "DEV_POWER_VIOLATION DEV_THERMAL_VIOLATION DEV_SYNC_BOOST_VIOLATION DEV_BOARD_LIMIT_VIOLATION "
    "DEV_LOW_UTIL_VIOLATION DEV_RELIABILITY_VIOLATION DEV_ECC_SBE_VOL_TOTAL DEV_ECC_DBE_VOL_TOTAL "
    "DEV_ECC_SBE_AGG_TOTAL DEV_ECC_DBE_AGG_TOTAL DEV_RETIRED_SBE DEV_RETIRED_DBE DEV_RETIRED_PENDING"
)
_GAUGES_OFF = "DEV_CLOCK_THROTTLE_REASONS DEV_CLOCKS_EVENT_REASONS"


def _dcgm() -> list[Family]:
    groups = (
        (_GAUGES, Kind.GAUGE, Dimension.OTHER, 1.0, ""),
        (_COUNTERS, Kind.COUNTER, Dimension.OTHER, 1.0, ""),
        (_PERCENT, Kind.GAUGE, Dimension.SHARE, 0.01, ""),
        (_RATIO, Kind.GAUGE, Dimension.SHARE, 1.0, ""),
        (_RATIO_OFF, Kind.GAUGE, Dimension.SHARE, 1.0, _OFF),
        (_MIB, Kind.GAUGE, Dimension.BYTES, 2.0**20, ""),
        ("DEV_FB_TOTAL", Kind.GAUGE, Dimension.BYTES, 2.0**20, _OFF),
        (_COUNTERS_OFF, Kind.COUNTER, Dimension.OTHER, 1.0, _OFF),
        (_GAUGES_OFF, Kind.GAUGE, Dimension.OTHER, 1.0, _OFF),
    )
    return [
        Family(f"DCGM_FI_{name}", kind, dimension, scale, _DCGM, needs)
        for names, kind, dimension, scale, needs in groups
        for name in names.split()
    ]


SERIES: Final[Mapping[str, Family]] = {
    name: family for family in (*_triton(), *_servers(), *_dcgm()) for name in family.series
}
"""Every series by its name."""
_OTHERS = ("nv_trt_llm_",)
"""What backends add to Triton's endpoint."""
_CORE = ("nv_inference", "nv_gpu", "nv_cache", "nv_cpu", "nv_pinned", "nv_energy", "nv_model", "nv_triton")


def family(name: str) -> Family | None:
    """The family that a series belongs to."""
    return SERIES.get(name)


def of_triton(name: str) -> bool:
    """Whether a name is one that only Triton itself would emit."""
    return name.startswith(_CORE)


def is_ours(name: str) -> bool:
    """Whether a name is of Triton or DCGM at all; variables and the additions of backends are not."""
    return (
        name.startswith(("nv_", "DCGM_", "dcgm_"))
        and "$" not in name
        and "[[" not in name
        and not (name.startswith(_OTHERS))
    )


def nearest(name: str, most: int = 3) -> list[str]:
    """The names most like it, the most alike first."""
    return difflib.get_close_matches(name, [*SERIES], n=most, cutoff=0.6)
