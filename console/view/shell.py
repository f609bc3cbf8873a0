"""The command line that shows what a screen shows, and does what a screen does."""

import json
import math
import shlex
from dataclasses import replace

from console.domain.action import Action, ActionKind
from console.domain.fleet import Discovery, Fleet, ModelVersion, Target
from console.domain.incident import bundle_name
from console.domain.snapshot import Snapshot
from console.view.format import threshold
from console.view.status import moment as iso

_TUNED = {"instances": "--instances", "queue_delay_us": "--queue-delay-us", "queue_size": "--queue-size"}


def status_command(fleet: Fleet, key: ModelVersion | None = None) -> str:
    """``triton-console status`` on the fleet's targets, narrowed to one version with jq.

    Header values are secrets: a shell variable stands in their place.
    """
    named = [f"--fleet {shlex.quote(fleet.name)}"] if fleet.unfolding else []
    words = ["triton-console", *named, "status", *_fleet(fleet), "--json"]
    if key is None:
        return " ".join(words)
    wanted = f".models[] | select(.name == {json.dumps(key.model)} and .version == {json.dumps(key.version)})"
    return f"{' '.join(words)} | jq {shlex.quote(wanted)}"


def report_command(incident: str, state: str) -> str:
    """``triton-console report`` of a closed incident, by its bundle in the state folder: that needs no settings."""
    return f"triton-console report {shlex.quote(f'{state}/{bundle_name(incident)}')}"


def picture_command(fleet: Fleet, snapshot: Snapshot | None, key: ModelVersion | None = None) -> str:
    """The command that shows the same: ``status``, of a recorded picture the ``replay`` that stands still at it."""
    if snapshot is None or snapshot.playback is None:
        return status_command(fleet, key)
    path = snapshot.playback.path
    # A path that looks like an option stands behind the end of the options.
    ending = ["--"] if path.startswith("-") else []
    return " ".join(["triton-console replay", *_at(snapshot.at), "--paused", *ending, shlex.quote(path)])


def triage_command(fleet: Fleet, model: str, runbook: str = "", snapshot: Snapshot | None = None) -> str:
    """``triton-console triage`` of a model on the fleet's targets, with the runbook where one was chosen.

    A recorded picture names its recording and its moment in place of the targets.
    """
    playback = snapshot.playback if snapshot is not None else None
    words = [_option("--runbook", runbook)] if runbook else []
    if snapshot is not None and playback is not None:
        words += [_option("--from", playback.path), *_at(snapshot.at)]
    # A name that looks like an option stands behind the end of the options, and so do the targets.
    words += ["--", shlex.quote(model)] if model.startswith("-") else [shlex.quote(model)]
    named = [f"--fleet {shlex.quote(fleet.name)}"] if playback is None and _in_settings(fleet) else []
    return " ".join(
        ["triton-console", *named, "triage", *words, *(_fleet(fleet) if playback is None else [])]
    )


def gate_command(fleet: Fleet, model: str, baseline: str, candidate: str) -> str:
    """``triton-console gate`` of two sides of a model on the fleet's targets."""
    words = [_option("--baseline", baseline), _option("--candidate", candidate)]
    words += ["--", shlex.quote(model)] if model.startswith("-") else [shlex.quote(model)]
    named = [f"--fleet {shlex.quote(fleet.name)}"] if _in_settings(fleet) else []
    return " ".join(["triton-console", *named, "gate", *words, *_fleet(fleet)])


def action_command(fleet: Fleet, action: Action) -> str:
    """The command that plans and runs the same action on the fleet's targets, or on those that the action names.

    What the settings say of gateways and freezes is found by the fleet's name.
    """
    wanted = [target for target in fleet.targets if not action.targets or target.name in action.targets]
    named = [f"--fleet {shlex.quote(fleet.name)}"] if _in_settings(fleet) else []
    words = ["triton-console", *named, *_action(action)]
    if action.reason:
        words.append(_option("--reason", action.reason))
    narrowed = replace(fleet, targets=tuple(wanted))
    if action.targets:
        narrowed = replace(narrowed, discovery=Discovery())
    return " ".join([*words, *_fleet(narrowed)])


def _at(at: float) -> list[str]:
    """A picture is found by a moment that is not before it."""
    said = iso(math.ceil(at * 1000) / 1000)
    return [_option("--at", said)] if said is not None else []


def _action(action: Action) -> list[str]:
    kind = action.kind
    if kind is ActionKind.CONTINUE:
        return ["recover", shlex.quote(action.plan), "--continue"]
    if kind is ActionKind.UNDO:
        return ["undo", shlex.quote(action.plan)]
    words = [kind.value]
    if action.model and kind not in (ActionKind.FREEZE, ActionKind.UNFREEZE):
        words.append(_option("--model", action.model))
    if action.percent is not None:
        words.append(f"--to {threshold(action.percent)}")
    if kind is ActionKind.FREEZE and action.expires_s:
        words.append(f"--for {action.expires_s:.0f}s")
    options = {"--via": action.via, "--to-version": action.version, "--release": action.release}
    words += [_option(option, value) for option, value in options.items() if value]
    words += [f"{_TUNED[name]} {value}" for name, value in action.values.items()]
    flags = {"--unload-first": action.unload_first, "--dependents": action.dependents}
    return words + [flag for flag, given in flags.items() if given]


def _option(name: str, value: str) -> str:
    """A value that looks like an option would be taken for one."""
    return f"{name}{'=' if value.startswith('-') else ' '}{shlex.quote(value)}"


def _in_settings(fleet: Fleet) -> bool:
    """Whether the fleet has more than targets on a command line can say; drills have names of their own kind."""
    plain = Fleet(name=fleet.name)
    more = any(
        getattr(fleet, name) != getattr(plain, name)
        for name in ("gateway", "kubernetes", "freeze", "repository", "probes", "tls", "unfolding")
    )
    return more or (fleet.name != Fleet().name and ":" not in fleet.name)


def _fleet(fleet: Fleet) -> list[str]:
    """Targets and headers as options; where targets are found, the settings say how."""
    if fleet.unfolding:
        return []
    targets = [shlex.quote(_target(target)) for target in fleet.targets]
    return targets + [f'--header "{_quoted(name)}: ${_variable(name)}"' for name in fleet.headers]


def _target(target: Target) -> str:
    parts = [target.url, f"metrics={target.metrics}"]
    if target.grpc:
        parts.append(f"grpc={target.grpc}")
    return ",".join(parts)


def _variable(name: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in name).upper()


def _quoted(name: str) -> str:
    return "".join(c for c in name if c not in '"$`\\!')
