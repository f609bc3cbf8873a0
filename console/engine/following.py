"""Keeps what is polled, and whoever has to know, in step with the targets that are found."""

from collections.abc import Sequence
from typing import Protocol

from console.domain.fleet import Fleet, Target
from console.domain.prospect import DISCOVERY, TargetsReading
from console.domain.sample import Sample
from console.engine.poller import Poller
from console.ports import Clock, Source

# A server that stops answering may have been taken away: that is looked up at once, and not more often than this.
_LOOK_AGAIN_S = 5.0
_LOOKING = {DISCOVERY, "prometheus"}


class Crew(Protocol):
    """What each target that is found is asked by, and who else has to know which targets there are."""

    def of(self, target: Target) -> Sequence[Source]:
        """The sources of one target."""
        ...

    def tell(self, targets: Sequence[Target]) -> None:
        """There are these targets now, and no others."""
        ...


class Following:
    """The sources of each target that was found; a poll of one that is gone does not go on.

    ``looked`` once it is known which targets there are now, or that this cannot be found out.
    """

    def __init__(self, fleet: Fleet, poller: Poller, clock: Clock) -> None:
        self.looked = not fleet.unfolding
        self._given = frozenset(fleet.targets)
        self._now = fleet.targets
        self._poller = poller
        self.crew: Crew | None = None
        self._clock = clock
        self._sources: dict[Target, Sequence[Source]] = {}
        self._failing: set[str] = set()
        self._hastened = -_LOOK_AGAIN_S

    def take(self, sample: Sample, targets: tuple[Target, ...]) -> None:
        """Follow what a sample told of the targets there are; ``targets`` are those of now."""
        told = isinstance(sample.reading, TargetsReading)
        self.looked |= told or (sample.failure is not None and sample.source in _LOOKING)
        if self.crew is None:
            return
        # Only what is told now counts: what a recording knew may be gone, and another's address by now.
        if told:
            self._follow(self.crew, targets)
        elif sample.target is not None and self._sources:
            self._notice(sample, sample.target)

    def _follow(self, crew: Crew, targets: tuple[Target, ...]) -> None:
        if targets == self._now:
            return
        self._now = targets
        crew.tell(targets)
        found = set(targets) - self._given
        for target in self._sources.keys() - found:
            self._failing.discard(target.name)
            self._poller.remove(self._sources.pop(target))
        new = {target: crew.of(target) for target in targets if target in found - self._sources.keys()}
        self._sources |= new
        self._poller.add([source for sources in new.values() for source in sources])

    def _notice(self, sample: Sample, target: str) -> None:
        """Have it looked up whether a target that has just stopped answering is still there."""
        if not sample.source.startswith("triton:"):
            return
        if sample.failure is None:
            self._failing.discard(target)
            return
        now = self._clock.monotonic()
        if target not in self._failing and now - self._hastened >= _LOOK_AGAIN_S:
            self._hastened = now
            self._poller.hasten(DISCOVERY)
        self._failing.add(target)
