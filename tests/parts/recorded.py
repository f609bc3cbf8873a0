"""``triton-console record`` as a process of the tests, ended as a service is or as a crash ends it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from console.domain.recording import RecordingError
from console.storage.recording import open_recording

_START_S = 60.0
_END_S = 60.0


class Record:
    """A running ``record`` and its file."""

    def __init__(self, process: asyncio.subprocess.Process, path: Path) -> None:
        self.process = process
        self.path = path

    async def until(self, wanted: Callable[[], bool], seconds: float = _START_S) -> None:
        """Return once it is so; fails when the recorder ended, or after so long."""
        async with asyncio.timeout(seconds):
            while not wanted():
                assert self.process.returncode is None, await self.said()
                await asyncio.sleep(0.05)

    def frames(self) -> int:
        """How many whole frames are in the file by now."""
        return frames(self.path)

    async def said(self) -> str:
        """What it has printed, once it has ended."""
        assert self.process.stderr is not None
        return (await self.process.stderr.read()).decode()

    async def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        await self.process.wait()

    async def end(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(_END_S):
            return await self.process.wait()


def frames(path: Path) -> int:
    """How many whole frames a recording has; 0 for none yet."""
    try:
        found = open_recording(path)
    except RecordingError:
        return 0
    count = sum(1 for _ in found.frames())
    found.close()
    return count


@asynccontextmanager
async def recording(path: Path, *arguments: str, state: Path) -> AsyncIterator[Record]:
    """Record to a file while the block runs; killed at its end if it still runs."""
    command = (sys.executable, "-m", "console", "record", *arguments, "--out", str(path))
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "XDG_STATE_HOME": str(state)},
    )
    record = Record(process, path)
    try:
        await record.until(lambda: record.frames() > 0)
        yield record
    finally:
        if process.returncode is None:
            await record.kill()
