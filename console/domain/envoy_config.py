"""What Envoy's configuration says of splits and of faults; pure, and suspicious of every value."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from console.domain.text import whole

_PARTS = {"HUNDRED": 100, "TEN_THOUSAND": 10_000, "MILLION": 1_000_000}
_BEYOND = 2**64
_FAULT = "envoy.extensions.filters.http.fault.v3.HTTPFault"
_FAULT_KEY = "fault.http.abort.abort_percent"


class Split(NamedTuple):
    """One weighted split: weights by cluster, the prefix of its runtime keys, and where it is configured."""

    config: str
    version: str
    weights: Mapping[str, int]
    runtime: str = ""
    total: int = 0


class Fault(NamedTuple):
    """What a runtime key sheds while it is not set (percent, None if unknown), and with which status."""

    percent: float | None
    status: int | None


def splits(configs: Iterable[Mapping[str, Any]], clusters: Sequence[str]) -> list[Split]:
    """The splits between exactly these clusters, in the order of the configuration."""
    found = []
    for config in configs:
        route = config.get("route_config")
        name = str(route.get("name", "")) if isinstance(route, Mapping) else ""
        for node in _objects(route):
            weighted = node.get("weighted_clusters")
            if isinstance(weighted, Mapping):
                split = _split(name, str(config.get("version_info", "")), weighted)
                if set(split.weights) == set(clusters):
                    found.append(split)
    return found


def _split(config: str, version: str, weighted: Mapping[str, Any]) -> Split:
    listed = weighted.get("clusters")
    weights = {
        str(each.get("name", "")): whole_number(each.get("weight")) or 0
        for each in (listed if isinstance(listed, list) else [])
        if isinstance(each, Mapping)
    }
    prefix = str(weighted.get("runtime_key_prefix", ""))
    return Split(config, version, weights, prefix, whole_number(weighted.get("total_weight")) or 0)


def fault(dump: Mapping[str, Any], key: str) -> Fault | None:
    """What the configuration does with a runtime key that sheds; None where nothing uses it."""
    found = None
    for node in _objects(dump):
        abort = node.get("abort")
        if isinstance(abort, Mapping) and _abort_key(node) == key:
            return Fault(_percent(abort.get("percentage")), whole_number(abort.get("http_status")))
        if node.get("runtime_key") == key:
            return Fault(_percent(node.get("default_value", node)), None)
        if key in node.values():
            found = Fault(None, None)
    return found


def _abort_key(node: Mapping[str, Any]) -> str:
    named = node.get("abort_percent_runtime")
    return str(named) if named else _FAULT_KEY if _FAULT in str(node.get("@type")) else ""


def _percent(fraction: Any) -> float | None:
    if not isinstance(fraction, Mapping):
        return 0.0
    parts = _PARTS.get(str(fraction.get("denominator", "HUNDRED")))
    numerator = fraction.get("numerator", fraction.get("value", 0))
    share = real_number(numerator)
    return None if parts is None or share is None else 100.0 * share / parts


def whole_number(value: Any) -> int | None:
    """A whole number of 64 bits, also one that is written as text; None for anything else."""
    found = whole(value) if isinstance(value, str) else value
    return found if type(found) is int and abs(found) < _BEYOND else None


def real_number(value: Any) -> float | None:
    """A number; None for anything else, also for one that is beyond all that Envoy can count."""
    known = isinstance(value, int | float) and abs(value) < _BEYOND
    return float(value) if known else None


def _objects(root: Any) -> Iterator[Mapping[str, Any]]:
    """Every object within a JSON value, in its order; without recursion, because nobody bounds its depth."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Mapping):
            yield node
            waiting.extend(reversed(list(node.values())))
        elif isinstance(node, list):
            waiting.extend(reversed(node))
