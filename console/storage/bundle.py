"""An incident as one file: a zip with its window, its timeline, what was done, and a manifest with their hashes.

A bundle opens in a replay like any recording; its members are stored as they are.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from console import __version__
from console.domain.bundle import Manifest
from console.domain.incident import Incident
from console.domain.journal import Record
from console.domain.marker import Marker
from console.domain.redaction import Redaction
from console.domain.release import Release
from console.domain.triage import Walk
from console.ports import Recording
from console.storage import _bundle_parts as parts
from console.storage._bundle_read import read_bundle, read_manifest
from console.storage._files import draft_of, make_folder
from console.storage._manifest import JOURNAL, MANIFEST, PLANS, RELEASES, TIMELINE, TRIAGE, manifest_text
from console.storage._window import WINDOW
from console.storage._zip_draft import ZipDraft, clear_drafts, zip_draft
from console.storage.extract import extract

__all__ = ["Given", "read_bundle", "read_manifest", "write_bundle"]

# A recording that begins or ends so much off the window has a part of it missing that is worth a sentence.
_OFF_S = 30.0
_PROBLEMS = 20


class Given(NamedTuple):
    """What a bundle is made of: the fleet's name, all recordings of it as one, its journal and its releases.

    ``recording`` is None where there is none. ``missing`` are sentences about what could not be read.
    """

    fleet: str
    recording: Recording | None
    records: Sequence[Record] = ()
    releases: Sequence[Release] = ()
    missing: tuple[str, ...] = ()


def write_bundle(
    path: Path,
    incident: Incident,
    given: Given,
    *,
    now: float | None = None,
    redact: Redaction | None = None,
) -> Manifest:
    """Write the bundle of an incident, in place of one that is there; of an open one up to ``now`` (epoch seconds).

    ``redact`` puts stand-ins for the names of hosts and people in everything. Raises OSError, and then there is no half
    of it; nothing else than the file at ``path`` is changed.
    """
    now = time.time() if now is None else now
    since, until = incident.since, now if incident.closed is None else incident.closed
    make_folder(path.parent)
    clear_drafts(path)
    window = draft_of(path, "tcrec")
    try:
        kept = _kept(given, incident, since, until)
        if redact is not None:
            _learn(redact, given, kept, since, until)
            kept, incident = redact.value(kept), redact.value(incident)
        # A bundle that is made of a bundle may lack the same twice.
        lacks = _extracted(given, window, since, until, redact)
        missing = tuple(dict.fromkeys((*lacks, *given.missing)))
        with zip_draft(path, until) as draft:
            if window.exists():
                draft.put_file(WINDOW, window)
            _put(draft, kept)
            manifest = Manifest(
                incident=incident,
                fleet=given.fleet if redact is None else redact.text(given.fleet),
                console=__version__,
                written=now,
                since=since,
                until=until,
                redacted=redact is not None,
                missing=missing if redact is None else redact.value(missing),
                members=tuple(draft.members),
            )
            draft.put(MANIFEST, manifest_text(manifest))
    finally:
        window.unlink(missing_ok=True)
    return manifest


class _Kept(NamedTuple):
    """What is in a bundle besides its window."""

    incident: Incident
    markers: tuple[Marker, ...]
    records: tuple[Record, ...]
    walks: tuple[Walk, ...]
    releases: tuple[Release, ...]


def _kept(given: Given, incident: Incident, since: float, until: float) -> _Kept:
    recording = given.recording
    walks = [walk for walk in recording.walks if since <= walk.at <= until] if recording else []
    records = parts.within(given.records, incident, until)
    return _Kept(
        incident,
        parts.timeline(recording.markers if recording else (), incident, since, until),
        records,
        tuple(walks),
        parts.known_good(given.releases, parts.concerned(records, walks), until),
    )


def _learn(redact: Redaction, given: Given, kept: _Kept, since: float, until: float) -> None:
    redact.learn([kept.incident, *kept.records, *kept.walks, *kept.releases])
    if given.recording is not None:
        redact.learn(list(given.recording.sessions))
        for frame in given.recording.frames(since, until):
            redact.learn(frame)


def _extracted(
    given: Given, window: Path, since: float, until: float, redact: Redaction | None
) -> tuple[str, ...]:
    """The window as a file of its own; what it lacks, or why there is none."""
    recording = given.recording
    if recording is None:
        return ("window.tcrec: nothing was recorded: the flight recorder was off, or its files are gone",)
    change = redact.value if redact is not None else None
    reaches = recording.until >= since and recording.since <= until
    if not reaches or not extract(recording, since, until, window, change=change):
        return ("window.tcrec: the recordings there are have nothing of the window",)
    return _lacks(recording, since, until)


def _put(draft: ZipDraft, kept: _Kept) -> None:
    draft.put(TIMELINE, parts.text(parts.markers_json(kept.markers)))
    draft.put(JOURNAL, parts.lines(kept.records))
    draft.put(PLANS, parts.text(parts.plans_json(kept.records)))
    draft.put(TRIAGE, parts.text(parts.walks_json(kept.walks)))
    draft.put(RELEASES, parts.text(parts.releases_json(kept.releases)))


def _lacks(recording: Recording, since: float, until: float) -> tuple[str, ...]:
    """Where the recording does not reach as far as the window, and what of it cannot be read."""
    found = [f"the recording: {said}" for said in recording.problems[:_PROBLEMS]]
    if recording.since > since + _OFF_S:
        found.append(f"the first {recording.since - since:.0f} s of the window were not recorded")
    if recording.until < until - _OFF_S:
        found.append(f"the last {until - recording.until:.0f} s of the window were not recorded")
    return tuple(found)
