"""What a plan for Triton is made from: each target's answers, and the repository's files where they can be read."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from console.controls.triton.server import Carrier, Server
from console.domain.config import read_config
from console.domain.failure import SourceError
from console.domain.fleet import Fleet, Target
from console.domain.plan import ControlError
from console.domain.release import Digests, Release
from console.domain.serving import Serving, in_order
from console.domain.situation import Situation
from console.domain.text import whole
from console.domain.triton import ControlMode
from console.ports import Clock
from console.transport.digests import version_folder
from console.transport.repository import ModelRepository

# Of the time that a plan may take, what digests may: engines have gigabytes.
DIGESTS_S = 8.0
_PARTS_MOST = 50
_NO_CARRIER = Carrier()


@dataclass(frozen=True, slots=True)
class Seen:
    """One target as it answered: ``models`` holds the model and what it calls; ``trouble`` says why it did not."""

    target: Target
    mode: ControlMode = ControlMode.UNKNOWN
    models: Mapping[str, Serving] = field(default_factory=dict)
    carrier: Carrier = _NO_CARRIER
    busy: str = ""
    trouble: str = ""


class Files(NamedTuple):
    """A model's files: version directories, config.pbtxt, digests by version; ``trouble`` says why some are unknown."""

    versions: tuple[str, ...] = ()
    pbtxt: str | None = None
    digests: Mapping[str, Digests] = {}
    trouble: str = ""


class Look(NamedTuple):
    """All that was seen; ``files`` is by model, empty without a readable repository."""

    seen: tuple[Seen, ...]
    files: Mapping[str, Files]


async def see(server: Server, model: str, others: Sequence[str], mode: ControlMode) -> Seen:
    """One target: the model, the others, and what they call; a target that does not answer is no error."""
    target = server.target
    try:
        models = await _with_parts(server, [model, *others])
        if mode is ControlMode.UNKNOWN:
            mode, note = await server.mode()
            if mode is ControlMode.UNKNOWN:
                return Seen(target, models=models, trouble=f"its control mode is unknown: {note}")
        carrier = await server.carrier(model) if mode is ControlMode.EXPLICIT else Carrier()
    except (SourceError, ControlError) as error:
        return Seen(target, trouble=str(error))
    return Seen(target, mode, models, carrier, server.busy)


async def _with_parts(server: Server, models: Sequence[str]) -> dict[str, Serving]:
    found: dict[str, Serving] = {}
    waiting = [*models]
    while waiting and len(found) < _PARTS_MOST:
        name = waiting.pop(0)
        if name not in found:
            found[name] = await server.serving(name)
            waiting += parts_of(found[name])
    return found


def parts_of(serving: Serving) -> tuple[str, ...]:
    """The models that an ensemble calls."""
    return read_config(serving.config).composing if serving.config else ()


def parts_first(models: Mapping[str, Serving], model: str) -> tuple[str, ...]:
    """The model and what it calls, each after its own parts."""
    order: list[str] = []

    def visit(name: str, above: frozenset[str]) -> None:
        if name in above or name in order or name not in models:
            return
        for part in parts_of(models[name]):
            visit(part, above | {name})
        order.append(name)

    visit(model, frozenset())
    return tuple(order)


def dependents(situation: Situation, model: str) -> tuple[str, ...]:
    """Ensembles that call the model, directly or through others, nearest first."""
    calls: dict[str, set[str]] = {}
    for name in dict.fromkeys(row.model for row in situation.snapshot.models):
        configs = situation.snapshot.history.config(name).values()
        calls[name] = {part for config in configs for part in config.composing}
    found: list[str] = []
    waiting = [model]
    while waiting:
        part = waiting.pop(0)
        new = [name for name, called_ in calls.items() if part in called_ and name not in {*found, model}]
        found += new
        waiting += new
    return tuple(found)


def called(release: Release | None, model: str) -> tuple[str, ...]:
    """What a model calls by its config in the release, directly or through others, the farthest first."""
    found: list[str] = []
    waiting = [model]
    while waiting and release is not None:
        known = release.model(waiting.pop(0))
        parts = read_config(json.loads(known.config)).composing if known and known.config else ()
        new = [part for part in parts if part not in {*found, model}]
        found += new
        waiting += new
    return tuple(reversed(found))


async def read_files(
    fleet: Fleet, models: Mapping[str, Sequence[str]], release: Release | None, clock: Clock
) -> dict[str, Files]:
    """Files of these models; digests of the versions named, where the release has some to compare with."""
    if not fleet.repository:
        return {}
    until = clock.monotonic() + DIGESTS_S
    folder = Path(fleet.repository)
    return {
        model: await asyncio.to_thread(
            _files, folder, model, _compared(release, model, versions), until, clock
        )
        for model, versions in models.items()
    }


def _compared(release: Release | None, model: str, versions: Sequence[str]) -> tuple[str, ...]:
    known = release.model(model) if release else None
    return tuple(version for version in versions if known and known.digests.get(version))


def _files(folder: Path, model: str, versions: Sequence[str], until: float, clock: Clock) -> Files:
    repository = ModelRepository(str(folder))
    place = version_folder(folder, model)
    if place is None:
        return Files(trouble="its name is no folder of the repository")
    try:
        found = in_order(entry.name for entry in place.iterdir() if whole(entry.name) and entry.is_dir())
    except OSError as error:
        return Files(trouble=f"{place} cannot be read: {error.strerror}")
    digests, trouble = {}, ""
    for version in versions:
        try:
            read = repository.digests(model, version, lambda _: _in_time(until, clock))
        except _LateError:
            trouble = f"its files take longer than {DIGESTS_S:.0f} s to read"
            break
        if read is not None:
            digests[version] = read
    return Files(found, repository.pbtxt(model), digests, trouble)


def _in_time(until: float, clock: Clock) -> None:
    if clock.monotonic() > until:
        raise _LateError


class _LateError(Exception):
    """The digests take longer than a plan may wait."""
