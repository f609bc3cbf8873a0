"""What is asked of a Prometheus about a whole fleet: so many queries and no more, whatever the fleet's size.

Each row of an answer says in its label ``figure`` what it is. Rates are taken by Prometheus, series by series, before
anything is added: there a counter that began anew is known as one.
"""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from console.domain.families import BUCKETS, GPU_GAUGES, HOST_GAUGES
from console.domain.fleet import Fleet, Objective

ANCHOR: Final = "nv_inference_request_success"
FIGURE: Final = "figure"
WORST: Final = 3
"""So many servers of each version are named."""
MOST_GPUS: Final = 256
SEEN_S: Final = 600
"""A server that was scraped within so many seconds and is no more is still one of the fleet's."""
SUMMARY: Final = "nv_inference_request_summary_us"
_FAILURES: Final = "nv_inference_request_failure"
# What tells one server from another, whatever its scrape configuration adds.
SERVER: Final = ("job", "instance", "namespace", "pod", "cluster")
_REQUESTS: Final = {
    "success": ANCHOR,
    "inferences": "nv_inference_count",
    "executions": "nv_inference_exec_count",
}
_DURATIONS: Final = {
    "request": "nv_inference_request_duration_us",
    "queue": "nv_inference_queue_duration_us",
    "input": "nv_inference_compute_input_duration_us",
    "infer": "nv_inference_compute_infer_duration_us",
    "output": "nv_inference_compute_output_duration_us",
}
_CACHE: Final = {"hits": "nv_cache_num_hits_per_model", "misses": "nv_cache_num_misses_per_model"}
_PENDING: Final = "nv_inference_pending_request_count"
_LOAD: Final = "nv_model_load_duration_secs"
_VERSION: Final = ("model", "version")
_SHOWN: Final = 'quantile=~"0.5|0.9|0.95|0.99"'
_TELLING: Final = (0.5, 0.9, 0.99)
# What the scraped server adds, and so no label of its ``up``.
_OF_SERIES: Final = {*_VERSION, "gpu_uuid", "quantile", "reason", "le", "__name__"}
_MATCHER: Final = re.compile(
    r"""([A-Za-z_][A-Za-z0-9_]*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)"""
)


class Query(NamedTuple):
    """One query: what for, and its text; ``past`` when its answer at an earlier time is a part of the history."""

    purpose: str
    text: str
    past: bool = True


class Lens:
    """A fleet's selector, its grouping, and the window that rates are taken over, in seconds."""

    def __init__(self, fleet: Fleet, window_s: float) -> None:
        self._fleet = fleet
        self._selector = fleet.selector.strip().rstrip(",").strip()
        self._window = f"[{window_s:.0f}s]"
        self.by = fleet.by
        self.version = tuple(dict.fromkeys((*_VERSION, *fleet.by)))

    @property
    def trusted(self) -> bool:
        """Whether the selector names a job, so that whatever of it is scraped is one of the fleet's servers."""
        return any(name == "job" for name, _, _ in _MATCHER.findall(self._selector))

    def queries(self, without: Iterable[str] | None = None) -> tuple[Query, ...]:
        """All of one refresh. ``without`` are the models that have no percentiles; None where nothing is known yet."""
        return (
            Query("servers: how many are scraped, and when", self._servers()),
            Query("requests", _either(self._rate(f, name) for f, name in _REQUESTS.items())),
            Query("failures, cache, requests that wait", self._further()),
            Query("durations", _either(self._rate(f, name) for f, name in _DURATIONS.items())),
            Query("percentiles of the worst server", self._percentiles()),
            Query("requests slower than promised", self._slow()),
            Query("histograms", self._histograms()),
            Query("the worst servers of each version", self._worst(without), past=False),
            Query("their requests", self._worst_rates(without), past=False),
            Query("hosts and GPUs", self._machines()),
            Query("GPUs by DCGM", self._dcgm(), past=False),
        )

    def series(self, name: str, *matchers: str) -> str:
        """A selector of the fleet's series of that name."""
        return f"{name}{{{','.join(part for part in (self._selector, *matchers) if part)}}}"

    @property
    def up(self) -> str:
        """``up`` of the fleet's servers: of its jobs, or else of whatever had a model in the last minutes."""
        return self._up if self.trusted else f"({self._up}{self._mine})"

    @property
    def interval(self) -> str:
        """Seconds between the scrapes of the median server in the last minutes."""
        span = f"timestamp({self._up}) - min_over_time(timestamp({self._up})[5m:1s])"
        each = f"({span}) / (count_over_time({self._up}[5m]) - 1)"
        return f"quantile(0.5, {each}{'' if self.trusted else self._mine})"

    @property
    def _up(self) -> str:
        found = _MATCHER.findall(self._selector)
        return (
            f"up{{{','.join(f'{name}{sign}{text}' for name, sign, text in found if name not in _OF_SERIES)}}}"
        )

    @property
    def _mine(self) -> str:
        return f" and on (job, instance) count_over_time({self.series(ANCHOR)}[{SEEN_S}s])"

    def _servers(self) -> str:
        anchor, group = self.series(ANCHOR), (*SERVER, *self.by)
        seen = f"last_over_time({anchor}[{SEEN_S}s])"
        return _either(
            (
                _called("up", _over("count", self.by, f"{self.up} == 1")),
                _called("of", _over("count", self.by, self.up)),
                _called("now", _over("count", self.by, _over("group", group, anchor))),
                _called("seen", _over("count", self.by, _over("group", group, seen))),
                _called("newest", _over("max", self.by, f"timestamp({anchor})")),
                _called("oldest", _over("min", self.by, f"timestamp({anchor})")),
            )
        )

    def _rated(self, name: str, *matchers: str) -> str:
        return f"rate({self.series(name, *matchers)}{self._window})"

    def _rate(self, figure: str, name: str, *labels: str) -> str:
        return _called(figure, _over("sum", (*self.version, *labels), self._rated(name)))

    def _further(self) -> str:
        return _either(
            (
                self._rate("failure", _FAILURES, "reason"),
                *(self._rate(figure, name) for figure, name in _CACHE.items()),
                _called("pending", _over("sum", self.version, self.series(_PENDING))),
                _called("load", _over("max", self.version, self.series(_LOAD))),
            )
        )

    def _percentiles(self) -> str:
        return _either(
            (
                _called("quantile", _over("max", (*self.version, "quantile"), self.series(SUMMARY, _SHOWN))),
                _called("summaries", _over("count", self.version, self.series(f"{SUMMARY}_count"))),
            )
        )

    def _slow(self) -> str:
        """Requests of the servers that have a quantile over what is promised, by that quantile."""
        over = _either(
            f"{self.series(SUMMARY, _quantiles(objective), *matchers)} > {objective.latency_ms * 1000:g}"
            for matchers, objective in _promised(self._fleet)
        )
        served = f"({over}) ^ 0 * ignoring (quantile) group_left {self._rated(ANCHOR)}"
        return _called("slow", _over("sum", (*self.version, "quantile"), served))

    def _histograms(self) -> str:
        return _called("bucket", _over("sum", (*self.version, "le"), self._rated(BUCKETS)))

    def _by_server(self, without: Iterable[str] | None) -> dict[str, str]:
        """What servers are compared by, by its figure: a p99, or the mean of the models that have none."""
        models = () if without is None else (f"model=~{_quoted('|'.join(map(re.escape, sorted(without))))}",)
        p99 = self.series(SUMMARY, 'quantile="0.99"')
        buckets = _over("sum", (*SERVER, *_VERSION, "le"), self._rated(BUCKETS))
        mean = f"{self._rated(_DURATIONS['request'], *models)} / {self._rated(ANCHOR, *models)} > 0"
        return {
            "summary": f"{p99} >= 0",
            "histogram": f"histogram_quantile(0.99, {buckets}) >= 0",
            "mean": f"({mean}) unless on ({', '.join(_VERSION)}) {p99}",
        }

    def _worst(self, without: Iterable[str] | None) -> str:
        parts = self._by_server(without)
        worst = (
            _called(f"worst_{basis}", _over("topk", _VERSION, text, WORST)) for basis, text in parts.items()
        )
        median = (
            _called(f"median_{basis}", _over("quantile", _VERSION, text, 0.5))
            for basis, text in parts.items()
        )
        return _either((*worst, *median))

    def _worst_rates(self, without: Iterable[str] | None) -> str:
        parts = (_over("topk", _VERSION, text, WORST) for text in self._by_server(without).values())
        on = ", ".join((*SERVER, *_VERSION))
        return _called("worst_rate", f"{self._rated(ANCHOR)} and on ({on}) ({_either(parts)})")

    def _machines(self) -> str:
        gauges = self.series("", f"__name__=~{_quoted('|'.join(GPU_GAUGES))}")
        hosts = self.series("", f"__name__=~{_quoted('|'.join(HOST_GAUGES))}")
        return _either(
            (
                _called("gpu", f"{gauges} and on (gpu_uuid) {self._busiest()}"),
                _called("gpus", f"count({_over('count', ('gpu_uuid',), gauges)})"),
                _called("host", _over("avg", ("__name__", *self.by), hosts)),
            )
        )

    def _busiest(self) -> str:
        use, memory = (self.series(name) for name in ("nv_gpu_utilization", "nv_gpu_memory_used_bytes"))
        return f"topk({MOST_GPUS}, {_over('max', ('gpu_uuid',), f'{use} or {memory}')})"

    def _dcgm(self) -> str:
        """Of the GPUs that the fleet's servers say they use: their exporter is another job, with labels of its own."""
        mine = f'label_replace({self._busiest()}, "UUID", "$1", "gpu_uuid", "(.+)")'
        return f'{{__name__=~"DCGM_FI_.+"}} and on (UUID) {mine}'


def _over(operator: str, labels: Sequence[str], text: str, parameter: float | None = None) -> str:
    """``max by (model, version) (text)``."""
    by = f" by ({', '.join(dict.fromkeys(labels))}) " if labels else ""
    return f"{operator}{by}({text})" if parameter is None else f"{operator}{by}({parameter:g}, {text})"


def _called(figure: str, text: str) -> str:
    """The same, each row with what it is."""
    return f'label_replace({text}, "{FIGURE}", "{figure}", "", "")'


def _either(parts: Iterable[str]) -> str:
    return " or ".join(parts)


def _promised(fleet: Fleet) -> list[tuple[tuple[str, ...], Objective]]:
    """Each objective with the matchers of the models whose own it is: those of the first pattern that fits."""
    found: list[tuple[tuple[str, ...], Objective]] = []
    before: tuple[str, ...] = ()
    for pattern, objective in fleet.objectives:
        mine = _regex(pattern)
        found.append(((f"model=~{_quoted(mine)}", *before), objective))
        before = (*before, f"model!~{_quoted(mine)}")
    return [*found, (before, fleet.default_objective)]


def _quantiles(objective: Objective) -> str:
    """The quantiles by which slow requests are told: few, since each is a series of every server and version."""
    chosen = sorted({*_TELLING, objective.quantile})
    return f'quantile=~"{"|".join(f"{quantile:g}" for quantile in chosen)}"'


def _regex(glob: str) -> str:
    """A shell pattern, as the settings have it, as Prometheus's regular expressions have it: those are of whole values."""
    parts, at = [], 0
    while at < len(glob):
        sign = glob[at]
        closed = glob.find("]", at + 2 + (glob[at + 1 : at + 2] == "!")) if sign == "[" else -1
        if closed > 0:
            inner = re.sub(r"[\\\[^]", r"\\\g<0>", glob[at + 1 : closed])
            parts.append(f"[^{inner[1:]}]" if inner[0] == "!" else f"[{inner}]")
            at = closed
        else:
            parts.append({"*": "(?s:.*)", "?": "(?s:.)"}.get(sign) or re.escape(sign))
        at += 1
    return "".join(parts)


def _quoted(text: str) -> str:
    """A text as PromQL has it."""
    return json.dumps(text, ensure_ascii=False)
