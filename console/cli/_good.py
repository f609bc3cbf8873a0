"""Captures a known-good release, with a bar on the terminal while digests are computed."""

import sys
from collections.abc import Sequence

from console.cli._act_run import LOOK_S, opened
from console.cli._errors import CliError
from console.domain.fleet import Fleet
from console.domain.release import Release
from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.domain.triton import State
from console.view.styled import clip

_BAR = 30
_WIDEST = 78


async def marked(fleet: Fleet, models: Sequence[str], note: str, unreachable: str) -> Release:
    """The release of what serves now; raises CliError where nothing does."""
    async with opened(fleet, LOOK_S) as engine:
        if engine.snapshot is not None:
            _check(engine.snapshot, models, unreachable)
        bar = _Bar()
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


class _Bar:
    """Called with the share that is done (0-1) and what is read now; draws only on a terminal."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()

    def __call__(self, share: float, what: str) -> None:
        if self._live:
            full = round(min(max(share, 0.0), 1.0) * _BAR)
            line = f"{'█' * full}{'░' * (_BAR - full)} {share * 100:3.0f} %  {visible(what, 60)}"
            sys.stderr.write(f"\r\x1b[K{clip(line, _WIDEST)}")
            sys.stderr.flush()

    def done(self) -> None:
        """Take the bar away."""
        if self._live:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
