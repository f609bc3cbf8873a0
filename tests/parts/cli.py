"""The command line as a user runs it: another process, its exit code and what it printed."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """What it printed, as the one JSON object that it promises to be."""
        answer = json.loads(self.out)
        assert isinstance(answer, dict)
        return answer

    def model(self, name: str) -> dict[str, Any]:
        """The one row of a model in ``status --json``."""
        (row,) = [row for row in self.json["models"] if row["name"] == name]
        assert isinstance(row, dict)
        return row


async def console(*arguments: str, **environ: str) -> Ran:
    """Run ``triton-console`` with arguments, outside any terminal; fails after a minute."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "console",
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **environ},
    )
    try:
        async with asyncio.timeout(60):
            out, err = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return Ran(process.returncode, out.decode(), err.decode())
