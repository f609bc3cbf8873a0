"""Where a drill keeps its own journal, releases and recordings: away with the drill, unless there was an incident in it."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from console import settings
from console.cli._record_progress import size_text
from console.domain.fleet import Fleet
from console.domain.incident import Incident
from console.storage._files import FOLDER_MODE, make_folder, safe_name
from console.storage.incidents import bundle_path
from console.transport.file_lock import try_lock
from console.wiring import incidents

KEPT = 5
"""So many drills with an incident are kept, the newest."""

_FOLDER = "drills"


@contextmanager
def drill_state(scenario: str) -> Iterator[Path]:
    """A folder for a drill's state; it stays where an incident was opened in it, and old ones go."""
    try:
        folder, held = _held(settings.state_folder() / _FOLDER, scenario)
    except OSError:
        # Where nothing can be kept a rehearsal is possible all the same.
        with TemporaryDirectory(prefix="triton-console-drill-") as state:
            yield Path(state)
        return
    try:
        yield folder
    finally:
        if not list(folder.glob("incidents-*.jsonl")):
            shutil.rmtree(folder, ignore_errors=True)
        os.close(held)


def ended(fleet: Fleet) -> Iterator[str]:
    """Close the incident that is open, since its servers go, and tell where each incident of the drill is kept."""
    known = incidents(fleet)
    try:
        known.close(settings.operator())
        found = known.all()
    except OSError as error:
        yield f"the drill's incidents cannot be kept: {error.strerror or error}"
        return
    for incident in found:
        yield _told(incident, Path(fleet.state))


def _told(incident: Incident, state: Path) -> str:
    bundle = bundle_path(state, incident.id)
    if not bundle.is_file():
        return f"incident {incident.id} is in {state}, without a bundle"
    size = size_text(bundle.stat().st_size)
    return f"incident {incident.id} is kept ({size})  → triton-console report {bundle}"


def _held(drills: Path, scenario: str) -> tuple[Path, int]:
    """A new folder among the drills, and the descriptor that says that it is in use."""
    make_folder(drills)
    _prune(drills)
    stamp = datetime.fromtimestamp(time.time(), UTC).strftime("%Y%m%dT%H%M%SZ")
    folder = drills / f"{stamp}-{safe_name(scenario).rpartition('-')[0]}-{os.getpid()}"
    folder.mkdir(mode=FOLDER_MODE)
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    with suppress(OSError):
        try_lock(held)
    return folder, held


def _prune(drills: Path) -> None:
    """Remove the oldest drills, and what a console that died left without an incident."""
    idle = [folder for folder in sorted(drills.iterdir()) if folder.is_dir() and not _in_use(folder)]
    worth = [folder for folder in idle if list(folder.glob("incidents-*.jsonl"))]
    for folder in idle:
        if folder not in worth[-KEPT:]:
            shutil.rmtree(folder, ignore_errors=True)


def _in_use(folder: Path) -> bool:
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return True
    try:
        return not try_lock(descriptor)
    except OSError:
        return True
    finally:
        os.close(descriptor)
