"""Remarks on the fleet as a whole: what sources that belong to no target could not do, and what readings say aside."""

from collections.abc import Iterator

from console.domain.failure import Failure, FailureKind
from console.domain.sample import Sample


class Remarks:
    """The newest of each source."""

    def __init__(self) -> None:
        self._failed: dict[str, str] = {}
        self._aside: dict[str, tuple[str, ...]] = {}

    def failed(self, sample: Sample, failure: Failure) -> None:
        """A poll failed."""
        kind = sample.source.partition(":")[0]
        said = failure.message if failure.message.startswith(kind) else f"{sample.source}: {failure.message}"
        quiet = failure.kind is FailureKind.UNSUPPORTED or not failure.hint
        self._failed[sample.source] = said if quiet else f"{said} ({failure.hint})"

    def answered(self, source: str) -> None:
        """A poll did not fail."""
        self._failed.pop(source, None)

    def forget(self, target: str) -> None:
        """A target is gone: nothing of it fails any more."""
        for source in [each for each in self._failed if each.split(":")[1:2] == [target]]:
            del self._failed[source]

    def aside(self, source: str, notes: tuple[str, ...]) -> None:
        """What a reading says beside its figures."""
        self._aside[source] = notes

    def failures(self) -> Iterator[str]:
        """Those of failed polls."""
        yield from self._failed.values()

    def asides(self) -> Iterator[str]:
        """Those of readings, each once."""
        yield from dict.fromkeys(note for notes in self._aside.values() for note in notes)
