"""Makes a known-good release of what serves now."""

import asyncio
from collections.abc import Callable, Sequence

from console.domain.config import ModelConfig
from console.domain.failure import SourceError
from console.domain.plan import ControlError
from console.domain.release import Digests, Release, ReleasedModel
from console.domain.situation import Captured
from console.domain.snapshot import Snapshot
from console.domain.triton import State
from console.ports import Control, Repository

CAPTURE_S = 15.0

Report = Callable[[float, str], None]


class Marking:
    """One marking: reads digests in a thread, images and routes from the controls."""

    def __init__(self, snapshot: Snapshot, repository: Repository, controls: Sequence[Control]) -> None:
        self._snapshot = snapshot
        self._repository = repository
        self._controls = controls

    async def release(
        self, number: str, models: Sequence[str], who: str, note: str, report: Report
    ) -> Release:
        """The release of these models, their ensembles' parts included; empty is all that serve."""
        named = self._with_parts(tuple(models)) if models else self._serving()
        serving = {model: versions for model in named if (versions := self._versions(model))}
        progress = _Progress(report)
        digests = await asyncio.to_thread(self._digests, serving, progress)
        released = [
            await self._released(model, versions, digests[model]) for model, versions in serving.items()
        ]
        captured = [await _captured(control, tuple(serving)) for control in self._controls]
        report(1.0, "")
        return Release(
            id=number,
            at=self._snapshot.at,
            who=who,
            note=note,
            models=tuple(released),
            images={key: value for each in captured for key, value in each.images.items()},
            routes={key: value for each in captured for key, value in each.routes.items()},
        )

    def _digests(
        self, serving: dict[str, tuple[str, ...]], progress: "_Progress"
    ) -> dict[str, dict[str, Digests]]:
        """Digests by model and version; blocks."""
        pairs = [(model, version) for model, versions in serving.items() for version in versions]
        progress.total = sum(self._repository.size(*pair) for pair in pairs)
        found: dict[str, dict[str, Digests]] = {model: {} for model in serving}
        for model, version in pairs:
            progress.what = f"{model}/{version}"
            digests = self._repository.digests(model, version, progress.add)
            if digests is not None:
                found[model][version] = digests
        return found

    async def _released(
        self, model: str, versions: tuple[str, ...], digests: dict[str, Digests]
    ) -> ReleasedModel:
        pbtxt = await asyncio.to_thread(self._repository.pbtxt, model)
        config = self._config(model)
        text, digest = (config.text, config.digest) if config else ("", "")
        return ReleasedModel(model, versions, text, digest, digests, pbtxt)

    def _serving(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.model for row in self._snapshot.models if row.state is State.READY))

    def _with_parts(self, models: tuple[str, ...]) -> tuple[str, ...]:
        """The models, each ensemble followed by the models it calls."""
        found: dict[str, None] = {}
        waiting = list(models)
        while waiting:
            model = waiting.pop(0)
            if model not in found:
                found[model] = None
                config = self._config(model)
                waiting += config.composing if config else ()
        return tuple(found)

    def _versions(self, model: str) -> tuple[str, ...]:
        rows = self._snapshot.models
        return tuple(row.version for row in rows if row.model == model and row.state is State.READY)

    def _config(self, model: str) -> ModelConfig | None:
        return next(iter(self._snapshot.history.config(model).values()), None)


class _Progress:
    """Counts bytes in the reading thread and tells the share done on the loop, whole percents only."""

    def __init__(self, report: Report) -> None:
        self.total = 0
        self.what = ""
        self._report = report
        self._loop = asyncio.get_running_loop()
        self._read = 0
        self._told = -1

    def add(self, size: int) -> None:
        """So many bytes more were read."""
        self._read += size
        percent = min(100 * self._read // max(self.total, 1), 99)
        if percent != self._told:
            self._told = percent
            self._loop.call_soon_threadsafe(self._report, percent / 100, self.what)


async def _captured(control: Control, models: tuple[str, ...]) -> Captured:
    """What a control knows; one that cannot be asked now leaves its part out of the release."""
    try:
        async with asyncio.timeout(CAPTURE_S):
            return await control.capture(models)
    except (ControlError, SourceError, TimeoutError, OSError):
        return Captured()
