"""What is known of each target's host, and of the way to it."""

from collections import deque
from typing import NamedTuple

import numpy as np

from console.domain.around import LinkReading, LinkRow
from console.domain.history import Tier, Track
from console.domain.sample import Sample
from console.domain.snapshot import Points
from console.domain.triton import TritonReading
from console.engine._series import column_points

_HOST = ("cpu_utilization", "poll_ms")
_STALE_POLLS = 3
# Half an hour of the way to one target, which is measured every ten seconds.
_LINKS_KEPT = 180
# Of so many targets that are gone the history is kept; then all of it begins anew.
_GONE_KEPT = 2000


class _Gauges(NamedTuple):
    """CPU and poll time of one target as of its newest good poll (monotonic seconds), and until when they hold."""

    values: tuple[float, float]
    until: float


class _Way(NamedTuple):
    """One measurement of the way to a target (monotonic seconds), and how often one is made."""

    link: LinkReading
    mono: float
    every: float


class HostMemory:
    """CPU and poll time of each target, and DNS, connect and TLS time to it."""

    def __init__(self) -> None:
        self._newest: dict[str, _Gauges] = {}
        self._ways: dict[str, deque[_Way]] = {}
        self._begin()

    def _begin(self) -> None:
        self._rows = {target: number for number, target in enumerate(self._newest)}
        self._track = Track(_HOST, Tier(0, 300), (Tier(10, 180),), extremes=False)

    def forget(self, target: str) -> None:
        """A target is gone: there is no way to it any more; its history stays a while."""
        self._newest.pop(target, None)
        self._ways.pop(target, None)
        if len(self._rows) > len(self._newest) + _GONE_KEPT:
            self._begin()

    def take(self, sample: Sample, reading: TritonReading) -> None:
        """Remember a target's own gauges, and how long it took to ask for them."""
        if sample.target is None:
            return
        self._rows.setdefault(sample.target, len(self._rows))
        cpu = reading.host.cpu_utilization
        values = (np.nan if cpu is None else cpu, sample.took_s * 1000)
        self._newest[sample.target] = _Gauges(values, sample.mono + _STALE_POLLS * sample.every)

    def take_link(self, sample: Sample, reading: LinkReading) -> None:
        """Remember one measurement of the way to a target."""
        ways = self._ways.setdefault(reading.target, deque(maxlen=_LINKS_KEPT))
        ways.append(_Way(reading, sample.mono, sample.every))

    def tick(self, mono: float) -> None:
        """Keep one slot of every target's gauges, unknown where they are stale."""
        block = np.full((len(_HOST), len(self._rows)), np.nan, dtype=np.float32)
        for target, gauges in self._newest.items():
            if mono <= gauges.until:
                block[:, self._rows[target]] = gauges.values
        self._track.append(mono, block)

    def links(self, mono: float) -> tuple[LinkRow, ...]:
        """The newest way to each target, by target name."""
        newest = (ways[-1] for _, ways in sorted(self._ways.items()))
        return tuple(_row(way, max(0.0, mono - way.mono)) for way in newest)

    def series(self, target: str, column: str, since: float, offset: float) -> Points:
        """One column of one target after a monotonic time; ``offset`` turns times into epoch seconds."""
        if column in _HOST:
            return column_points(self._track, self._rows.get(target), column, since, offset)
        ways = [way for way in self._ways.get(target, ()) if way.mono > since]
        return Points([way.mono + offset for way in ways], [getattr(way.link, column) for way in ways])


def _row(way: _Way, age_s: float) -> LinkRow:
    return LinkRow(way.link, age_s, stale=age_s > _STALE_POLLS * way.every)
