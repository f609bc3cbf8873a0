"""Alerting rules: those of the console that metrics can tell, and what each cannot see."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from console.domain.alert_burn import PAIRS, Pair
from console.domain.alert_condition import LEAST_REQUESTS, TICKET
from console.domain.alert_names import RULE_NAMES
from console.domain.alert_repeats import REPEATS, WITHIN_S
from console.domain.alerts import GPU_FREE_FLOOR_BYTES, QUEUE_OVER_COMPUTE_SHARE, QUEUE_SHARE
from console.domain.families import SUMMARY_QUANTILES
from console.view.rules_records import BY, MEAN_WINDOW, SUCCESS, Json, Promise, figure

LATENCY_BURN = "TritonLatencyBudgetBurn"
_WHERE = "job, instance"
_AGAIN = f"{WITHIN_S / 60:.0f}m"
# One bad request among twenty is bad luck.
_LEAST_BAD = 2
_GONE = "1h"


class Rule(NamedTuple):
    """One alerting rule; ``lasting`` is its ``for``, ``labels`` go beside the severity."""

    name: str
    expression: str
    severity: str
    summary: str
    description: str
    lasting: str = ""
    labels: tuple[tuple[str, str], ...] = ()

    def json(self) -> Json:
        """The rule as Prometheus reads it."""
        return {
            "alert": self.name,
            "expr": self.expression,
            **({"for": self.lasting} if self.lasting else {}),
            "labels": {"severity": self.severity, **dict(self.labels)},
            "annotations": {"summary": self.summary, "description": self.description},
        }


def rules(promised: Sequence[Promise], job: str) -> Iterator[Rule]:
    """Every alerting rule; ``job`` is the regular expression of the scrape jobs that are Tritons."""
    for pair in PAIRS:
        yield burn_rule(pair, RULE_NAMES["budget-burn"], "error", "requests fail")
    for pair in PAIRS:
        yield burn_rule(pair, LATENCY_BURN, "latency", "requests are slow")
    yield from _percentiles(promised)
    yield queue_rule()
    yield from gpu_rules()
    yield unavailable_rule(job)
    yield failures_rule()
    yield crash_rule(job)
    yield missing_rule(job)


def burn_rule(pair: Pair, name: str, kind: str, what: str) -> Rule:
    """A pair of windows that both burn too fast, with the guard against few requests."""
    burn = f"model:triton_{kind}_budget_burn:ratio_rate"
    asked = f"model:triton_requests:increase{pair.short}"
    # A latency burn is of the same requests; its own histogram would count them again.
    bad = f"model:triton_request_errors:ratio_rate{pair.short} * {asked} >= {_LEAST_BAD}"
    guard = f"\nand on ({BY}) {bad}" if kind == "error" else ""
    factor = figure(pair.factor)
    return Rule(
        name,
        f"{burn}{pair.short} > {factor}\nand {burn}{pair.long} > {factor}\n"
        f"and on ({BY}) {asked} >= {LEAST_REQUESTS}{guard}",
        pair.severity,
        f"{{{{ $labels.model }}}}/{{{{ $labels.version }}}} burns its {kind} budget "
        '{{ $value | printf "%.1f" }} times too fast',
        f"Over {pair.short} and {pair.long} more {what} than {factor} times what its objective allows. "
        f"Fewer than {LEAST_REQUESTS} requests in {pair.short} claim nothing.",
        labels=(("long", pair.long), ("short", pair.short)),
    )


def _percentiles(promised: Sequence[Promise]) -> Iterator[Rule]:
    """The worst server's percentile against the threshold, for quantiles that Triton's summaries have."""
    known = {quantile for quantile, _ in SUMMARY_QUANTILES}
    for promise in promised:
        if promise.objective.quantile in known:
            yield percentile_rule(promise)


def percentile_rule(promise: Promise) -> Rule:
    """A summary's quantile over the threshold on the worst target."""
    aim = promise.objective
    named = f"{promise.matchers}," if promise.matchers else ""
    series = f'nv_inference_request_summary_us{{{named}quantile="{figure(aim.quantile)}"}}'
    return Rule(
        RULE_NAMES["latency-objective"],
        f"max by ({BY}) ({series}) / 1000 > {figure(aim.latency_ms)}",
        TICKET,
        f"p{figure(aim.quantile * 100)} of {{{{ $labels.model }}}}/{{{{ $labels.version }}}} is "
        f'{{{{ $value | printf "%.1f" }}}} ms of {figure(aim.latency_ms)} ms promised',
        "On its worst server; quantiles of several servers cannot be added or averaged. Silent without "
        "--metrics-config summary_latencies=true, and for models that use the response cache.",
        "2m",
        (("objective", promise.glob),),
    )


def queue_rule() -> Rule:
    """Waiting that takes too large a part of what is promised."""
    queue, compute = (f"model:triton_{name}:mean_ms{MEAN_WINDOW}" for name in ("queue", "compute"))
    aim = f"on ({BY}) model:triton_latency_objective:ms"
    return Rule(
        RULE_NAMES["queue-sustained"],
        f"({queue} > {aim} * {QUEUE_SHARE:g}\n"
        f"or ({queue} > {aim} * {QUEUE_OVER_COMPUTE_SHARE:g} and {queue} > {compute}))\n"
        f"and on ({BY}) model:triton_requests:increase5m >= {LEAST_REQUESTS}",
        TICKET,
        "Requests of {{ $labels.model }}/{{ $labels.version }} wait "
        '{{ $value | printf "%.1f" }} ms in the queue',
        f"A mean over {MEAN_WINDOW}, for counters tell no percentile; requests that a full queue refuses are in "
        "no counter of Triton.",
        "1m",
    )


def gpu_rules() -> Iterator[Rule]:
    """Too little free memory, by Triton's own gauges and by DCGM's."""
    megabytes = GPU_FREE_FLOOR_BYTES >> 20
    said = f"A floor of {megabytes} MiB, not a share: servers of large models fill a GPU by design."
    yield Rule(
        RULE_NAMES["gpu-memory"],
        f"nv_gpu_memory_total_bytes - nv_gpu_memory_used_bytes < {GPU_FREE_FLOOR_BYTES}\n"
        "and nv_gpu_memory_total_bytes > 0",
        TICKET,
        "GPU {{ $labels.gpu_uuid }} is nearly out of memory",
        f"{said} By Triton's gauges, which stand still when its DCGM fails.",
        labels=(("source", "triton"),),
    )
    yield Rule(
        RULE_NAMES["gpu-memory"],
        f"DCGM_FI_DEV_FB_FREE < {megabytes}",
        TICKET,
        "GPU {{ $labels.UUID }} is nearly out of memory",
        f"{said} By the DCGM exporter, up to half a minute late.",
        labels=(("source", "dcgm"),),
    )


def unavailable_rule(job: str) -> Rule:
    """A model whose series are gone from a server that is up."""
    return Rule(
        RULE_NAMES["model-unavailable"],
        f"(group by ({_WHERE}, model) (last_over_time({SUCCESS}[{_GONE}] offset 1m))\n"
        f"unless group by ({_WHERE}, model) ({SUCCESS}))\n"
        f'and on ({_WHERE}) up{{job=~"{job}"}} == 1',
        "page",
        "{{ $labels.model }} is served no more by {{ $labels.instance }}",
        f"Triton has no metric of readiness: this sees that a model's series went away. It is over by itself after "
        f"{_GONE}, cannot tell an unload on purpose, and misses a model that never loaded.",
        "1m",
    )


def failures_rule() -> Rule:
    """A version whose series come and go: loads that fail."""
    by = f"{_WHERE}, model, version"
    loading = f"group by ({by}) ({SUCCESS})"
    known = f"0 * group by ({by}) (nv_inference_request_failure)"
    # Each failed load shows its series and takes them away again.
    flips = 2 * REPEATS - 1
    return Rule(
        RULE_NAMES["load-failures"],
        f"changes(({loading} or {known})[{_AGAIN}:15s]) >= {flips}\nunless {loading}",
        TICKET,
        "Loads of {{ $labels.model }}/{{ $labels.version }} on {{ $labels.instance }} fail again and again",
        "Triton counts no failed loads: this sees that the version's series came and went while it tried. Loads that "
        "fail between two scrapes are missed; the repository index tells each.",
    )


def crash_rule(job: str) -> Rule:
    """A server that goes down again and again, or whose counters all restart."""
    busy = f"resets({SUCCESS}[{_AGAIN}]) and max_over_time({SUCCESS}[{_AGAIN}]) > 0"
    return Rule(
        RULE_NAMES["crash-loop"],
        f'max by ({_WHERE}) (changes(up{{job=~"{job}"}}[{_AGAIN}])) >= {2 * REPEATS - 1}\n'
        f"or min by ({_WHERE}) ({busy}) >= {REPEATS}",
        TICKET,
        "{{ $labels.instance }} restarts again and again",
        "It went away, or the counters of all its models that had requests began anew, twice in ten minutes. A server "
        "of one model that is unloaded and loaded twice looks the same.",
    )


def missing_rule(job: str) -> Rule:
    """A metrics endpoint that Prometheus cannot read, or that it does not know."""
    return Rule(
        RULE_NAMES["metrics-missing"],
        f'up{{job=~"{job}"}} == 0\nor absent(up{{job=~"{job}"}})',
        TICKET,
        "Metrics of {{ $labels.instance }} are missing",
        "Prometheus cannot scrape it, or has no target of this job: nothing else here can fire for it.",
        "1m",
    )
