"""Serving a drill until somebody ends it."""

import asyncio
import json
import os
import select
import signal
import stat
from functools import partial

from console.drill import Drill

_STDIN = 0
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


async def serve(drill: Drill) -> int:
    """Print the endpoints as one line of JSON and serve; returns the exit code.

    It ends with a signal, or when the pipe that is its stdin is closed: whoever started
    it with one and died leaves no drill behind.
    """
    # Looked at before anybody is told that it serves, and may close the pipe at once.
    held = _held(_STDIN)
    endpoints = await drill.start()
    try:
        print(json.dumps(endpoints.as_json()), flush=True)
        return await _told_to_end(held=held)
    finally:
        await drill.stop()


async def _told_to_end(*, held: bool) -> int:
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[int] = loop.create_future()

    def end(code: int) -> None:
        if not ended.done():
            ended.set_result(code)

    def read() -> None:
        if not os.read(_STDIN, 4096):
            loop.remove_reader(_STDIN)
            end(0)

    for number in _SIGNALS:
        loop.add_signal_handler(number, partial(end, 128 + number))
    if held:
        loop.add_reader(_STDIN, read)
    return await ended


def _held(stdin: int) -> bool:
    """Whether stdin is a pipe with somebody at its other end; one inherited dead says nothing."""
    try:
        mode = os.fstat(stdin).st_mode
        if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
            return False
        ready, _, _ = select.select([stdin], [], [], 0)
        return not ready or bool(os.read(stdin, 1))
    except OSError:
        return False
