"""What each alert is called where it is exported as a Prometheus rule."""

from typing import Final

RULE_NAMES: Final = {
    "budget-burn": "TritonErrorBudgetBurn",
    "latency-objective": "TritonLatencyObjective",
    "model-unavailable": "TritonModelUnavailable",
    "queue-sustained": "TritonQueueSustained",
    "gpu-memory": "TritonGpuMemoryCritical",
    "load-failures": "TritonLoadFailures",
    "crash-loop": "TritonCrashLoop",
    "metrics-missing": "TritonMetricsMissing",
}
"""Rule names by the console's alert ids; alerts that need more than metrics have none."""
