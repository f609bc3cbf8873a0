"""Recording rules: shares of requests and burn rates over every window, and the means of queue and compute."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from console.domain.alert_burn import PAIRS, WINDOWS
from console.domain.fleet import Fleet, Objective

BY = "model, version"
MEAN_WINDOW = "2m"
SHORT_WINDOWS = tuple(pair.short for pair in PAIRS)
SUCCESS, FAILURE = "nv_inference_request_success", "nv_inference_request_failure"
FIRST_RESPONSE = "nv_inference_first_response_histogram_ms_bucket"
_SPECIAL = frozenset(".^$+{}()|\\]")

Json = dict[str, object]


class Promise(NamedTuple):
    """An objective and the label matchers of the models that it is for, without braces."""

    objective: Objective
    matchers: str
    glob: str


def promises(fleet: Fleet) -> tuple[Promise, ...]:
    """Objectives with disjoint matchers, the most specific glob first, the default last."""
    found: list[Promise] = []
    before: list[str] = []
    for glob, objective in fleet.objectives:
        mine = f'model=~"{_quoted(pattern(glob))}"'
        found.append(Promise(objective, ",".join([mine, *_excluded(before)]), glob))
        before.append(glob)
    return (*found, Promise(fleet.default_objective, ",".join(_excluded(before)), "*"))


def pattern(glob: str) -> str:
    """A glob as a regular expression of Prometheus, which is anchored by itself."""
    made = []
    rest = iter(range(len(glob)))
    for at in rest:
        sign = glob[at]
        end = glob.find("]", at + 2) if sign == "[" else -1
        if end > 0:
            inside = glob[at + 1 : end].replace("\\", "\\\\")
            made.append(f"[^{inside[1:]}]" if inside[0] == "!" else f"[{inside}]")
            for _ in range(end - at):
                next(rest)
        elif sign == "[":
            made.append("\\[")
        else:
            made.append({"*": ".*", "?": "."}.get(sign, f"\\{sign}" if sign in _SPECIAL else sign))
    return "".join(made)


def _excluded(globs: Iterable[str]) -> list[str]:
    patterns = "|".join(map(pattern, globs))
    return [f'model!~"{_quoted(patterns)}"'] if patterns else []


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def records(promised: Sequence[Promise]) -> Iterator[Json]:
    """Every recording rule; later ones read earlier ones."""
    for window in WINDOWS:
        yield _record(f"model:triton_request_errors:ratio_rate{window}", _errors(window))
    for window in SHORT_WINDOWS:
        yield _record(f"model:triton_requests:increase{window}", _requests("increase", window))
    for promise in promised:
        yield from _burns(promise)
    for name, series in (
        ("queue", ("queue",)),
        ("compute", ("compute_input", "compute_infer", "compute_output")),
    ):
        yield _record(f"model:triton_{name}:mean_ms{MEAN_WINDOW}", _mean_ms(series))


def _burns(promise: Promise) -> Iterator[Json]:
    objective, matchers = promise.objective, promise.matchers
    threshold = _summed(SUCCESS, matchers, "group")
    yield _record(
        "model:triton_latency_objective:ms", f"{threshold} * {figure(objective.latency_ms)}", promise
    )
    for window in WINDOWS:
        errors = f"model:triton_request_errors:ratio_rate{window}{_braced(matchers)}"
        expression = f"{errors} / {figure(1 - objective.availability)}"
        yield _record(f"model:triton_error_budget_burn:ratio_rate{window}", expression, promise)
    for window in WINDOWS:
        slow = f"({_slow(objective.latency_ms, matchers, window)})\n/ {figure(1 - objective.quantile)}"
        yield _record(f"model:triton_latency_budget_burn:ratio_rate{window}", slow, promise)


def _record(name: str, expression: str, promise: Promise | None = None) -> Json:
    labels = {"objective": promise.glob} if promise is not None else {}
    return {"record": name, "expr": expression, **({"labels": labels} if labels else {})}


def _errors(window: str) -> str:
    failed = f'sum by ({BY}) (rate({FAILURE}{{reason!="CANCELED"}}[{window}]))'
    return f"{failed}\n/ ({_requests('rate', window)})"


def _requests(function: str, window: str) -> str:
    """Everything that was answered or failed; what its client gave up on counts for nothing."""
    answered = f"sum by ({BY}) ({function}({SUCCESS}[{window}]))"
    return f'{answered}\n+ sum by ({BY}) ({function}({FAILURE}{{reason!="CANCELED"}}[{window}]))'


def _slow(threshold_ms: float, matchers: str, window: str) -> str:
    """The share of answers after the threshold; nothing at all where no bucket ends there."""
    named = f"{matchers}," if matchers else ""
    within = f'sum by ({BY}) (rate({FIRST_RESPONSE}{{{named}le="{figure(threshold_ms)}"}}[{window}]))'
    every = f'sum by ({BY}) (rate({FIRST_RESPONSE}{{{named}le="+Inf"}}[{window}]))'
    return f"1 - {within}\n/ {every}"


def _mean_ms(parts: Sequence[str]) -> str:
    spent = " + ".join(
        f"sum by ({BY}) (rate(nv_inference_{part}_duration_us[{MEAN_WINDOW}]))" for part in parts
    )
    spent = f"({spent})" if len(parts) > 1 else spent
    return f"{spent}\n/ sum by ({BY}) (rate({SUCCESS}[{MEAN_WINDOW}])) / 1000"


def _summed(series: str, matchers: str, how: str) -> str:
    return f"{how} by ({BY}) ({series}{_braced(matchers)})"


def _braced(matchers: str) -> str:
    return f"{{{matchers}}}" if matchers else ""


def figure(value: float) -> str:
    """A number as a rule writes it: short, exact enough, and without the noise of floats."""
    return f"{value:.10g}"
