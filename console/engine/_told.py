"""Records of the journal as markers: in one sentence each, at the time of the record."""

from collections.abc import Iterator, Mapping

from console.domain.action import ActionKind
from console.domain.journal import Record
from console.domain.marker import Marker, MarkerKind
from console.domain.plan import Plan
from console.domain.plan_json import read_effects
from console.domain.run import Effect, Figures, Result
from console.domain.states import Json
from console.domain.text import visible

_DEPLOYS = "deploys"
_GOAL, _WHO, _SAID = 300, 60, 600
_FREEZING = {ActionKind.FREEZE, ActionKind.UNFREEZE}


def end_marker(record: Record, plan: Plan | None, fleet: str) -> Marker:
    """A plan that ended; how, and why it did not end well."""
    result = Result(str(record.body["result"]))
    message = str(record.body.get("message", ""))
    why = f": {visible(message)}" if message else ""
    said = f"{_goal(record, plan)}: {result.value.replace('_', ' ')} {_by(record)}{why}"
    return _of(record, MarkerKind.ACTION, plan, fleet, said)


def silent_marker(record: Record, plan: Plan, fleet: str) -> Marker:
    """A plan that began, and whose end nobody wrote."""
    said = f"{_goal(record, plan)}: begun {_by(record)}, and its end is not written"
    return _of(record, MarkerKind.ACTION, plan, fleet, said)


def effect_marker(record: Record, plan: Plan | None) -> Iterator[Marker]:
    """What a plan did to each of its models."""
    for effect in read_effects(record.body.get("effects")):
        said = f"effect of {_goal(record, plan)} ({visible(record.plan, _WHO)}): {effect_words(effect)}"
        yield Marker(record.at, MarkerKind.EFFECT, effect.model, visible(said, _SAID), effect.model)


def handled_marker(record: Record, plan: Plan | None, fleet: str) -> Marker:
    """A plan that stopped in the middle, and that somebody took care of; nothing was changed by that."""
    said = f"{_goal(record, plan)}: marked as handled {_by(record)}{_why(record.body, 'reason')}"
    return _of(record, MarkerKind.NOTE, plan, fleet, said)


def good_marker(record: Record, fleet: str) -> Marker:
    """What served was called good; nothing was changed by that."""
    models = record.body.get("models")
    named = [visible(str(each), _WHO) for each in models] if isinstance(models, list | tuple) else []
    of = ", ".join(named[:3]) + (f" and {len(named) - 3} more" if len(named) > 3 else "")
    said = f"known-good release of {of or 'nothing'}: kept {_by(record)}"
    one = str(models[0]) if isinstance(models, list | tuple) and len(models) == 1 else ""
    return Marker(record.at, MarkerKind.NOTE, one or fleet, visible(said, _SAID), one)


def effect_words(effect: Effect) -> str:
    """``p99 183 → 12 ms (summary), queue 140 → 1.2 ms, errors 0.4 → 0 %, rate 400 → 410 /s, 60 s before and after``."""
    was, now = effect.before, effect.after
    basis = now.basis or was.basis
    told = [
        f"p99 {_change(was.p99_ms, now.p99_ms, ' ms')}{f' ({visible(basis, 20)})' if basis else ''}",
        f"queue {_change(was.queue_ms, now.queue_ms, ' ms')}",
        f"errors {_change(_percent(was), _percent(now), ' %')}",
        f"rate {_change(was.rate, now.rate, ' /s')}",
    ]
    return f"{', '.join(told)}, {effect.seconds:.0f} s before and after"


def _of(record: Record, kind: MarkerKind, plan: Plan | None, fleet: str, said: str) -> Marker:
    model = plan.action.model if plan is not None else ""
    freezing = plan is not None and plan.action.kind in _FREEZING
    return Marker(record.at, kind, model or (_DEPLOYS if freezing else fleet), visible(said, _SAID), model)


def _goal(record: Record, plan: Plan | None) -> str:
    """What it was meant to do; its id alone where its beginning was not seen."""
    return visible(plan.goal, _GOAL) if plan is not None else f"plan {visible(record.plan, _WHO)}"


def _by(record: Record) -> str:
    return f"by {visible(record.who, _WHO) or 'somebody'} ({visible(record.plan, _WHO)})"


def _why(body: Mapping[str, Json], name: str) -> str:
    said = body.get(name)
    return f": {visible(str(said))}" if said else ""


def _percent(figures: Figures) -> float | None:
    return None if figures.error_ratio is None else figures.error_ratio * 100


def _change(was: float | None, now: float | None, unit: str) -> str:
    if was is None and now is None:
        return "unknown"
    return f"{_number(was)} → {_number(now)}{unit}"


def _number(value: float | None) -> str:
    if value is None:
        return "unknown"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}".rstrip("0").rstrip(".")
