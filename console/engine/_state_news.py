"""What a version's change of state is called on the timeline."""

from typing import NamedTuple

from console.domain.fleet import ModelVersion
from console.domain.marker import MarkerKind
from console.domain.triton import State
from console.domain.versions import SCRAPED, UNLOADED, VersionState


class Told(NamedTuple):
    """A marker's kind and words."""

    kind: MarkerKind
    said: str


def came(key: ModelVersion, old: VersionState | None, new: VersionState) -> Told | None:
    """A version that is there now and had another state before, or none; None where that is no news."""
    name = f"{key.model} v{key.version}"
    if new.state is State.READY and (old is None or old.state is not State.READY):
        return Told(MarkerKind.LOAD, f"{name} READY")
    if new.reason == SCRAPED and old is None:
        return Told(MarkerKind.LOAD, f"{name} loaded: it is scraped now, says Prometheus")
    if new.state is State.READY and new.reason and old and old.reason != new.reason:
        return Told(MarkerKind.FAILURE, new.reason)
    if new.state is State.UNAVAILABLE and new.reason != UNLOADED:
        return Told(MarkerKind.FAILURE, new.reason)
    if old and old.state in {State.READY, State.UNLOADING} and new.state is State.UNAVAILABLE:
        return Told(MarkerKind.UNLOAD, f"{name} unloaded")
    return None


def went(key: ModelVersion, old: VersionState) -> Told | None:
    """A version that is not there any more."""
    if old.state is State.READY:
        return Told(MarkerKind.UNLOAD, "no longer listed")
    if old.reason == SCRAPED:
        said = f"{key.model} v{key.version} is scraped no more: unloaded, or its servers are gone"
        return Told(MarkerKind.UNLOAD, said)
    return None
