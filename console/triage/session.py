"""Triage of one fleet: asks what a runbook needs to know, runs its checks, walks it."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import numpy as np

from console.domain.snapshot import Snapshot
from console.domain.text import visible
from console.domain.triage import Asked, CheckUse, Finding, Library, Overrule, Runbook, Walk
from console.ports import Clock, Queries
from console.triage._asking import Asking
from console.triage._promql import filled
from console.triage.checks import prepare, run
from console.triage.scene import Scene
from console.triage.story import story
from console.triage.walker import DEFAULT, first_uses, for_alert, pick, uses, walk


class Triage:
    """Walks runbooks on snapshots. Runbooks are read once, PromQL is asked anew every some seconds."""

    def __init__(self, load: Callable[[], Library], queries: Queries | None, clock: Clock) -> None:
        self._load = load
        self._library: Library | None = None
        self._queries = queries
        self._asking = Asking(queries, clock)

    @property
    def library(self) -> Library:
        """The runbooks; read on first use."""
        if self._library is None:
            self._library = self._load()
        return self._library

    def runbook_for(self, alert: str) -> str:
        """The id of the runbook that an alert of that id opens, empty where none names it."""
        found = for_alert(self.library, alert)
        return found.id if found else ""

    async def look(
        self,
        snapshot: Snapshot,
        model: str,
        runbook: str = "",
        overrules: Mapping[str, Overrule] | None = None,
    ) -> Walk:
        """A runbook walked on the picture; without ``runbook`` the one that fits best is taken.

        Gives way to other tasks between checks. Raises LookupError when there is no such runbook.
        """
        if self._library is None:
            self._library = await asyncio.to_thread(self._prepared)
        looking = _Looking(self._asking, snapshot, model)
        book = self._named(runbook) if runbook else await self._picked(looking)
        await looking.take(uses(book))
        walked = walk(
            book,
            looking.found.__getitem__,
            model,
            snapshot.at,
            overrules=overrules,
            configs=snapshot.history.config,
        )
        onset, said, odd = _told(looking.scene)
        return replace(walked, onset=onset, story=said, problems=(*self._problems(looking), *odd))

    async def close(self) -> None:
        """Release the connections to Prometheus."""
        if self._queries is not None:
            await self._queries.close()

    def _prepared(self) -> Library:
        """All that the first look would wait for, so that a thread can do it."""
        prepare()
        return self._load()

    def _named(self, runbook: str) -> Runbook:
        try:
            return self.library.runbooks[runbook]
        except KeyError:
            raise LookupError(f"there is no runbook {runbook}") from None

    async def _picked(self, looking: "_Looking") -> Runbook:
        """The runbook whose first step says yes; those checks alone are run for it."""
        await looking.take(first_uses(self.library))
        return pick(self.library, looking.found.__getitem__) or self._named(DEFAULT)

    def _problems(self, looking: "_Looking") -> tuple[str, ...]:
        said = [f"Prometheus: {each.problem}" for each in looking.asked.values() if each.problem]
        return (*self.library.problems, *dict.fromkeys(said))


class _Looking:
    """What one look has asked and found so far."""

    def __init__(self, asking: Asking, snapshot: Snapshot, model: str) -> None:
        self.asked: dict[str, Asked] = {}
        self.found: dict[CheckUse, Finding] = {}
        self.scene = Scene(snapshot, model, self.asked)
        self._asking = asking
        self._model = model

    async def take(self, checks: Iterable[CheckUse]) -> None:
        """Run each check that was not run yet, the loop free for others between two of them."""
        left = [use for use in dict.fromkeys(checks) if use not in self.found]
        queries = [filled(use, self._model) for use in left if use.promql]
        self.asked.update(await self._asking.ask(queries))
        self.scene.asked = self.asked
        for use in left:
            self.found[use] = run(use, self.scene)
            await asyncio.sleep(0)


def _told(scene: Scene) -> tuple[float | None, str, tuple[str, ...]]:
    """When it began and the story of it; on odd data neither, and why."""
    try:
        with np.errstate(all="ignore"):
            return scene.onset, story(scene), ()
    except Exception as error:  # noqa: BLE001 - odd data must not end the walk
        said = visible(f"{type(error).__name__}: {error}")
        return (
            None,
            "",
            (f"when it began cannot be told ({said}): a defect of the console, please report it",),
        )
