"""One short program: bounded time and output, and nothing of it left behind."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Sequence
from typing import NamedTuple

_ERROR_LIMIT = 64 * 2**10
_OUTPUT, _ERRORS = 1, 2
# What has ended may have left a child that keeps its pipes open: nobody waits for that one longer.
_GRACE_S = 0.5


class Ended(NamedTuple):
    """How a program ended; ``flooded`` is one that was stopped because it printed over the limit."""

    code: int
    output: bytes
    errors: bytes
    flooded: bool = False


async def run(command: Sequence[str], stdin: bytes | None, timeout_s: float, limit: int) -> Ended:
    """Run a program without a shell, in a session of its own, and stop all of it when it is over.

    ``limit`` is bytes of its output. Raises TimeoutError, and OSError when it cannot be started.
    """
    loop = asyncio.get_running_loop()
    pipe = asyncio.subprocess.PIPE
    transport, listener = await loop.subprocess_exec(
        lambda: _Listener(limit, loop),
        *command,
        stdin=asyncio.subprocess.DEVNULL if stdin is None else pipe,
        stdout=pipe,
        stderr=pipe,
        start_new_session=True,
    )
    try:
        way_in = transport.get_pipe_transport(0)
        if stdin is not None and isinstance(way_in, asyncio.WriteTransport):
            way_in.write(stdin)
            way_in.close()
        async with asyncio.timeout(timeout_s):
            await listener.over
        code = transport.get_returncode()
        kept = listener.kept
        return Ended(code or 0, bytes(kept[_OUTPUT]), bytes(kept[_ERRORS]), flooded=listener.flooded)
    finally:
        # The whole session, so that what it had started does not go on without it.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(transport.get_pid(), signal.SIGKILL)
        transport.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_GRACE_S):
                await listener.exited


class _Listener(asyncio.SubprocessProtocol):
    """Keeps what is printed, up to the limits, until the program is over."""

    def __init__(self, limit: int, loop: asyncio.AbstractEventLoop) -> None:
        self.kept = {_OUTPUT: bytearray(), _ERRORS: bytearray()}
        self.flooded = False
        self.over: asyncio.Future[None] = loop.create_future()
        self.exited: asyncio.Future[None] = loop.create_future()
        self._limits = {_OUTPUT: limit, _ERRORS: _ERROR_LIMIT}
        self._loop = loop

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Keep the beginning and drop the rest."""
        room = self._limits[fd] - len(self.kept[fd])
        self.kept[fd] += data[:room]
        if fd == _OUTPUT and len(data) > room:
            self.flooded = True
            self._end()

    def process_exited(self) -> None:
        """What it printed last may still be on its way."""
        if not self.exited.done():
            self.exited.set_result(None)
        self._loop.call_later(_GRACE_S, self._end)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's shape
        """All is read."""
        self._end()

    def _end(self) -> None:
        if not self.over.done():
            self.over.set_result(None)
