"""What a verdict recommends: mitigations as actions for the door, with their numbers worked out."""

import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from console.domain.action import Action, ActionKind
from console.domain.change import Change, read_change
from console.domain.config import ModelConfig
from console.domain.model_change import INSTANCES_MOST, knobs
from console.domain.text import visible
from console.domain.triage import ANY, NONE, Advice, Answer, Finding, Mitigation, Runbook, WalkedStep

Configs = Callable[[str], Mapping[str, ModelConfig]]

# Half of a queue without bound is no number: this many full batches for each instance may wait then.
_BATCHES = 2
_LEAST = {"instances": 1, "queue_size": 1, "queue_delay_us": 0}
_FLEET_WIDE = frozenset({ActionKind.FREEZE, ActionKind.UNFREEZE})
_ON_ONE_TARGET = frozenset({ActionKind.LOAD, ActionKind.UNLOAD})
_NAMES = re.compile(r"\{(model|version|target)\}")
_NOBODY = "no model is known to take more than before; screen 3 shows who shares a GPU"
_TEXT = 300


class Culprit(NamedTuple):
    """Whom to act on: a model, the version to go back to, and the target, where they are known."""

    model: str
    version: str = ""
    target: str = ""


Culprits = Mapping[str, Culprit | None]
"""Whom a mitigation's ``culprit`` names; None where its check blames nobody."""


def blamed(finding: Finding | None, model: str = "") -> Culprit | None:
    """Whom a *yes* blames, ``model`` where it names none; None where it is nobody."""
    if finding is None or finding.answer is not Answer.YES or not (finding.model or model):
        return None
    return Culprit(finding.model or model, finding.version, finding.target)


class _UnsettledError(Exception):
    """A change that comes to no number here; its text says why."""


def advice(
    runbook: Runbook, path: Sequence[WalkedStep], verdict: str, culprits: Culprits, configs: Configs | None
) -> tuple[Advice, ...]:
    """What the verdict recommends in the order of the runbook, then what steps on the path offer and is not done yet."""
    if verdict == NONE:
        return ()
    chosen = [each for each in runbook.mitigations if {verdict, ANY} & set(each.verdicts)]
    offered = {name for walked in path if walked.answer is not Answer.YES for name in walked.step.act}
    chosen += [each for each in runbook.mitigations if each.id in offered and each not in chosen]
    return tuple(_unlike(_advice(each, culprits, configs) for each in chosen))


def _unlike(found: Iterable[Advice]) -> Iterator[Advice]:
    """Two mitigations may come to the same action: the first says it."""
    seen: list[Action] = []
    for each in found:
        if each.action is None or each.action not in seen:
            yield each
        if each.action is not None:
            seen.append(each.action)


def _advice(mitigation: Mitigation, culprits: Culprits, configs: Configs | None) -> Advice:
    culprit = culprits[mitigation.culprit]
    if culprit is None:
        return Advice(mitigation, None, f"{mitigation.text}: {_NOBODY}", mitigation.why, mitigation.command)
    text, why = _filled(mitigation.text, culprit), _filled(mitigation.why, culprit)
    command = _filled(mitigation.command, culprit, quoted=True)
    try:
        action, said = _action(mitigation, culprit, configs)
    except _UnsettledError as unsettled:
        return Advice(mitigation, None, visible(f"{text}: {unsettled}", _TEXT), why, command)
    return Advice(mitigation, action, f"{text}: {said}" if said else text, why, command)


def _action(mitigation: Mitigation, culprit: Culprit, configs: Configs | None) -> tuple[Action | None, str]:
    kind = mitigation.action
    if kind is None:
        return None, ""
    if kind in _FLEET_WIDE:
        return Action(kind), ""
    targets = (culprit.target,) if culprit.target and kind in _ON_ONE_TARGET else ()
    version = culprit.version if kind is ActionKind.ROLLBACK else ""
    values, said = _values(mitigation.values, culprit.model, configs)
    if kind in _ON_ONE_TARGET:
        said = _filled("{model} on {target}" if targets else "{model}", culprit)
    return Action(
        kind, culprit.model, version, percent=mitigation.percent, targets=targets, values=values
    ), said


def _values(wanted: Mapping[str, str], model: str, configs: Configs | None) -> tuple[dict[str, int], str]:
    """The numbers that changes come to, and how they change in words."""
    present = list(configs(model).values()) if configs else []
    found = [_value(name, text, present) for name, text in wanted.items()]
    return {name: after for name, _, after in found}, ", ".join(
        f"{name} {'' if before is None else f'{before} → '}{after}" for name, before, after in found
    )


def _value(name: str, text: str, configs: Sequence[ModelConfig]) -> tuple[str, int | None, int]:
    change = read_change(text)
    if change is None:
        raise _UnsettledError(f"{name} = {visible(text, 40)} is no number")
    before = _present(name, change, configs)
    if before is None and change.sign:
        raise _UnsettledError(f"{name} {text}; what it is now is not known")
    after = _bound(configs) if _is_unbounded(name, before, change) else change.of(before or 0)
    after = max(after, _LEAST.get(name, 0))
    if name == "instances":
        after = min(after, INSTANCES_MOST)
    if after == before:
        raise _UnsettledError(f"{name} is {before} already")
    return name, before, after


def _present(name: str, change: Change, configs: Sequence[ModelConfig]) -> int | None:
    """What it is now; where targets differ, the one from which no target goes the other way."""
    values = [value for config in configs if isinstance(value := knobs(config.tree).get(name), int)]
    if not values:
        return None
    if name == "queue_size" and change.sign == "-":
        return min((value for value in values if value), default=0)
    return max(values) if change.sign == "+" else min(values)


def _is_unbounded(name: str, before: int | None, change: Change) -> bool:
    if name != "queue_size" or before != 0 or not change.sign:
        return False
    if change.sign == "+":
        raise _UnsettledError("any number of requests may wait already")
    return True


def _bound(configs: Sequence[ModelConfig]) -> int:
    return _BATCHES * max(max(config.max_batch, 1) * max(config.instances, 1) for config in configs)


def _filled(text: str, culprit: Culprit, *, quoted: bool = False) -> str:
    """A runbook's text with the culprit's names; in a command they are quoted for the shell."""

    def name(match: re.Match[str]) -> str:
        value = str(getattr(culprit, match[1]))
        if not value:
            return match[1].upper()
        shown = visible(value, 80)
        return shlex.quote(shown) if quoted else shown

    return _NAMES.sub(name, text)
