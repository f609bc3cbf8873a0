"""Where a watch goes on after nobody watched: what changed in between is told with that."""

from collections.abc import Iterable, Iterator

from console.domain.instant import utc
from console.domain.marker import Marker
from console.domain.sample import Sample

# Polls that a source may miss and still count as watched.
_MISSED_POLLS = 3
_CLOCK = "%H:%M:%SZ"


class Seams:
    """The time (epoch seconds) of each source's newest reading, before and since the watch was interrupted."""

    def __init__(self) -> None:
        self._newest: dict[str, float] = {}
        self._before: dict[str, float] = {}

    def interrupt(self) -> None:
        """Nobody watches from here on, until the next reading of each source."""
        self._before = dict(self._newest)

    def told(self, sample: Sample, markers: Iterable[Marker]) -> Iterator[Marker]:
        """The markers of a sample; those of the first look after an interruption say between which times they were."""
        before = self._before.get(sample.source)
        if sample.reading is not None:
            self._before.pop(sample.source, None)
            self._newest[sample.source] = sample.at
        if before is None or sample.at - before <= _MISSED_POLLS * sample.every:
            yield from markers
            return
        said = f" (between {utc(before, _CLOCK)} and {utc(sample.at, _CLOCK)}, while nobody watched)"
        for marker in markers:
            # What has a time of its own needs no other.
            yield marker._replace(detail=marker.detail + said) if marker.at == sample.at else marker
