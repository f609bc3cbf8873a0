"""Whether deploys are frozen, for pipelines: one line or one object, and an exit code."""

import asyncio
import time

from console.cli._errors import CliError, print_json
from console.domain.failure import SourceError
from console.domain.fleet import Fleet
from console.domain.lock import Lock, lock_json
from console.domain.text import visible
from console.transport.deploy_lock import look
from console.transport.http import Http
from console.view.format import duration
from console.view.journal import when

FREE, UNKNOWN, FROZEN = 0, 1, 3


def answer(fleet: Fleet, *, as_json: bool) -> int:
    """Look at the lock and say what it says; raises CliError where nobody can tell, which is never *not frozen*."""
    try:
        lock = asyncio.run(_look(fleet))
    except SourceError as error:
        raise CliError(str(error), error.failure.hint, id="lock", code=UNKNOWN) from error
    now = time.time()
    if lock is not None and lock.expired(now):
        lock = None
    if as_json:
        told = None if lock is None else {k: v for k, v in lock_json(lock).items() if k != "undo"}
        print_json({"frozen": told})
    else:
        print("not frozen" if lock is None else _words(lock, now))
    return FREE if lock is None else FROZEN


async def _look(fleet: Fleet) -> Lock | None:
    http = Http(fleet.headers, fleet.tls)
    try:
        return await look(fleet, http)
    finally:
        await http.close()


def _words(lock: Lock, now: float) -> str:
    until = "until somebody unfreezes" if lock.until is None else f"for another {duration(lock.until - now)}"
    why = f": {visible(lock.why)}" if lock.why else ""
    return f"frozen by {visible(lock.who, 60)} since {when(lock.since)}, {until}{why}"
