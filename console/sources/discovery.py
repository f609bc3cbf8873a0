"""Which servers a fleet has: pods by their labels, what its Prometheus scrapes, or both."""

import asyncio
from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple, Protocol

from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.fleet import Fleet, Target
from console.domain.found import Found, Names, joined
from console.domain.kubernetes_refusal import Why
from console.domain.prospect import DISCOVERY, TargetsReading
from console.ports import Source
from console.transport.kit import Kit
from console.transport.kubectl import KubectlError
from console.transport.pods import Pods
from console.transport.scrapes import Scrapes

# kubectl gives up by itself before this.
_TIMEOUT_S = 12.0
_CLUSTER = "kubernetes"
_FAILURES = {
    Why.FORBIDDEN: FailureKind.FORBIDDEN,
    Why.LOGIN: FailureKind.FORBIDDEN,
    Why.UNREACHABLE: FailureKind.UNREACHABLE,
    Why.TIMEOUT: FailureKind.TIMEOUT,
}

_PodKey = tuple[str, str]


def sources(fleet: Fleet, kit: Kit) -> list[Source]:
    """One source where the settings say how servers are found."""
    return [DiscoverySource(fleet, kit)] if fleet.discovery else []


class _Looking(Protocol):
    """Somewhere to look: the cluster, or Prometheus."""

    async def look(self) -> Found:
        """What is there now."""
        ...


class _Look(NamedTuple):
    """What one place said last: ``found`` is None before it ever answered, ``failure`` why it does not now."""

    found: Found | None
    failure: Failure | None = None


class DiscoverySource:
    """Looks at every place at the same time; a place that does not answer keeps what it said last."""

    def __init__(self, fleet: Fleet, kit: Kit) -> None:
        self.name = DISCOVERY
        self.target: str | None = None
        self.every = fleet.discovery.every
        self.timeout = _TIMEOUT_S
        self._given = frozenset(target.url for target in fleet.targets)
        self._pods: frozenset[_PodKey] = frozenset()
        self._names = Names(target.name for target in fleet.targets)
        self._places: dict[str, _Looking] = {}
        if fleet.discovery.kubernetes:
            self._places[_CLUSTER] = Pods(fleet, kit.clock)
        if fleet.discovery.prometheus:
            self._places["prometheus"] = _Lasting(Scrapes(fleet, kit))
        self._last = {place: _Look(None) for place in self._places}

    async def poll(self) -> TargetsReading:
        """The servers there are now; SourceError where no place ever said, or none says now."""
        looks = await asyncio.gather(*(self._look(place) for place in self._places))
        failures = [look.failure for look in looks if look.failure is not None]
        if len(failures) == len(looks):
            raise SourceError(failures[0])
        told = joined(look.found.targets for look in looks if look.found is not None)
        gone = self._gone(told)
        targets = [each for each in told if each.url not in self._given and _pod(each) not in gone]
        notes = (_notes(place, look) for place, look in zip(self._places, looks, strict=True))
        return TargetsReading(self._names.named(targets), tuple(chain.from_iterable(notes)))

    def _gone(self, told: Sequence[Target]) -> frozenset[_PodKey]:
        """Pods that the cluster had and has no more: whoever else still tells of them is late."""
        cluster = self._last.get(_CLUSTER)
        if cluster is None or cluster.found is None:
            return frozenset()
        now = frozenset(map(_pod, cluster.found.targets))
        gone = self._pods - now
        self._pods = now | gone.intersection(map(_pod, told))
        return gone

    async def close(self) -> None:
        """Nothing to release: kubectl ends with each call, the session is the fleet's."""

    async def _look(self, place: str) -> _Look:
        try:
            found = _Look(await self._places[place].look())
        except KubectlError as error:
            kind = _FAILURES.get(error.why, FailureKind.STATUS)
            found = self._failed(place, Failure(kind, DISCOVERY, f"{DISCOVERY}.{place}: {error}", error.hint))
        except SourceError as error:
            failure = error.failure
            said = failure.message.removeprefix(f"{place}: ")
            found = self._failed(place, failure._replace(message=f"{DISCOVERY}.{place}: {said}"))
        except TimeoutError:
            said = f"{DISCOVERY}.{place}: no answer in time"
            failure = Failure(FailureKind.TIMEOUT, DISCOVERY, said, "it may be stopped or overloaded")
            found = self._failed(place, failure)
        self._last[place] = found
        return found

    def _failed(self, place: str, failure: Failure) -> _Look:
        return _Look(self._last[place].found, failure)


def _pod(target: Target) -> _PodKey:
    """Which pod it is, so far as anybody tells."""
    return target.namespace, target.pod


def _notes(place: str, look: _Look) -> list[str]:
    """What it says aside; of one that does not answer, why, and that its servers are as they were."""
    if look.failure is None:
        return [f"{DISCOVERY}.{place}: {note}" for note in look.found.notes] if look.found else []
    kept = "; what it found before stays" if look.found else ""
    hint = f" ({look.failure.hint})" if look.failure.hint else ""
    return [f"{look.failure.message}{kept}{hint}"]


class _Lasting:
    """A look whose servers are gone when they were missed twice: a Prometheus that restarts knows none for a moment."""

    def __init__(self, looking: _Looking) -> None:
        self._looking = looking
        self._before: Sequence[Target] = ()

    async def look(self) -> Found:
        """What is there now, and what was there at the look before."""
        found = await self._looking.look()
        urls = {target.url for target in found.targets}
        missing = tuple(target for target in self._before if target.url not in urls)
        self._before = found.targets
        if not missing:
            return found
        note = f"{len(missing)} that were scraped before are not now, and are kept until the next look"
        return found._replace(targets=(*found.targets, *missing), notes=(*found.notes, note))
