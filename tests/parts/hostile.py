"""Servers that do to a client what servers do on bad days; each on loopback, for as long as a block runs."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

FLOOD = 64 * 2**20
_BLOCK = b"# nothing to see here, but a lot of it" + b"." * 65_498

Behaviour = Callable[[str, asyncio.StreamWriter], Awaitable[None]]
"""What a server does with a request (``METHOD /path``); the connection is closed after it."""


@asynccontextmanager
async def serving(behaviour: Behaviour) -> AsyncIterator[str]:
    """Serve with one behaviour; yields the base URL."""
    open_connections: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_connections.add(task)
        try:
            await attend(behaviour, reader, writer)
        finally:
            open_connections.discard(task)

    server = await asyncio.start_server(connected, "127.0.0.1", 0, limit=2**20)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in list(open_connections):
            task.cancel()
        await asyncio.gather(*open_connections, return_exceptions=True)


async def attend(behaviour: Behaviour, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Do with one connection what the behaviour does, and close it."""
    try:
        await behaviour(await _request(reader), writer)
        await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
        pass
    finally:
        writer.close()


async def _request(reader: asyncio.StreamReader) -> str:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    for line in head.lower().split("\r\n"):
        if line.startswith("content-length:"):
            await reader.readexactly(int(line.split(":")[1]))
    return " ".join(head.split(" ", 2)[:2])


def answer(
    writer: asyncio.StreamWriter, body: bytes, status: str = "200 OK", kind: str = "application/json"
) -> None:
    """Write one whole answer."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode() + body)


async def hang(path: str, writer: asyncio.StreamWriter) -> None:
    """Take the request and never answer."""
    await asyncio.Event().wait()


async def drip(path: str, writer: asyncio.StreamWriter) -> None:
    """Answer one byte at a time, without end."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
    while True:
        writer.write(b"#")
        await writer.drain()
        await asyncio.sleep(0.05)


async def reset(path: str, writer: asyncio.StreamWriter) -> None:
    """Reset the connection instead of an answer."""
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def garbage(path: str, writer: asyncio.StreamWriter) -> None:
    """Answer something that is not HTTP."""
    writer.write(b"\x16\x03\x01\x00\xff\xfe\r\n\x00SSH-2.0-OpenSSH\r\n\r\n" * 8)


async def nonsense(path: str, writer: asyncio.StreamWriter) -> None:
    """Answer in good HTTP a body that is neither JSON nor metrics."""
    answer(writer, b"<html>\xff\xfe It works! {[" * 8, kind="text/html")


async def error500(path: str, writer: asyncio.StreamWriter) -> None:
    """Answer an internal error to everything."""
    answer(writer, b'{"error":"internal"}', "500 Internal Server Error")


def redirect(to: str = "http://127.0.0.1:9/stolen") -> Behaviour:
    """Send everyone elsewhere, credentials and all."""

    async def behaviour(path: str, writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        writer.write(head.encode())

    return behaviour


async def flood_sized(path: str, writer: asyncio.StreamWriter) -> None:
    """Answer 64 MB and say so first."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % FLOOD)
    for _ in range(FLOOD // len(_BLOCK)):
        writer.write(_BLOCK)
        await writer.drain()


async def flood_chunked(path: str, writer: asyncio.StreamWriter) -> None:
    """Answer 64 MB in chunks, so that nothing says how much is to come."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(FLOOD // len(_BLOCK)):
        writer.write(b"%x\r\n%b\r\n" % (len(_BLOCK), _BLOCK))
        await writer.drain()
    writer.write(b"0\r\n\r\n")


def cut(good: Behaviour, after: int = 200) -> Behaviour:
    """As ``good``, but the connection ends ``after`` bytes of the answer."""

    async def behaviour(path: str, writer: asyncio.StreamWriter) -> None:
        await good(path, _Cut(writer, after))  # type: ignore[arg-type]

    return behaviour


class _Cut:
    """Passes on the first bytes and drops the rest."""

    def __init__(self, writer: asyncio.StreamWriter, left: int) -> None:
        self._writer = writer
        self._left = left

    def write(self, data: bytes) -> None:
        self._writer.write(data[: self._left])
        self._left -= len(data[: self._left])

    async def drain(self) -> None:
        await self._writer.drain()


def flap(good: Behaviour, bad: Behaviour = reset, every: int = 2) -> Behaviour:
    """Good and bad by turns, ``every`` requests each."""
    seen = 0

    async def behaviour(path: str, writer: asyncio.StreamWriter) -> None:
        nonlocal seen
        turn, seen = seen // every, seen + 1
        await (bad if turn % 2 else good)(path, writer)

    return behaviour
