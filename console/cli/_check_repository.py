"""Checks of a model repository: its files, its configs, and the known-good release."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from console.cli._bar import Bar
from console.cli._check import Check, Status
from console.domain.fleet import Fleet
from console.domain.marker import MarkerKind
from console.domain.repository import Finding, Live, Repository
from console.domain.repository_check import bounded, check
from console.domain.repository_release import (
    Remembered,
    compared,
    release_findings,
    remembered,
    uncompared,
)
from console.domain.snapshot import Snapshot
from console.domain.text import whole
from console.domain.triton import State
from console.transport.digests import digest_folder, read_pbtxt, total_bytes
from console.transport.repository_scan import scan

FRESH_MINUTES = 10.0
# What a release remembers may be hundreds of gigabytes on a slow share.
COMPARE_S = 300.0


class _TooLongError(Exception):
    """Comparing took longer than anybody waits for."""


def repository_checks(
    root: Path, models: Sequence[str], fresh_s: float, fleet: Fleet | None, snapshot: Snapshot | None
) -> Iterator[Check]:
    """All checks of a repository, of these models alone where any is named; nothing in it is changed."""
    found = scan(root, models)
    yield from map(_check, check(found, fresh_s, _live(snapshot) if snapshot is not None else Live()))
    if fleet is not None and found.asked:
        yield from map(_check, bounded(_compared(found, fleet)))


def _check(finding: Finding) -> Check:
    return Check(finding.id, finding.subject, Status(finding.severity), finding.message, finding.hint)


def _live(snapshot: Snapshot) -> Live:
    """What the servers say of models and GPUs while the files are looked at."""
    loading = {row.model: row.targets for row in snapshot.models if row.state is State.LOADING}
    loads = [marker for marker in snapshot.markers if marker.kind is MarkerKind.LOAD and marker.model]
    numbers = {whole(row.gpu.number) for row in snapshot.gpus}
    known = frozenset(number for number in numbers if number is not None)
    return Live(loading, {marker.model: marker.at for marker in loads}, known or None)


def _compared(repository: Repository, fleet: Fleet) -> Iterator[Finding]:
    from console import wiring  # noqa: PLC0415 - HTTP and numpy, once the repository was looked at

    releases = wiring.releases(fleet).all()
    root = Path(repository.root)
    configs = {model.name: read_pbtxt(root, model.name) for model in repository.asked} if releases else {}
    yield from release_findings(repository, releases, configs)
    yield from _digested(root, remembered(repository, releases))


def _digested(root: Path, versions: Sequence[Remembered]) -> Iterator[Finding]:
    """Each remembered version's files, read with a bar on the terminal."""
    bar = Bar()
    reading = _Reading(bar, sum(_size(root / known.model / known.version) for known in versions))
    try:
        for known in versions:
            yield reading.compare(known, root / known.model / known.version)
    finally:
        bar.done()


class _Reading:
    """Counts what was read of all versions together, and ends when it takes too long."""

    def __init__(self, bar: Bar, total: int) -> None:
        self._bar = bar
        self._total = total
        self._before = 0
        self._ends = time.monotonic() + COMPARE_S
        self._what = ""
        self._drawn = -1

    def compare(self, known: Remembered, folder: Path) -> Finding:
        """Read one version."""
        self._what = f"{known.model}/{known.version}"
        read = 0

        def report(so_far: int) -> None:
            nonlocal read
            read = so_far
            self._told(so_far)

        try:
            self._told(0)
            return compared(known, digest_folder(folder, report))
        except _TooLongError:
            return uncompared(known, f"reading took longer than {COMPARE_S:.0f} s")
        except OSError as error:
            return uncompared(known, f"{error.filename or folder}: {error.strerror or error}")
        finally:
            self._before += read

    def _told(self, so_far: int) -> None:
        if time.monotonic() > self._ends:
            raise _TooLongError
        percent = 100 * (self._before + so_far) // max(self._total, 1)
        if percent != self._drawn:
            self._drawn = percent
            self._bar(percent / 100, self._what)


def _size(folder: Path) -> int:
    try:
        return total_bytes(folder)
    except OSError:
        return 0
