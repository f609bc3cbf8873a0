"""The best default of each action, and what else may be chosen, from what the console knows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from console.domain.action import Action, ActionKind
from console.domain.config import ModelConfig
from console.domain.lock import Lock
from console.domain.release import Release
from console.domain.snapshot import Snapshot
from console.domain.text import visible, whole
from console.domain.triton import State
from screens.choice import Choice, Number, Option, numbers, only

_SHARES = (0, 1, 5, 10, 25, 50, 75, 90, 100)
_DEFAULT_SHARE = 50
_MINUTES = (30, 60, 120, 240, 480, 1440)
_LONGEST_FREEZE = 7 * 1440
_INSTANCES = (1, 2, 3, 4, 6, 8, 12, 16)
_DELAYS = (0, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000, 100_000)
_QUEUES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
_DEFAULT_QUEUE = 32
_HIGHEST_VERSION = 10**18 - 1


def reduce(model: str) -> Choice:
    """Half of its traffic, or any other share."""
    return recommended(Action(ActionKind.REDUCE, model=model, percent=_DEFAULT_SHARE))


def freeze(expires_s: float, lock: Lock | None, now: float) -> Choice:
    """A freeze that ends by itself after this time, or another one; while there is a lock, lifting it."""
    if lock is not None and not lock.expired(now):
        return only(Action(ActionKind.UNFREEZE))

    def lasting(minutes: int) -> Option:
        text = f"{minutes} minutes" if minutes % 60 else f"{minutes // 60} h"
        return Option(text, Action(ActionKind.FREEZE, expires_s=minutes * 60.0))

    start = min(max(round(expires_s / 60), 1), _LONGEST_FREEZE)
    minutes = sorted({*_MINUTES, start})
    options = [lasting(each) for each in minutes]
    # What a freeze that has run out has paused is paused still.
    lift = [Option("lift the one that has run out", Action(ActionKind.UNFREEZE))] if lock is not None else []
    return Choice("for at most", (*lift, *options), 0 if lift else minutes.index(start))


def rollback(model: str, version: str, snapshot: Snapshot, releases: Sequence[Release]) -> Choice:
    """The newest known-good release that holds the model, else the version before; and every other one."""
    wish = Action(ActionKind.ROLLBACK, model=model)
    good = [
        Option(_named(release, model), replace(wish, release=release.id))
        for release in reversed(releases)
        if release.model(model) is not None
    ]
    versions = _versions(model, snapshot, releases)
    serving = _serving(model, version, snapshot)
    older = [each for each in versions if _before(each, serving)]
    ordered = [*older, *(each for each in versions if each not in older and each != serving)]
    options = good + [Option(f"version {visible(v, 20)}", replace(wish, version=v)) for v in ordered]
    options = options or [Option("the version before", wish)]
    # What helps against a dead stub; it is asked for, never the default.
    first = options[0]
    gap = Option(f"{first.text}, unloaded first: with a gap", replace(first.action, unload_first=True))

    def typed(value: int) -> Option:
        return Option(f"version {value}", replace(wish, version=str(value)))

    # Triton's index names no version that was never loaded: its number may be typed.
    return Choice("to", (*options, gap), number=Number(1, _HIGHEST_VERSION, typed))


def instances(model: str, config: ModelConfig | None) -> Choice:
    """One instance more than there are."""
    now = config.instances if config else 0
    return _tuned(model, _Knob("instances", "instances", _INSTANCES, 1, 256), now, now + 1)


def queue_delay(model: str, config: ModelConfig | None) -> Choice:
    """Half of the delay that there is, in µs."""
    now = config.queue_delay_us if config else 0
    knob = _Knob("queue delay", "queue_delay_us", _DELAYS, 0, 10_000_000, " µs")
    return _tuned(model, knob, now, now // 2)


def queue_size(model: str, config: ModelConfig | None) -> Choice:
    """Half of the queue that there is, or a bound where there is none."""
    now = config.queue_limit if config else 0
    start = now // 2 if now else _DEFAULT_QUEUE
    return _tuned(model, _Knob("queue size", "queue_size", _QUEUES, 1, 1_000_000), now, start)


def unload(model: str) -> Choice:
    """The model alone, or with what was loaded through it."""
    wish = Action(ActionKind.UNLOAD, model=model)
    along = Option("what was loaded through it", replace(wish, dependents=True))
    return Choice("takes along", (Option("nothing", wish), along))


def recommended(action: Action) -> Choice:
    """What a triage recommends; a share may still be changed."""
    if action.kind is not ActionKind.REDUCE or action.percent is None:
        return only(action)
    start = min(max(round(action.percent), 0), 100)

    def share(value: int) -> Option:
        return Option(f"{value} % of its traffic", replace(action, percent=float(value)))

    return numbers("keeps", _SHARES, start, Number(0, 100, share))


def of_model(kind: ActionKind, model: str) -> Choice:
    """An action that needs nothing but its model."""
    return only(Action(kind, model=model))


def following(kind: ActionKind, plan: str) -> Choice:
    """An action that follows a plan."""
    return only(Action(kind, plan=plan))


class _Knob(NamedTuple):
    """One number of a model's config: its label, its name in the action, and what it may be."""

    label: str
    name: str
    values: tuple[int, ...]
    least: int
    most: int
    unit: str = ""


def _tuned(model: str, knob: _Knob, now: int, start: int) -> Choice:
    def tuned(value: int) -> Option:
        is_now = "  (as it is now)" if value == now else ""
        action = Action(ActionKind.TUNE, model=model, values={knob.name: value})
        return Option(f"{value:,}{knob.unit}{is_now}", action)

    known = tuple(sorted({*knob.values, now})) if now >= knob.least else knob.values
    begin = min(max(start, knob.least), knob.most)
    return numbers(knob.label, known, begin, Number(knob.least, knob.most, tuned))


def _named(release: Release, model: str) -> str:
    held = release.model(model)
    versions = ", ".join(visible(v, 12) for v in held.versions) if held else ""
    at = datetime.fromtimestamp(release.at, UTC).strftime("%m-%d %H:%MZ")
    return f"known-good of {at} by {visible(release.who, 20)}: version {versions}"


def _versions(model: str, snapshot: Snapshot, releases: Sequence[Release]) -> list[str]:
    """Every version that is known by name, the highest first."""
    found = {row.key.version for row in snapshot.models if row.key.model == model}
    for release in releases:
        held = release.model(model)
        found.update(held.versions if held else ())
    found.discard("")
    return sorted(found, key=lambda v: (whole(v) or 0, v), reverse=True)


def _serving(model: str, version: str, snapshot: Snapshot) -> str:
    """The highest version that serves, else the one that is looked at."""
    ready = [r.key.version for r in snapshot.models if r.key.model == model and r.state is State.READY]
    return max(ready, key=lambda v: (whole(v) or 0, v), default=version)


def _before(version: str, serving: str) -> bool:
    one, other = whole(version), whole(serving)
    return one is not None and other is not None and one < other
