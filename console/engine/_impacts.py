"""How each model stood to its promise over a row of pictures: its worst figures, and for how long it was broken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from console.domain.alert_condition import LEAST_REQUESTS
from console.domain.basis import Basis, Missing
from console.domain.fleet import Fleet, Objective
from console.domain.lies import percentile_hint
from console.domain.report import Budget, Counted, Impact, Peak
from console.domain.rows import ModelRow
from console.domain.slo import DAY_S
from console.domain.snapshot import Snapshot
from console.domain.triton import State
from console.domain.versions import is_trouble

# The window whose burn rate tells soonest.
_BURN = "5m"
# One failed request is bad luck.
_LEAST_BAD = 2.0
_CAVEATS = frozenset({"queue-full-uncounted", "python-errors-count-as-success", "ensemble-steps"})
_WHY = {
    Missing.IDLE: "no request came while a percentile was looked for",
    Missing.NO_DATA: "no counters of it were read",
    Missing.STALE: "its targets did not answer",
    Missing.FORBIDDEN: "the metrics ask for a credential",
    Missing.WAITING: "it was seen for less than two polls",
}


@dataclass(slots=True)
class _Case:
    """One model so far."""

    impact: Impact
    burn: Peak | None = None
    missing: str = ""
    caveats: dict[str, None] = field(default_factory=dict)
    served: bool = False


@dataclass(frozen=True, slots=True)
class _State:
    """How a model stands in one picture; None is unknown."""

    slow: bool
    failing: bool
    down: bool

    @property
    def broken(self) -> bool:
        return self.slow or self.failing or self.down


class Impacts:
    """Every model that any of the pictures had."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._cases: dict[str, _Case] = {}

    def look(self, snapshot: Snapshot, seconds: float) -> None:
        """One picture that stands for the seconds before it; they come in the order of time."""
        by_model: dict[str, list[ModelRow]] = {}
        for row in snapshot.models:
            by_model.setdefault(row.model, []).append(row)
        for model, rows in by_model.items():
            case = self._cases.get(model)
            if case is None:
                objective = self._fleet.objective(model)
                case = self._cases[model] = _Case(Impact(model, objective))
            _look(case, rows, snapshot.at, seconds)

    def told(
        self, counted: Mapping[str, Counted], versions: Mapping[str, Sequence[str]], seconds: float
    ) -> tuple[Impact, ...]:
        """What each model's users felt, the worst first; ``seconds`` of the window were covered."""
        found = []
        for model, case in self._cases.items():
            sums = counted.get(model)
            found.append(
                replace(
                    case.impact,
                    versions=tuple(versions.get(model, ())),
                    counted=sums,
                    budget=_budget(case, sums, seconds),
                    unknown_p99="" if case.impact.p99 else case.missing,
                    caveats=tuple(case.caveats),
                )
            )
        return tuple(sorted(found, key=_worst_first))


def _look(case: _Case, rows: Sequence[ModelRow], at: float, seconds: float) -> None:
    impact = case.impact
    fresh = [row for row in rows if not row.stale]
    for row in fresh:
        _peaks(case, row, at)
        case.caveats |= dict.fromkeys(warn.text for warn in row.warnings if warn.id in _CAVEATS)
    if not fresh:
        case.impact = replace(impact, within=None)
        return
    case.served = case.served or any(row.ready or row.scraped for row in fresh)
    state = _state(fresh, served=case.served)
    impact = case.impact
    case.impact = replace(
        impact,
        judged_s=impact.judged_s + seconds,
        slow_s=impact.slow_s + seconds * state.slow,
        failing_s=impact.failing_s + seconds * state.failing,
        down_s=impact.down_s + seconds * state.down,
        broken_s=impact.broken_s + seconds * state.broken,
        first=at if state.broken and impact.first is None else impact.first,
        last=at if state.broken else impact.last,
        within=not state.broken,
    )


def _state(rows: Sequence[ModelRow], *, served: bool) -> _State:
    ready = any(row.ready for row in rows)
    trouble = any(is_trouble(row.state, row.reason) for row in rows)
    return _State(
        slow=any(_slow(row) for row in rows),
        failing=any(_failing(row) for row in rows),
        down=not ready and (trouble or (served and any(row.state is State.LOADING for row in rows))),
    )


def _slow(row: ModelRow) -> bool:
    """Whether the promised percentile is over its threshold, with enough requests to speak of one."""
    asked = max(row.slo.requests.get(_BURN, 0.0), (row.rate or 0.0) * 60)
    return bool(row.rate) and (row.slo.ratio or 0.0) > 1.0 and asked >= LEAST_REQUESTS


def _failing(row: ModelRow) -> bool:
    """Whether more of the last requests failed than the promise allows."""
    failed = sum(number for reason, number in row.errors.items() if reason != "CANCELED")
    return failed >= _LEAST_BAD and (row.error_ratio or 0.0) > 1.0 - row.slo.objective.availability


def _peaks(case: _Case, row: ModelRow, at: float) -> None:
    impact, found = case.impact, row.percentiles
    if found is None:
        case.missing = case.missing or _unknown(row)
    else:
        whose = " on ".join(text for text in (row.key.label, found.target) if text)
        basis = found.basis.value
        impact = replace(
            impact,
            p99=_greater(impact.p99, found.p99, at, whose, basis),
            percentile=_greater(impact.percentile, _promised(row), at, whose, basis),
        )
    mean = _greater(impact.mean, row.mean_ms, at, row.key.label, Basis.MEAN.value)
    case.impact = replace(impact, mean=mean)
    case.burn = _greater(case.burn, row.slo.burn.get(_BURN), at, row.key.label, "")


def _promised(row: ModelRow) -> float | None:
    """The percentile that is promised."""
    return None if row.slo.ratio is None else row.slo.ratio * row.slo.objective.latency_ms


def _greater(peak: Peak | None, value: float | None, at: float, subject: str, basis: str) -> Peak | None:
    if value is None or (peak is not None and peak.value >= value):
        return peak
    return Peak(value, at, subject, basis)


def _unknown(row: ModelRow) -> str:
    """Why there is no percentile, and how to have one."""
    hint = percentile_hint(row)
    if hint:
        return f"its servers export none: {hint}"
    return _WHY.get(row.latency_missing or Missing.NO_DATA, "")


def _budget(case: _Case, counted: Counted | None, seconds: float) -> Budget:
    burn = case.burn
    spent = None
    if counted is not None and counted.requests > 0:
        spent = _spent(case.impact.objective, counted, seconds)
    latency = counted is not None and counted.slow is not None
    return Budget(spent, burn, _BURN if burn else "", latency)


def _spent(objective: Objective, counted: Counted, seconds: float) -> float:
    """The worse of the two budgets: that of failed requests, and that of slow ones where they are known."""
    failed = _over(counted.broken / counted.requests, 1.0 - objective.availability)
    slow = _over((counted.slow or 0.0) / counted.requests, 1.0 - objective.quantile)
    return max(failed, slow) * seconds / (objective.period_days * DAY_S)


def _over(share: float, allowed: float) -> float:
    return share / allowed if allowed > 0 else 0.0


def _worst_first(impact: Impact) -> tuple[float, float, float, str]:
    """By the budget that went; nobody's requests are counted where none were answered at all."""
    aim, counted = impact.objective, impact.counted
    down = _over(impact.down_s / (aim.period_days * DAY_S), 1.0 - aim.availability)
    requests = counted.requests if counted else 0.0
    return -max(impact.budget.spent or 0.0, down), -impact.broken_s, -requests, impact.model


def versions_of(snapshot: Snapshot) -> dict[str, dict[str, int]]:
    """How many targets each version of each model is ready on."""
    found: dict[str, dict[str, int]] = {}
    for row in snapshot.models:
        ready = found.setdefault(row.model, {})
        if row.ready:
            ready[row.version] = row.ready
    return found
