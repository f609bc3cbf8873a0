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
        versions = {model: self._versions(model) for model in named if self._versions(model)}
        total = sum(len(each) for each in versions.values())
        done = 0
        released = []
        for model, serving in versions.items():
            digests: dict[str, Digests] = {}
            for version in serving:
                report(done / max(total, 1), f"{model}/{version}")
                found = await asyncio.to_thread(self._repository.digests, model, version)
                digests.update({version: found} if found else {})
                done += 1
            pbtxt = await asyncio.to_thread(self._repository.pbtxt, model)
            config = self._config(model)
            released.append(
                ReleasedModel(
                    model,
                    serving,
                    config.text if config else "",
                    config.digest if config else "",
                    digests,
                    pbtxt,
                )
            )
        captured = [await _captured(control, tuple(versions)) for control in self._controls]
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


async def _captured(control: Control, models: tuple[str, ...]) -> Captured:
    """What a control knows; one that cannot be asked now leaves its part out of the release."""
    try:
        async with asyncio.timeout(CAPTURE_S):
            return await control.capture(models)
    except (ControlError, SourceError, TimeoutError, OSError):
        return Captured()
