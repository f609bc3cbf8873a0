"""The targets there are: those of the settings, and those that are found and lost while they are watched."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from console.domain.alert_condition import PAGE, Condition
from console.domain.failure import FailureKind
from console.domain.fleet import Fleet, Target
from console.domain.marker import Marker, MarkerKind
from console.domain.prospect import DISCOVERY, TargetsReading
from console.domain.sample import Sample
from console.domain.text import visible
from console.engine._target import TargetMemory

_LONGEST_NAME = 200
_NO_WAY = {FailureKind.UNREACHABLE, FailureKind.TIMEOUT}


class Roll:
    """The memory of each target by the name of its source; ``fleet`` has the targets of now.

    ``gone`` are the names that the newest look found no more, or at another address.
    """

    def __init__(self, fleet: Fleet, stale_after_s: float, window_s: float) -> None:
        self.fleet = fleet
        self._given = fleet.targets
        self._stale_after_s, self._window_s = stale_after_s, window_s
        self._by_source: dict[str, TargetMemory] = {}
        self._looked = not fleet.unfolding
        self._known = self._had = False
        self.gone: tuple[str, ...] = ()
        self._set(fleet.targets)

    @property
    def targets(self) -> list[TargetMemory]:
        """Every target's memory."""
        return self._listed

    @property
    def complete(self) -> bool:
        """Whether it is known which targets there are, and each has answered or failed at least once."""
        return self._looked and all(target.asked for target in self._listed)

    def find(self, source: str) -> TargetMemory | None:
        """The memory that a source's samples are for."""
        return self._by_source.get(source)

    def has(self, target: str) -> bool:
        """Whether there is such a target now."""
        return f"triton:{target}" in self._by_source

    def failed(self) -> None:
        """Something could not be read; if it was who there is, nothing is waited for."""
        self._looked = True

    def found(self, target: TargetMemory) -> bool:
        """Whether it is none of the settings' targets, but a server that was found."""
        return target.target not in self._given and not target.target.scraped

    def notes(self) -> Iterator[str]:
        """That nothing of what was found can be reached from here."""
        found = [target for target in self._listed if self.found(target)]
        if found and all(_unreached(target) for target in found):
            yield (
                f"{DISCOVERY}: none of the {len(found)} servers that were found can be reached from this machine: a pod's "
                "address often leads nowhere outside its cluster (watch from inside it, name targets behind kubectl "
                "port-forward, or watch through Prometheus)"
            )

    def conditions(self) -> Iterator[Condition]:
        """That there were servers, and none is found any more."""
        if self._had and not self._listed:
            said = "no server is found any more"
            yield Condition("none-found", PAGE, self.fleet.name, said, "the newest look found none")

    def take(self, sample: Sample, reading: TargetsReading) -> Iterator[Marker]:
        """The targets there are now; each that came or went makes a marker, but at the first look."""
        before = {memory.name: memory.target for memory in self._listed}
        given = {target.name for target in self._given}
        found = {
            target.name[:_LONGEST_NAME]: target for target in reading.targets if target.name not in given
        }
        self._set((*self._given, *(replace(target, name=name) for name, target in found.items())))
        self._looked = True
        self._had |= bool(self._listed)
        now = {memory.name: memory.target for memory in self._listed}
        self.gone = tuple(name for name in before if now.get(name) != before[name])
        first, self._known = not self._known, True
        if not first:
            yield from _changes(sample.at, before, now)

    def _set(self, targets: Iterable[Target]) -> None:
        """Have these targets; those that are the same keep what is remembered of them."""
        old = {memory.target: memory for memory in self._by_source.values()}
        made = (
            old.get(target) or TargetMemory(target, self._stale_after_s, self._window_s) for target in targets
        )
        self._by_source = {f"triton:{memory.name}": memory for memory in made}
        self._listed = list(self._by_source.values())
        self.fleet = replace(self.fleet, targets=tuple(memory.target for memory in self._listed))


def _unreached(target: TargetMemory) -> bool:
    return target.reading is None and target.failure is not None and target.failure.kind in _NO_WAY


def _changes(at: float, before: dict[str, Target], now: dict[str, Target]) -> Iterator[Marker]:
    for name in sorted(before.keys() - now.keys()):
        yield Marker(at, MarkerKind.DOWN, name, "gone: it is no longer found", target=name)
    for name in sorted(now.keys() - before.keys()):
        yield Marker(at, MarkerKind.UP, name, f"found{_where(now[name])}", target=name)
    for name in sorted(now.keys() & before.keys()):
        if now[name] != before[name]:
            yield Marker(at, MarkerKind.RESTART, name, f"replaced{_where(now[name])}", target=name)


def _where(target: Target) -> str:
    node = f" on {visible(target.node, 60)}" if target.node else ""
    return f" at {visible(target.url, 100)}{node}" if not target.scraped else ""
