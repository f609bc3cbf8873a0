"""The deploy lock where pipelines look for it: a file, or a resource behind a URL; read, and changed by compare-and-set."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote

from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.fleet import Fleet
from console.domain.lock import SOURCE, Lock, read_lock
from console.domain.plan import ChangedError
from console.domain.states import Json, brief, holds
from console.transport._lock_file import read_file, write_file
from console.transport._lock_http import LockServer
from console.transport.http import Http

_LONGEST_NAME = 200


class Seen(NamedTuple):
    """What one look found: the lock as it was written, and the same understood; None where there is none."""

    raw: Mapping[str, Json] | None
    lock: Lock | None


class LockPlace(Protocol):
    """Where the lock of a fleet is; ``where`` is its path or URL."""

    where: str

    async def see(self) -> Seen:
        """The lock now; raises SourceError when it cannot be read or understood, which is never *not frozen*."""
        ...

    async def put(self, lock: Mapping[str, Json] | None, expected: Json) -> None:
        """Write the lock, or remove it (None), if what is there still is as expected.

        Raises ChangedError when it is not, ControlError or SourceError when it cannot be written.
        """
        ...


async def look(fleet: Fleet, http: Http) -> Lock | None:
    """The fleet's deploy lock, expired or not; None is no lock; raises SourceError when nobody can tell."""
    place = place_of(fleet, http)
    return (await place.see()).lock if place else None


def place_of(fleet: Fleet, http: Http) -> LockPlace | None:
    """Where the settings say the lock is, else a file in the state folder; None without such a folder."""
    given = fleet.freeze.deploy_lock
    if given.startswith(("http://", "https://")):
        return HttpPlace(LockServer(given, fleet.freeze.headers, http))
    if given:
        return FilePlace(Path(given), None)
    if fleet.state:
        state = Path(fleet.state)
        return FilePlace(state / "locks" / f"{quote(fleet.name, safe='')[:_LONGEST_NAME]}.json", state)
    return None


class FilePlace:
    """A lock file. Those of the state folder have their folder made; others must have one, or a share is missing."""

    def __init__(self, path: Path, state: Path | None) -> None:
        self.where = str(path)
        self._path = path
        self._state = state

    async def see(self) -> Seen:
        """The lock now."""
        return understood(await read_file(self._path, own=self._state is not None), self.where)

    async def put(self, lock: Mapping[str, Json] | None, expected: Json) -> None:
        """Write or remove it under the folder's lock; two freezers cannot both win."""
        data = None if lock is None else _written(lock)
        await write_file(self._path, self._state, data, _check(expected, self.where))


class HttpPlace:
    """A lock behind a URL: GET, PUT and DELETE, with the server's own preconditions where it has them."""

    def __init__(self, server: LockServer) -> None:
        self.where = server.url
        self._server = server

    async def see(self) -> Seen:
        """The lock now."""
        return understood((await self._server.get()).body, self.where)

    async def put(self, lock: Mapping[str, Json] | None, expected: Json) -> None:
        """Write or remove it; a server without entity tags still has what was read compared first."""
        found = await self._server.get()
        _check(expected, self.where)(found.body)
        await self._server.put(None if lock is None else _written(lock), found)


def understood(body: bytes | None, where: str) -> Seen:
    """A lock from its text; raises SourceError for anything that is no lock."""
    if body is None:
        return Seen(None, None)
    try:
        raw = json.loads(body, parse_constant=_refuse)
        return Seen(raw, read_lock(raw)) if raw is not None else Seen(None, None)
    except (ValueError, RecursionError) as error:
        why = "it is not JSON" if isinstance(error, json.JSONDecodeError) else str(error)
        raise SourceError(
            Failure(
                FailureKind.GARBAGE,
                SOURCE,
                f"{SOURCE}: {where} is damaged: {why}",
                "look at it, and remove it by hand if nobody froze",
            )
        ) from error


def _check(expected: Json, where: str) -> Callable[[bytes | None], None]:
    """Raises ChangedError for a text that is not the lock that was expected."""

    def check(body: bytes | None) -> None:
        raw = understood(body, where).raw
        if not holds(expected, raw):
            said = f"changed under you: {where} was {brief(expected)}, is {brief(raw)}"
            raise ChangedError(said, {"lock": raw})

    return check


def _written(lock: Mapping[str, Json]) -> bytes:
    return json.dumps(lock, indent=1, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")
