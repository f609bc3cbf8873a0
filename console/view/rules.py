"""The console's alerts as a file of Prometheus rules."""

from collections.abc import Sequence

from console.domain.fleet import Fleet
from console.domain.text import visible
from console.view.rules_alerts import rules
from console.view.rules_records import Json, promises, records

HEAD = (
    "Alerts and recording rules of triton-console, from the objectives of fleet {fleet}.",
    "The service level is availability, from nv_inference_request_failure without CANCELED. Latency is judged only by",
    "what may claim it: a first-response histogram with a bucket that ends at the objective's threshold (newer",
    "Tritons, --metrics-config histogram_latencies=true), or the worst server's summary. Means claim no percentile.",
    "Check and test: promtool check rules FILE; triton-console rules --tests FILE > tests.yml; promtool test rules tests.yml",
)


def rule_file(fleet: Fleet, job: str) -> Json:
    """The groups of recording and alerting rules."""
    promised = promises(fleet)
    return {
        "groups": [
            {"name": "triton-console-records", "rules": list(records(promised))},
            {"name": "triton-console-alerts", "rules": [rule.json() for rule in rules(promised, job)]},
        ]
    }


def head(fleet: Fleet) -> Sequence[str]:
    """What stands on top of the file."""
    return [line.format(fleet=visible(fleet.name, 60)) for line in HEAD]
