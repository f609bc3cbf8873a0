"""What anyone can type to see the same figure: PromQL for Triton's own series."""

from collections.abc import Mapping

from console.domain.snapshot import Snapshot

_SUCCESS = "sum(rate(nv_inference_request_success{where}[1m]))"
_FAILURES = "sum(rate(nv_inference_request_failure{where}[1m]))"
_PARTS = {
    "queue_ms": "queue",
    "mean_ms": "request",
    "input_ms": "compute_input",
    "infer_ms": "compute_infer",
    "exec_ms": "compute_infer",
    "output_ms": "compute_output",
}
_QUANTILES = {"p50_ms": "0.5", "p95_ms": "0.95", "p99_ms": "0.99"}


def promql(column: str, model: str, among: str = "") -> str:
    """The expression that gives a column of a model, in the column's unit; empty where there is none.

    ``among`` are the matchers of whose series are meant, all where it is empty.
    """
    label = ",".join(part for part in (f'model="{_quoted(model)}"', among) if part)
    where = f"{{{label}}}"
    success = _SUCCESS.replace("{where}", where)
    if column in _PARTS:
        family = f"nv_inference_{_PARTS[column]}_duration_us"
        return f"sum(rate({family}{where}[1m])) / {success} / 1000"
    if column in _QUANTILES:
        return f'max(nv_inference_request_summary_us{{{label},quantile="{_QUANTILES[column]}"}}) / 1000'
    inferences = f"sum(rate(nv_inference_count{where}[1m]))"
    executions = f"sum(rate(nv_inference_exec_count{where}[1m]))"
    infer = f"sum(rate(nv_inference_compute_infer_duration_us{where}[1m]))"
    counted = f"{success} + {_FAILURES.replace('{where}', where)}"
    failed = _FAILURES.replace("{where}", f'{{{label},reason!="CANCELED"}}')
    return {
        "rate": counted,
        "error_ratio": f"{failed} / ({counted})",
        "pending": f"sum(nv_inference_pending_request_count{where})",
        "batch": f"{inferences} / {executions}",
        "items": f"{inferences} / {success}",
        "inferences": inferences,
        "executions": executions,
        "item_ms": f"{infer} / {success} / 1000 / ({inferences} / {executions})",
        "compute_ms": " + ".join(
            f"sum(rate(nv_inference_compute_{part}_duration_us{where}[1m])) / {success} / 1000"
            for part in ("input", "infer", "output")
        ),
    }.get(column, "")


def series(name: str, among: str = "", /, **labels: str) -> str:
    """The series of that name with these labels, each value safely in its quotes, and with the matchers ``among``."""
    where = ",".join(part for part in (_where(labels), among) if part)
    return f"{name}{{{where}}}"


def among(snapshot: Snapshot, target: str = "") -> str:
    """The matchers of a fleet that is seen through Prometheus, or of one of its groups; empty for any other fleet."""
    if not snapshot.fleet.through_prometheus:
        return ""
    groups = snapshot.prometheus.groups if snapshot.prometheus is not None else ()
    labels = next((group.labels for group in groups if group.target == target), {})
    return ",".join(part for part in (snapshot.fleet.selector, _where(labels)) if part)


def _where(labels: Mapping[str, str]) -> str:
    return ",".join(f'{label}="{_quoted(value)}"' for label, value in labels.items())


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
