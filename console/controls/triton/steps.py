"""Steps of the Triton control: a load or an unload of one model on one target, with what undoes it."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from console.controls.triton.calls import typed
from console.controls.triton.look import Files, Seen
from console.domain.fleet import Fleet
from console.domain.model_change import config_digest, serving_now, with_versions
from console.domain.plan import Step
from console.domain.serving import Config, Serving
from console.domain.states import Json
from console.domain.text import visible

NAME = "triton"
LOAD_S = 600.0
UNLOAD_S = 60.0
_NONE: dict[str, Json] = {"ready": []}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a step happens, and what is known of it; ``load_s`` is how long a load took, None if unknown.

    A load looks at the repository anew, and a policy such as ``latest`` serves what was put there since. ``pin`` names
    the versions that serve instead, where the repository cannot be read.
    """

    fleet: Fleet
    seen: Seen
    files: Mapping[str, Files]
    load_s: float | None = None
    pin: bool = False

    def load(self, model: str, config: Config | None, fields: Collection[str] | None, said: "Said") -> Step:
        """A load, of the file's config where none is given; ``fields`` are those that may differ, None is any."""
        change: dict[str, Json] = {
            "op": "load",
            "target": self.seen.target.name,
            "url": self.seen.target.url,
            "model": model,
            "grpc": self.seen.carrier.grpc,
            "config": json.dumps(config) if config is not None else None,
            "fields": sorted(fields) if fields is not None else None,
        }
        seconds = max(LOAD_S, 5 * (self.load_s or 0.0))
        return self._step(change, said, seconds)

    def unload(self, model: str, said: "Said", *, dependents: bool = False, wait: bool = True) -> Step:
        """An unload; ``wait`` until its last request is answered."""
        change: dict[str, Json] = {
            "op": "unload",
            "target": self.seen.target.name,
            "url": self.seen.target.url,
            "model": model,
            "grpc": self.seen.carrier.grpc,
            "dependents": dependents,
            "wait": wait,
        }
        return self._step(change, said, UNLOAD_S)

    def _step(self, change: dict[str, Json], said: "Said", seconds: float) -> Step:
        model, target = str(change["model"]), self.seen.target
        return Step(
            control=NAME,
            subject=f"{target.name}/{model}",
            title=f"{visible(said.title, 160)} on {target.name}",
            call=typed(self.fleet, target, change),
            before=said.before,
            after=said.after,
            effect=said.effect,
            change=change,
            timeout_s=seconds,
        )

    def back(self, serving: Serving) -> Config:
        """The config that yields what is served now, of the versions that are known."""
        files = self.files.get(serving.model, Files()).versions
        if self.pin and serving.ready and not files:
            return with_versions(serving.config or {}, serving.ready)
        return serving_now(serving.config or {}, serving.ready, (*serving.known, *files))


@dataclass(frozen=True, slots=True)
class Said:
    """What a step expects, what it makes true, and how that is told."""

    title: str
    effect: str
    before: Json
    after: Json


def present(serving: Serving) -> dict[str, Json]:
    """The state that a step starts from: ready versions and their config."""
    return {"ready": list(serving.ready), "config": config_digest(serving.config or {})}


def inverted(step: Step, inverse: Step) -> Step:
    """The step with the one that undoes it."""
    return replace(step, inverse=inverse)


def over(place: Place, serving: Serving, config: Config, fields: Collection[str] | None, said: Said) -> Step:
    """A load over what is loaded, undone by a load of what was served."""
    step = place.load(serving.model, config, fields, said)
    versions = numbered(serving.ready)
    back = Said(
        f"load {serving.model} as it was, {versions}", f"{versions} serves again", said.after, said.before
    )
    return inverted(step, place.load(serving.model, place.back(serving), fields, back))


def gone(place: Place, serving: Serving, *, dependents: bool = False, wait: bool = True) -> Step:
    """An unload of what is loaded, undone by a load of what was served."""
    model, versions = serving.model, numbered(serving.ready)
    effect = f"{versions} answers what it has begun, and every new request for {model} fails"
    step = place.unload(
        model, Said(f"unload {model}", effect, present(serving), _NONE), dependents=dependents, wait=wait
    )
    back = Said(f"load {model} as it was, {versions}", f"{versions} serves again", _NONE, present(serving))
    # With what was loaded through it gone too, only a load without a config brings that back.
    config = None if dependents else place.back(serving)
    return inverted(step, place.load(model, config, None, back))


def come(place: Place, model: str, config: Config | None, after: Json, effect: str) -> Step:
    """A load of what is not loaded, undone by an unload."""
    step = place.load(model, config, None, Said(f"load {model}", effect, _NONE, after))
    back = Said(f"unload {model}", f"{model} is unloaded again", after, _NONE)
    return inverted(step, place.unload(model, back, dependents=config is None))


def numbered(versions: Sequence[str]) -> str:
    """``version 3`` or ``versions 1, 2``."""
    if not versions:
        return "no version"
    return f"version{'s' if len(versions) > 1 else ''} {', '.join(versions)}"
