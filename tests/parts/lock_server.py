"""A server that keeps one deploy lock, as strict or as sloppy as a test wants it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

KEY = "hunter2"


@dataclass
class LockServer:
    """``tags``: ``strong``, ``weak`` or none at all (then preconditions are ignored). ``status`` answers everything so.

    ``meanwhile`` is written by somebody else between the next read and the write after it.
    """

    tags: str = "strong"
    body: bytes | None = None
    empty: int = 404
    status: int = 0
    meanwhile: bytes | None = None
    url: str = ""
    asked: list[str] = field(default_factory=list)
    preconditions: list[str] = field(default_factory=list)
    _version: int = 0

    async def handle(self, request: web.Request) -> web.Response:
        """One request."""
        self.asked.append(request.method)
        if request.headers.get("x-key") != KEY:
            return web.Response(status=403, text=f"your key is {request.headers.get('x-key')}")
        if self.status:
            headers = {"Location": "http://elsewhere/"} if self.status // 100 == 3 else {}
            return web.Response(status=self.status, headers=headers)
        if request.method == "GET":
            return self._get()
        self.preconditions.append(self._precondition(request))
        if self._refused(request):
            return web.Response(status=412)
        self.write(await request.read() if request.method == "PUT" else None)
        return web.Response(status=204)

    def write(self, body: bytes | None) -> None:
        """Keep another body."""
        self.body = body
        self._version += 1

    def _tag(self) -> str:
        return {"strong": f'"{self._version}"', "weak": f'W/"{self._version}"'}.get(self.tags, "")

    def _get(self) -> web.Response:
        headers = {"ETag": self._tag()} if self.tags else {}
        shown = (
            web.Response(status=self.empty)
            if self.body is None
            else web.Response(body=self.body, headers=headers)
        )
        if self.meanwhile is not None:
            self.write(self.meanwhile)
            self.meanwhile = None
        return shown

    def _precondition(self, request: web.Request) -> str:
        found = (f"{n}: {request.headers[n]}" for n in ("If-Match", "If-None-Match") if n in request.headers)
        return f"{request.method} {', '.join(found)}".strip()

    def _refused(self, request: web.Request) -> bool:
        if not self.tags:
            return False
        match = request.headers.get("If-Match")
        if match is not None and (self.tags != "strong" or match != self._tag()):
            return True
        return "If-None-Match" in request.headers and self.body is not None


@asynccontextmanager
async def serving(server: LockServer) -> AsyncIterator[LockServer]:
    """The server on a free port of loopback."""
    app = web.Application()
    app.router.add_route("*", "/prod", server.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    server.url = f"http://127.0.0.1:{port}/prod"
    try:
        yield server
    finally:
        await runner.cleanup()
