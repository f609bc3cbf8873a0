"""Functions and aggregations that cannot work on the series they are given."""

from collections.abc import Iterator

from console.domain.lint_families import Family, Kind, family, is_ours
from console.domain.lint_fault import Fault
from console.domain.lint_nodes import Aggregate, Call, Node, Selector, children, selectors

_RATES = frozenset(("rate", "irate", "increase", "resets"))
_DELTAS = frozenset(("delta", "idelta", "deriv", "predict_linear"))


def function_faults(node: Node) -> Iterator[Fault]:
    """Functions and aggregations that cannot work on the series they are given."""
    if isinstance(node, Call):
        yield from _call_faults(node)
    elif isinstance(node, Aggregate) and node.name in {"avg", "sum"} and node.args:
        yield from _averaged(node)
    for child in children(node):
        yield from function_faults(child)


def _call_faults(node: Call) -> Iterator[Fault]:
    if node.name == "histogram_quantile":
        yield from _histogram_faults(node)
        return
    if node.name not in _RATES | _DELTAS:
        return
    for argument in node.args:
        found = family(argument.name) if isinstance(argument, Selector) else None
        if isinstance(argument, Selector) and found is not None:
            yield from _over_time(node.name, argument.name, found)


def _over_time(function: str, name: str, found: Family) -> Iterator[Fault]:
    """Rates are of what only grows, differences of what goes up and down."""
    grows = found.kind in {Kind.COUNTER, Kind.TOTAL, Kind.HISTOGRAM} or name != found.name
    if function in _RATES and not grows:
        what = "quantiles of a summary" if found.kind is Kind.SUMMARY else "a gauge"
        instead = f"rate({name}_sum[5m])" if found.kind is Kind.SUMMARY else f"avg_over_time({name}[5m])"
        yield Fault("rate-of-gauge", name, f"{function}() needs a counter, and {name} is {what}", instead)
    elif function in _DELTAS and grows:
        why = f"{function}() of a counter goes wrong at every restart: {name} begins anew at 0"
        yield Fault("delta-of-counter", name, why, f"increase({name}[5m])")


def _histogram_faults(node: Call) -> Iterator[Fault]:
    ours = [selector for selector in selectors(node) if is_ours(selector.name) and ":" not in selector.name]
    for selector in ours:
        found = family(selector.name)
        if found is None and selector.name.endswith("_bucket"):
            continue
        if found is None or not selector.name.endswith("_bucket"):
            what = f"a {found.kind}" if found is not None else "unknown"
            why = f"histogram_quantile() needs buckets, and {selector.name} is {what}"
            exact = "a summary's quantile label, of one server; or nv_inference_first_response_histogram_ms_bucket"
            yield Fault("no-histogram", selector.name, why, exact)
    if ours and len(node.args) == 2 and isinstance(node.args[1], Aggregate):
        inner = node.args[1]
        if inner.without is None and "le" not in (inner.by or ()):
            why = "the buckets are added without their bound le: no quantile is left in them"
            yield Fault("lost-le", ours[0].name, why, "sum by (le, model) (…)")


def _averaged(node: Aggregate) -> Iterator[Fault]:
    for selector in selectors(node.args[-1]):
        found = family(selector.name)
        if found is None or found.kind is not Kind.SUMMARY or selector.name != found.name:
            continue
        done = "an average" if node.name == "avg" else "a sum"
        why = f"{done} of quantiles is no quantile: {selector.name} is of one server each"
        yield Fault(
            "averaged-quantile",
            selector.name,
            why,
            f"max by (model, version) ({selector.name}{{…}}), said to be the worst server's",
        )
