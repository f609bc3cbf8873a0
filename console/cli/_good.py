"""Captures a known-good release, with a bar on the terminal while digests are computed."""

from collections.abc import Sequence

from console.cli._act_run import LOOK_S, opened
from console.cli._bar import Bar
from console.cli._errors import CliError
from console.domain.fleet import Fleet
from console.domain.release import Release
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.domain.triton import State


async def marked(fleet: Fleet, models: Sequence[str], note: str, unreachable: str) -> Release:
    """The release of what serves now; raises CliError where nothing does."""
    async with opened(fleet, LOOK_S) as engine:
        if engine.snapshot is not None:
            _check(engine.snapshot, models, unreachable)
        bar = Bar()
        try:
            return await engine.door.mark_good(models, note, bar)
        except OSError as error:
            said = f"the release could not be kept: {error.strerror or error}"
            raise CliError(said, "look at the state folder", id="release", code=1) from error
        finally:
            bar.done()


def _check(snapshot: Snapshot, models: Sequence[str], unreachable: str) -> None:
    if not snapshot.up:
        raise CliError(
            "no target answers, so nothing is known to be good", unreachable, id="unreachable", code=1
        )
    if snapshot.fleet.through_prometheus:
        said = f"{snapshot.fleet.name} is seen through Prometheus, which tells too little of what serves to come back to"
        hint = "name its servers: triton-console good http://SERVER:8000"
        raise CliError(said, hint, id="seen_through_prometheus", code=1)
    serving = {row.model for row in snapshot.models if row.state is State.READY}
    missing = [model for model in models if model not in serving]
    if missing or not serving:
        said = (
            f"{', '.join(visible(model, 60) for model in missing)} does not serve"
            if missing
            else "no model serves"
        )
        known = ", ".join(visible(model, 60) for model in sorted(serving)[:6])
        raise CliError(
            said, f"serving are {known}" if known else "load one first", id="unknown_model", code=1
        )
