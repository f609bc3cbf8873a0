"""GPUs as NVIDIA's dcgm-exporter sees them."""

from collections.abc import Iterable, Iterator, Mapping
from math import nan
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.fleet import Fleet
from console.domain.gpu import GpuReading, GpuSample
from console.domain.text import visible
from console.ports import Source
from console.sources._exposition import Reader, Scrape, Series, SeriesTable
from console.transport.kit import Kit

# The exporter itself collects every 30 s by default; asking more often than this tells nothing.
EVERY_AT_LEAST = 5.0
_SERIES_LIMIT = 200_000
# DCGM's blanks ("not found", "not supported" …) begin here for 32-bit fields, higher for the others.
_BLANK = 0x7FFFFFF0
_MIB = 2.0**20
# A share a little over one is rounding; more than this is not a share.
_SHARE_LIMIT = 1.05


class _Field(NamedTuple):
    """A field of GpuSample and the factor to its unit; a share lies between 0 and 1."""

    name: str
    scale: float = 1.0
    share: bool = False


_RESERVED = "memory_reserved_bytes"
_FIELDS = {
    "DCGM_FI_DEV_GPU_UTIL": _Field("utilization", 0.01, share=True),
    "DCGM_FI_PROF_GR_ENGINE_ACTIVE": _Field("engine_active", share=True),
    "DCGM_FI_PROF_SM_ACTIVE": _Field("sm_active", share=True),
    "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE": _Field("tensor_active", share=True),
    "DCGM_FI_PROF_DRAM_ACTIVE": _Field("dram_active", share=True),
    "DCGM_FI_DEV_FB_USED": _Field("memory_used_bytes", _MIB),
    "DCGM_FI_DEV_FB_FREE": _Field("memory_free_bytes", _MIB),
    "DCGM_FI_DEV_FB_RESERVED": _Field(_RESERVED, _MIB),
    "DCGM_FI_DEV_FB_TOTAL": _Field("memory_total_bytes", _MIB),
    "DCGM_FI_DEV_POWER_USAGE": _Field("power_w"),
    "DCGM_FI_DEV_ENFORCED_POWER_LIMIT": _Field("power_limit_w"),
    "DCGM_FI_DEV_GPU_TEMP": _Field("temperature_c"),
    "DCGM_FI_DEV_SM_CLOCK": _Field("sm_clock_mhz"),
    "DCGM_FI_DEV_XID_ERRORS": _Field("xid"),
}
_UUID = ("UUID", "gpu_uuid", "uuid")
# Every spelling of old and new exporters. Behind a Prometheus that keeps its own labels,
# pod is the exporter's pod and exported_pod the one that uses the GPU.
_LABELS = {
    "number": ("gpu",),
    "name": ("modelName", "model_name"),
    "node": ("Hostname", "hostname"),
    "namespace": ("exported_namespace", "namespace", "pod_namespace"),
    "pod": ("exported_pod", "pod", "pod_name"),
    "container": ("exported_container", "container", "container_name"),
}


def sources(fleet: Fleet, kit: Kit) -> list[Source]:
    """One source for each exporter in the settings."""
    return [DcgmSource(url, fleet, kit) for url in dict.fromkeys(fleet.gpu.dcgm)]


class DcgmSource:
    """Polls one exporter's ``/metrics``."""

    def __init__(self, url: str, fleet: Fleet, kit: Kit) -> None:
        self.name = f"dcgm:{_address(url)}"
        self.target: str | None = None
        self.every = max(fleet.refresh, EVERY_AT_LEAST)
        self.timeout = 5.0
        self._url = url
        self._http = kit.http
        self._table = SeriesTable(_is_dcgm, _SERIES_LIMIT)

    async def poll(self) -> GpuReading:
        """Every GPU and MIG slice of the exporter; SourceError where the answer holds none of DCGM's families."""
        reader = Reader(self._table)
        await self._http.stream(self._url, "dcgm", reader.feed)
        scrape = reader.finish()
        gpus = read_gpus(scrape, self._table)
        notes = tuple(_notes(scrape))
        if not len(scrape.ids) and not gpus:
            raise SourceError(_not_dcgm(self._url))
        return GpuReading(gpus, notes)

    async def close(self) -> None:
        """Nothing to release: the session is the fleet's."""


def read_gpus(scrape: Scrape, table: SeriesTable) -> tuple[GpuSample, ...]:
    """The GPUs and MIG slices of a scrape, in the order in which they first appear."""
    return gpus_of(_rows(scrape, table))


def gpus_of(rows: Iterable[tuple[Series, float]]) -> tuple[GpuSample, ...]:
    """The GPUs and MIG slices that series tell of, in the order in which they first appear."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for (family, labels), raw in rows:
        uuid = _first(labels, _UUID)
        if not uuid:
            continue
        fields = found.setdefault((uuid, _slice(labels)), {})
        # Not every row of a GPU carries every label: links have other names, and some have no pod.
        for name, spellings in _LABELS.items():
            if not fields.get(name):
                fields[name] = _first(labels, spellings)
        field = _FIELDS.get(family)
        value = _known(raw, field) if field else None
        if field and value is not None:
            fields[field.name] = value
    return tuple(_sample(uuid, mig, fields) for (uuid, mig), fields in found.items())


def _rows(scrape: Scrape, table: SeriesTable) -> Iterator[tuple[Series, float]]:
    """Every series with its value; NaN for a sentence, which still tells that the GPU exists."""
    for number, raw in zip(scrape.ids.tolist(), scrape.values.tolist(), strict=True):
        yield table.series(number), raw
    for broken in scrape.broken:
        if broken.series:
            yield broken.series, nan


def _sample(uuid: str, mig: str, fields: dict[str, Any]) -> GpuSample:
    parts = (fields.get("memory_used_bytes"), fields.get("memory_free_bytes"), fields.pop(_RESERVED, None))
    known = [part for part in parts if part is not None]
    if "memory_total_bytes" not in fields and len(known) == len(parts):
        # Used and free alone are less than the whole: an A800 of 81920 MiB says 2 used, 81226 free.
        fields["memory_total_bytes"] = sum(known)
    return GpuSample(uuid, mig=mig, **fields)


def _known(raw: float, field: _Field) -> float | None:
    """The value in the field's unit, None for blanks, NaN and what cannot be."""
    if not 0 <= raw < _BLANK:
        return None
    value = raw * field.scale
    if not field.share:
        return value
    return min(value, 1.0) if value <= _SHARE_LIMIT else None


def _slice(labels: Mapping[str, str]) -> str:
    profile, instance = labels.get("GPU_I_PROFILE", ""), labels.get("GPU_I_ID", "")
    return f"{profile}/{instance}" if profile or instance else ""


def _first(labels: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := labels.get(name))), "")


def _is_dcgm(name: str) -> bool:
    return name.startswith("DCGM_")


def _address(url: str) -> str:
    """An exporter's address without scheme, credentials and the usual path."""
    parts = urlsplit(url)
    path = parts.path.removesuffix("/metrics").rstrip("/")
    query = f"?{parts.query}" if parts.query else ""
    return visible(parts.netloc.rpartition("@")[2] + path + query)


def _notes(scrape: Scrape) -> Iterator[str]:
    """What could not be read, in words: families with a sentence for a value, broken lines, a cut answer."""
    where: dict[tuple[str, str], list[str]] = {}
    for broken in scrape.broken:
        if broken.series:
            where.setdefault((broken.series.name, broken.text), []).append(_gpu(broken.series.labels))
        else:
            yield f"line {broken.number} is not readable: {broken.text}"
    for (family, text), gpus in where.items():
        yield f"{visible(family)} is unknown on GPU {visible(', '.join(gpus))}: the exporter says {text}"
    if scrape.broken_count > len(scrape.broken):
        yield f"{scrape.broken_count - len(scrape.broken)} more lines are not readable"
    if scrape.truncated:
        yield "the answer was cut; what came after is unknown"


def _gpu(labels: Mapping[str, str]) -> str:
    name = labels.get("gpu") or _first(labels, _UUID) or "?"
    mig = _slice(labels)
    return f"{name} ({mig})" if mig else name


def _not_dcgm(url: str) -> Failure:
    return Failure(
        FailureKind.GARBAGE,
        "dcgm",
        f"dcgm: no DCGM_ metrics at {visible(url)}",
        "give the exporter's address, usually http://NODE:9400/metrics; one just started is empty for 30 s",
    )
