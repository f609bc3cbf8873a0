"""A recording that somebody names, as what was before the watch."""

import asyncio
from pathlib import Path

from console.ports import Recording
from console.storage.recording import open_recording


class GivenPast:
    """``ports.Past`` of one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def name(self) -> str:
        """The file's name."""
        return self._path.name

    async def open(self, since: float) -> Recording | None:
        """The recording, None where it ends before then (epoch seconds); raises RecordingError."""
        found = await asyncio.to_thread(open_recording, self._path)
        if found.until >= since:
            return found
        found.close()
        return None
