"""Names: series and labels that do not exist, and functions that cannot work on what they are given."""

import re
from collections.abc import Iterable, Iterator, Sequence

from console.domain.lint_families import SERIES, SUMMARIES, Family, family, is_ours, nearest, of_triton
from console.domain.lint_fault import Fault, note
from console.domain.lint_nodes import (
    Aggregate,
    Binary,
    Call,
    Matcher,
    Node,
    Selector,
    Text,
    children,
    selectors,
)

_RELABEL = frozenset(("label_replace", "label_join"))
REASONS = ("REJECTED", "CANCELED", "BACKEND", "OTHER")
_QUANTILES = ("0.5", "0.9", "0.95", "0.99", "0.999")
_SUFFIXES = ("_bucket", "_total", "_sum", "_count")
# What people write for a label that has another name.
_TRITON_LABELS = {
    "model_name": "model",
    "modelname": "model",
    "modelName": "model",
    "model_id": "model",
    "name": "model",
    "model_version": "version",
    "gpu": "gpu_uuid",
    "gpu_id": "gpu_uuid",
    "uuid": "gpu_uuid",
    "UUID": "gpu_uuid",
    "device": "gpu_uuid",
    "modelname_version": "version",
    "failure_reason": "reason",
    "error": "reason",
}
_DCGM_LABELS = {
    "gpu_uuid": "UUID",
    "uuid": "UUID",
    "gpu_id": "gpu",
    "model": "modelName",
    "model_name": "modelName",
}
# What people look for in Triton, and where it is.
_ELSEWHERE = {
    "nv_gpu_temperature": "DCGM_FI_DEV_GPU_TEMP of the DCGM exporter",
    "nv_gpu_memory_free_bytes": "nv_gpu_memory_total_bytes - nv_gpu_memory_used_bytes",
    "nv_gpu_memory_utilization": "nv_gpu_memory_used_bytes / nv_gpu_memory_total_bytes",
    "nv_inference_error_count": "nv_inference_request_failure",
    "nv_inference_batch_size": "rate(nv_inference_count[5m]) / rate(nv_inference_exec_count[5m])",
    "nv_inference_queue_size": "nv_inference_pending_request_count",
    "nv_model_ready": "no metric: ask /v2/models/MODEL/ready, or triton-console status",
}
_OWN = frozenset(("model", "version", "reason", "gpu_uuid", "le", "quantile"))
_LONGEST_PATTERN = 200


def name_faults(node: Node, recorded: Iterable[str] = ()) -> Iterator[Fault]:
    """Series that nobody emits, once each; ``recorded`` are names that the same file makes."""
    known = set(recorded)
    for selector in selectors(node):
        for name in _names(selector):
            if name not in known:
                known.add(name)
                yield from _name(name, selector)


def _names(selector: Selector) -> Iterator[str]:
    if selector.name:
        yield selector.name
    for label, op, value in selector.matchers:
        if label == "__name__" and op == "=":
            yield value
        elif label == "__name__" and op == "=~":
            yield from _unmatched(value)


def _unmatched(pattern: str) -> Iterator[str]:
    """A pattern of names that are ours, and that no name fits."""
    if not is_ours(pattern) or len(pattern) > _LONGEST_PATTERN:
        return
    try:
        compiled = re.compile(pattern)
    except re.error:
        return
    if not any(compiled.fullmatch(name) for name in SERIES):
        yield pattern


def _name(name: str, selector: Selector) -> Iterator[Fault]:
    found = family(name)
    if found is not None:
        if found.needs:
            yield note("needs", name, f"only where it was switched on: {found.needs}")
        yield from _label_faults(found, selector.matchers)
    elif is_ours(name) and ":" not in name:
        yield _unknown(name)


def _unknown(name: str) -> Fault:
    for suffix in _SUFFIXES:
        base = family(name.removesuffix(suffix)) if name.endswith(suffix) else None
        if base is not None:
            return _suffixed(name, suffix, base)
    near = nearest(name)
    if of_triton(name):
        there = f"nearest: {', '.join(near)}" if near else ""
        return Fault("unknown-series", name, f"Triton emits no {name}", _ELSEWHERE.get(name, there))
    if name.startswith(("DCGM_", "dcgm_")):
        why = f"{name} is not in the DCGM exporter's list of counters; only a list of your own has it"
    else:
        why = f"{name} is not one of Triton's own: a backend or a model would have to export it"
    close = [other for other in near if _alike(name, other)]
    if close:
        return Fault("unknown-series", name, f"{why}; it looks like a slip", f"nearest: {', '.join(close)}")
    return note("unknown-series", name, why, f"nearest: {', '.join(near)}" if near else "")


def _alike(name: str, other: str) -> bool:
    """Whether one name is the other but for a slip: another case, or a letter or two."""
    if name.lower() == other.lower() or name.removeprefix(other).isalpha():
        return True
    return abs(len(name) - len(other)) <= 2 and _distance(name, other) <= 2


def _distance(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        above, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (a != b))
    return row[-1]


def _suffixed(name: str, suffix: str, base: Family) -> Fault:
    why = f"{base.name} is a {base.kind}: it has no {suffix}"
    if suffix == "_bucket" and base.name.endswith("_duration_us"):
        mean = f"rate({base.name}[5m]) / rate(nv_inference_request_success[5m])"
        summary = base.name.replace("_duration_us", "_summary_us")
        return Fault(
            "unknown-series",
            name,
            f"{why}, and so no percentile",
            f'{mean} for the mean; {summary}{{quantile="0.99"}} of one server with {SUMMARIES}',
        )
    return Fault("unknown-series", name, why, base.name)


def _label_faults(found: Family, matchers: Sequence[Matcher]) -> Iterator[Fault]:
    for matcher in matchers:
        fault = label_fault(found, matcher.label)
        if fault is not None:
            yield fault
        elif matcher.label == "reason" and matcher.op == "=" and _fixed(matcher, REASONS):
            why = f'no failure has the reason "{matcher.value}"'
            yield Fault("label-value", found.name, why, f"one of {', '.join(REASONS)}")
        elif matcher.label == "quantile" and matcher.op == "=" and _fixed(matcher, _QUANTILES):
            yield _quantile(found, matcher.value)


def _fixed(matcher: Matcher, values: Sequence[str]) -> bool:
    """Whether the value is none of these, and nothing that a dashboard fills in."""
    return matcher.value not in values and "$" not in matcher.value and "[[" not in matcher.value


def _quantile(found: Family, value: str) -> Fault:
    try:
        possible = 0 <= float(value) <= 1
    except ValueError:
        possible = False
    exported = f"one of {', '.join(_QUANTILES)}"
    if possible:
        return note(
            "label-value",
            found.name,
            f'quantile="{value}" is not exported unless summary_quantiles names it',
            exported,
        )
    return Fault("label-value", found.name, f'no quantile is "{value}"', exported)


def label_fault(found: Family, label: str) -> Fault | None:
    """Why a family has no such label; None where it has, or where relabelling may have added it."""
    if label in found.labels or label.startswith("__"):
        return None
    triton = found.name.startswith("nv_")
    meant = (_TRITON_LABELS if triton else _DCGM_LABELS).get(label)
    if meant is not None and meant in found.labels:
        return Fault("unknown-label", found.name, f"{found.name} has no label {label}", meant)
    if triton and (label in _OWN or meant is not None):
        why = f"{found.name} has no label {label}: it is not told by {label}"
        kept = f"it has {', '.join(sorted(found.labels))}" if found.labels else "it has no labels of its own"
        return Fault("unknown-label", found.name, why, kept)
    return None


def group_faults(node: Node) -> Iterator[Fault]:
    """Labels that are grouped or joined by, and that nothing inside has."""
    labels: tuple[str, ...] = ()
    if isinstance(node, Aggregate):
        labels = node.by or ()
    elif isinstance(node, Binary):
        labels = node.on
    elif isinstance(node, Call) and node.name == "label_values" and len(node.args) == 2:
        labels = tuple(_label_name(node.args[1]))
    inside = [found for selector in selectors(node) if (found := family(selector.name)) is not None]
    if inside and not any(isinstance(each, Call) and each.name in _RELABEL for each in _all(node)):
        for label in labels:
            faults = [label_fault(found, label) for found in inside]
            if faults[0] is not None and None not in faults:
                yield faults[0]
    for child in children(node):
        yield from group_faults(child)


def _label_name(node: Node) -> Iterator[str]:
    if isinstance(node, Selector):
        yield node.name
    elif isinstance(node, Text):
        yield node.value


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in children(node):
        yield from _all(child)
