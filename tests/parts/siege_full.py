"""A console whose disk is full for a while, in a process of its own: ``python -m tests.parts.siege_full HOW FOLDER``.

``limit`` lets no file grow, ``disk`` fills the file system that the folder is on. What was seen comes out as JSON.
"""

import asyncio
import json
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from console import wiring
from console.domain.fleet import Confirm, Fleet, Target
from console.storage.recording import open_recording
from tests.parts.fake_triton import fake_triton
from tests.parts.hostile import serving
from tests.parts.siege_monkey import press, settled
from tests.parts.siege_stage import Siege, besieging

_BLOCK = bytes(4096)


@contextmanager
def _limited(_: Path) -> Iterator[None]:
    """No file may grow."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def _filled(folder: Path) -> Iterator[None]:
    """The file system has no byte left."""
    filler = folder / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(_BLOCK)
    try:
        yield
    finally:
        filler.unlink()


async def _watched(how: Callable[[Path], Any], folder: Path) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    async with serving(fake_triton(["ranker"])) as url:
        target = Target("triton-0", url, f"{url}/metrics")
        fleet = Fleet("siege", (target,), state=str(folder), refresh=0.5, confirm=Confirm.ENTER)
        async with besieging(fleet, (160, 40), wiring.Keeping(flight=True)) as siege:
            siege.app.NOTIFICATION_TIMEOUT = 1000.0
            await siege.seen(lambda now: now.models and now.models[0].rate, "requests")
            await siege.until(lambda: "● rec" in siege.text, "that it records")
            await _press(siege, "1", "I")
            await _until_told(siege, "i opens one")
            await _press(siege, "i")
            await siege.seen(lambda now: now.incident, "the open incident")
            with how(folder):
                seen |= await _full(siege, folder)
            await siege.until(lambda: "▲ rec" not in siege.text, "that it records again")
            # It is found closed, or it can be closed now.
            await _press(siege, "I")
            await siege.seen(lambda now: now.incident is None, "the closed incident")
            seen["ran_after"] = await _frozen(siege)
            seen["turned_after"] = list(siege.engine.made.knobs.turned)
            seen["errors"] = siege.errors
    seen["kept"] = _kept(folder, fleet)
    return seen


async def _full(siege: Siege, folder: Path) -> dict[str, Any]:
    """What happens while nothing can be written."""
    await siege.until(lambda: "▲ rec" in siege.text, "that it does not record")
    seen: dict[str, Any] = {"head": siege.text.splitlines()[0]}
    before = siege.engine.snapshot
    assert before is not None
    seen["ran"] = await _frozen(siege)
    seen["turned"] = list(siege.engine.made.knobs.turned)
    await _press(siege, "g")
    await siege.until(lambda: "KNOWN-GOOD" in siege.text, "the marking")
    await _press(siege, "tab", "enter")
    seen["good"] = await _until_told(siege, "nothing was marked")
    await _press(siege, "escape", "escape", "I")
    seen["close"] = await _until_told(siege, "closing the incident")
    later = await siege.seen(lambda now: now.sequence > before.sequence + 3, "pictures go on")
    seen["up"], seen["rate"] = later.up, later.models[0].rate
    seen["bundles"] = _bundles(folder)
    return seen


async def _frozen(siege: Siege) -> str:
    """Freeze, and what stands on screen of the run."""
    await _press(siege, "f")
    await siege.until(lambda: "   Run" in siege.text, "the plan")
    await _press(siege, "tab", "enter")
    await siege.until(
        lambda: any(word in siege.text for word in ("NOT RUN", "VERIFIED", "FAILED")), "its end"
    )
    said = siege.text
    await _press(siege, "escape", "escape")
    return said


async def _press(siege: Siege, *keys: str) -> None:
    for key in keys:
        press(siege, key)
        await settled(siege)


async def _until_told(siege: Siege, part: str) -> str:
    """Wait for a notice that holds this; its text."""

    def found() -> str:
        told = (f"{notice.title}: {notice.message}" for notice in siege.app._notifications)
        return next((text for text in told if part in text), "")

    await siege.until(found, f"told {part!r}")
    return found()


def _bundles(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*.tcinc")]


def _kept(folder: Path, fleet: Fleet) -> dict[str, Any]:
    """What a later console finds."""
    frames = 0
    for path in folder.rglob("*.tcrec"):
        recording = open_recording(path)
        frames += sum(1 for _ in recording.frames())
        recording.close()
    journal = wiring.journal(fleet).read()
    incidents = wiring.incidents(fleet)
    # The line that closes one may have had its place where a bundle had none.
    for incident in incidents.all() if not _bundles(folder) else ():
        incidents.bundle(incident)
    return {
        "frames": frames,
        "damages": [each.message for each in journal.damages],
        "records": [record.kind.value for record in journal.records],
        "releases": len(wiring.releases(fleet).all()),
        "bundles": _bundles(folder),
        "drafts": [path.name for path in folder.rglob(".*") if path.is_file()],
    }


def main() -> None:
    how = {"limit": _limited, "disk": _filled}[sys.argv[1]]
    sys.stdout.write(json.dumps(asyncio.run(_watched(how, Path(sys.argv[2])))))


if __name__ == "__main__":
    main()
