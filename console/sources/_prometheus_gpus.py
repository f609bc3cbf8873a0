"""GPUs as a Prometheus tells of them: by the gauges of the fleet's servers, and by DCGM's exporter."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from console.domain.families import ABSURD, GPU_GAUGES
from console.domain.gpu import GpuSample, gauged
from console.domain.reach import NODE, POD, first
from console.domain.text import visible
from console.sources._exposition import Series
from console.sources.dcgm import gpus_of
from console.transport.promql_client import Row
from console.transport.promql_fleet import FIGURE, MOST_GPUS


def gauged_gpus(rows: Iterable[Row], by: Sequence[str]) -> dict[tuple[str, ...], tuple[GpuSample, ...]]:
    """The GPUs of each group, by the values of its labels; a GPU of several servers is of no single pod."""
    found: dict[tuple[str, ...], dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    places: dict[tuple[tuple[str, ...], str], set[tuple[str, str]]] = defaultdict(set)
    for row, value in _valued(row for row in rows if row.metric.get(FIGURE) == "gpu"):
        labels, uuid = row.metric, row.metric.get("gpu_uuid", "")
        name = GPU_GAUGES.get(labels.get("__name__", ""))
        if uuid and name:
            group = tuple(visible(labels.get(label, "")) for label in by)
            found[group][uuid][name] = value
            places[group, uuid].add((first(labels, NODE), first(labels, POD)))
    return {
        group: tuple(
            _placed(gauged(uuid, fields), places[group, uuid]) for uuid, fields in sorted(gpus.items())
        )
        for group, gpus in found.items()
    }


def dcgm_gpus(rows: Iterable[Row]) -> tuple[GpuSample, ...]:
    """The same GPUs as their exporter sees them, and on which node and for which pod."""
    told = ((Series(row.metric.get("__name__", ""), row.metric), value) for row, value in _valued(rows))
    return gpus_of(each for each in told if each[0].name.startswith("DCGM_"))


def cut_gpus(rows: Iterable[Row]) -> str:
    """That only some GPUs are told of; empty where all are."""
    for row, value in _valued(rows):
        if row.metric.get(FIGURE) == "gpus" and value > MOST_GPUS:
            return f"{value:.0f} GPUs, of which the {MOST_GPUS} busiest are shown"
    return ""


def _placed(gpu: GpuSample, places: set[tuple[str, str]]) -> GpuSample:
    nodes, pods = ({text for text in texts if text} for texts in zip(*places, strict=True))
    return gpu._replace(node=_only(nodes), pod=_only(pods))


def _only(texts: set[str]) -> str:
    return visible(next(iter(texts))) if len(texts) == 1 else ""


def _valued(rows: Iterable[Row]) -> Iterator[tuple[Row, float]]:
    for row in rows:
        try:
            value = float(row.value[1]) if row.value else ABSURD
        except ValueError:
            continue
        if abs(value) < ABSURD:
            yield row, value
