"""Versions that came to a target and went, as what was scraped of it tells."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from console.domain.counters import Counters
from console.domain.families import F
from console.domain.fleet import ModelVersion
from console.domain.instant import utc
from console.domain.marker import Marker, MarkerKind

_CLOCK = "%H:%M:%SZ"


class Scrape(NamedTuple):
    """The counters of one scrape, and when it was made (epoch seconds)."""

    at: float
    counters: Counters


def changes(target: str, scrapes: Iterable[Scrape]) -> Iterator[Marker]:
    """Versions that came and went, each somewhere between two scrapes."""
    for before, after in pairwise(scrapes):
        when = f"(between {utc(before.at, _CLOCK)} and {utc(after.at, _CLOCK)}, says Prometheus)"
        at = (before.at + after.at) / 2
        had, has = _served(before.counters), _served(after.counters)
        for kind, keys, said in (
            (MarkerKind.LOAD, has - had, "loaded"),
            (MarkerKind.UNLOAD, had - has, "unloaded"),
        ):
            for key in sorted(keys):
                yield _of(key, at, kind, f"{key.model} v{key.version} {said} {when}", target)


def _of(key: ModelVersion, at: float, kind: MarkerKind, said: str, target: str) -> Marker:
    return Marker(at, kind, key.label, said, key.model, key.version, target)


def _served(counters: Counters) -> set[ModelVersion]:
    """The failure counters of a model outlive it: alone they are no sign of service."""
    there = np.isfinite(counters.values[F.SUCCESS])
    return {key for key, is_there in zip(counters.keys, there, strict=True) if is_there}
