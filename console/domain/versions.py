"""Which versions a server has, and in which state, from everything it says."""

from collections.abc import Iterable
from typing import NamedTuple

from console.domain.fleet import ModelVersion
from console.domain.triton import State, TritonReading

UNLOADED = "unloaded"
UNREADABLE = "the repository index cannot be read"
# Whose counters are PROMETHEUS's, and how its versions stand.
PROMETHEUS = "prometheus"
SCRAPED = "counted by Prometheus; it does not tell the state"


class VersionState(NamedTuple):
    """State of one version on one target; ``omitted`` when it serves although the index does not list it."""

    state: State
    reason: str = ""
    omitted: bool = False


def version_states(reading: TritonReading) -> dict[ModelVersion, VersionState] | None:
    """The index merged with what statistics and metrics show to be served; None when nothing tells.

    The index lists directories on disk, so a serving model whose directory is gone is
    missing from it.
    """
    serving = [s.key for s in reading.statistics or ()]
    if reading.index is None:
        return _without_index(reading, serving)
    states = {
        ModelVersion(entry.model, entry.version): VersionState(entry.state, entry.reason)
        for entry in reading.index
    }
    for key in serving:
        if key not in states:
            states[key] = VersionState(State.READY, "", omitted=True)
            states.pop(ModelVersion(key.model, ""), None)
    return states


def _without_index(
    reading: TritonReading, serving: Iterable[ModelVersion]
) -> dict[ModelVersion, VersionState] | None:
    states = {key: VersionState(State.READY) for key in serving}
    if not states and reading.counters is not None:
        reason = SCRAPED if reading.counters.source == PROMETHEUS else UNREADABLE
        states = {key: VersionState(State.UNKNOWN, reason) for key in reading.counters.keys}
    return states or None


def is_trouble(state: State, reason: str) -> bool:
    """Whether a version is in a state that it should not be in: one that was unloaded is at rest."""
    if state is State.UNKNOWN:
        return reason not in {UNREADABLE, SCRAPED}
    return state is State.UNAVAILABLE and reason != UNLOADED
