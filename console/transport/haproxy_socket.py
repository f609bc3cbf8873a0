"""HAProxy's runtime socket: one command for each connection, and only commands of a few known forms."""

import asyncio
import re
from asyncio import StreamReader, StreamWriter

from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.plan import ControlError
from console.domain.text import visible

LIMIT = 16 * 2**20
SECONDS = 5.0
_CHUNK = 64 * 2**10

# HAProxy's own alphabet of names, and that of paths and keys which need no quoting on its command line.
_NAME = r"[A-Za-z0-9_.:-]+"
_WORD = r"[A-Za-z0-9_.:/%+,=-]+"
_SERVER = f"{_NAME}/{_NAME}"
# Whatever is not here is never sent. ``set maxconn frontend`` kills HAProxy 2.6 under load, ``shutdown`` breaks
# requests in flight, and a semicolon or a newline would begin another command.
_READS = (
    "show stat",
    "show cli level",
    f"show servers state {_NAME}",
    f"show map {_WORD}",
)
_CHANGES = (
    rf"set server {_SERVER} weight [0-9]{{1,3}}%?",
    f"set server {_SERVER} state (ready|drain)",
    rf"(set|add) map {_WORD} {_WORD} [0-9.]{{1,8}}",
    f"del map {_WORD} {_WORD}",
)
_READ = re.compile("|".join(_READS))
_CHANGE = re.compile("|".join(_CHANGES))


class HaproxySocket:
    """The runtime socket at a path or at ``HOST:PORT``."""

    def __init__(self, address: str) -> None:
        self.address = address

    async def ask(self, command: str) -> str:
        """The whole answer to a command that reads; raises SourceError, or ControlError for other commands."""
        return await self._sent(command, _READ)

    async def change(self, command: str) -> None:
        """Send a command that changes something; raises ControlError with HAProxy's words when it refuses."""
        said = (await self._sent(command, _CHANGE)).strip()
        if said:
            # Its exit is silent: success is an empty line, and every other text is an error.
            raise ControlError(f"HAProxy refused `{command}`: {visible(said)}", _advice(said))

    async def _sent(self, command: str, allowed: re.Pattern[str]) -> str:
        if not allowed.fullmatch(command):
            raise ControlError(f"not a command that this console sends to HAProxy: {visible(command)}")
        try:
            async with asyncio.timeout(SECONDS):
                reader, writer = await self._open()
                try:
                    writer.write(f"{command}\n".encode())
                    await writer.drain()
                    return (await _read(reader)).decode(errors="replace")
                finally:
                    writer.close()
        except (OSError, TimeoutError, ValueError) as error:
            raise SourceError(self._failure(error)) from error

    async def _open(self) -> tuple[StreamReader, StreamWriter]:
        if "/" in self.address:
            return await asyncio.open_unix_connection(self.address)
        host, _, port = self.address.rpartition(":")
        return await asyncio.open_connection(host.strip("[]"), int(port))

    def _failure(self, error: Exception) -> Failure:
        kind, said, hint = _classified(error)
        return Failure(kind, "haproxy", f"haproxy: {said} at {self.address}", hint)


async def _read(reader: StreamReader) -> bytes:
    chunks, size = [], 0
    while chunk := await reader.read(_CHUNK):
        size += len(chunk)
        if size > LIMIT:
            raise SourceError(
                Failure(
                    FailureKind.TOO_LARGE,
                    "haproxy",
                    f"haproxy: answer is over {LIMIT >> 20} MB and was not read",
                    "is this the runtime socket of HAProxy?",
                )
            )
        chunks.append(chunk)
    return b"".join(chunks)


def _classified(error: Exception) -> tuple[FailureKind, str, str]:
    match error:
        case TimeoutError():
            return FailureKind.TIMEOUT, "no answer in time", "the process may be stopped or overloaded"
        case PermissionError():
            return (
                FailureKind.FORBIDDEN,
                "the runtime socket may not be opened",
                "run the console as the user or group of the socket (`stats socket … mode 660 group …`)",
            )
        case ConnectionRefusedError() | FileNotFoundError():
            return (
                FailureKind.REFUSED,
                "nothing listens",
                "is HAProxy started, with `stats socket … level admin` at this address?",
            )
        case ValueError():
            return FailureKind.UNSUPPORTED, "not an address", "write a socket's path, or HOST:PORT"
        case _:
            said = visible(str(error), 100)
            return FailureKind.UNREACHABLE, f"cannot be reached ({said})", "check the address"


def _advice(said: str) -> str:
    if "Permission denied" in said:
        return "give the stats socket `level admin`"
    if "static LB algorithm" in said:
        return (
            "it takes only --to 0 and --to 100; other shares need `hash-type consistent` or another balance"
        )
    if "No such" in said or "not found" in said or "Unknown map" in said:
        return "HAProxy was reloaded with another configuration, or the settings name something else"
    return ""
