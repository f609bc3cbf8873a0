"""Deployments that run the servers: what was rolled out, when."""

from collections.abc import Iterable, Iterator, Mapping

from console.domain.around import WorkloadReading
from console.domain.kubernetes_rollout import image_change
from console.domain.marker import Marker, MarkerKind
from console.domain.sample import Sample
from console.domain.text import visible

# What was rolled out so long before the console looked is news still; older than that it is how things are.
_NEWS_S = 6 * 3600.0
# Clocks of a cluster and of this machine differ by about so much at most.
_SKEW_S = 60.0


class WorkloadMemory:
    """The newest look at each workload; a new revision or image makes a marker."""

    def __init__(self) -> None:
        self._rows: dict[str, WorkloadReading] = {}

    def take(self, sample: Sample, reading: WorkloadReading) -> Iterable[Marker]:
        """Remember one look; the first one tells of a rollout that is not long past."""
        last = self._rows.get(reading.name)
        self._rows[reading.name] = reading._replace(at=sample.at)
        if last is None:
            return self._first(sample.at, reading)
        known = last.revision or last.images
        if not known or (last.revision, last.images) == (reading.revision, reading.images):
            return ()
        at = _moment(last.at, sample.at, reading.changed_at)
        return (_marker(at, reading, last.images, same=last.revision == reading.revision),)

    def rows(self) -> tuple[WorkloadReading, ...]:
        """All workloads, by name."""
        return tuple(self._rows[name] for name in sorted(self._rows))

    def notes(self) -> Iterator[str]:
        """What could not be read of them."""
        for row in self.rows():
            yield from (f"kubernetes: {note}" for note in row.notes)

    def _first(self, at: float, reading: WorkloadReading) -> Iterable[Marker]:
        made = reading.changed_at
        # The first revision is the workload's own beginning.
        if made is None or not reading.before or not at - _NEWS_S <= made <= at + _SKEW_S:
            return ()
        return (_marker(min(made, at), reading, reading.before),)


def _moment(before: float, now: float, made: float | None) -> float:
    """When it happened: as the cluster says, where that lies between the two looks."""
    if made is None or not before - _SKEW_S <= made <= now + _SKEW_S:
        return now
    return min(made, now)


def _marker(at: float, reading: WorkloadReading, images: Mapping[str, str], *, same: bool = False) -> Marker:
    """``same`` is another image under the same revision, as where nothing counts revisions."""
    changed = image_change(images, reading.images)
    what = f"image {changed}" if changed else "the same images, other settings"
    why = f", cause {reading.cause}" if reading.cause else ""
    told = what if same or not reading.revision else f"revision {reading.revision}: {what}"
    return Marker(at, MarkerKind.ROLLOUT, reading.name, visible(f"{told}{why}", 300))
