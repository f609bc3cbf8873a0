"""A stand-in for Envoy's admin interface that says what a test wants, and remembers what it was asked."""

import copy
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class AdminStand:
    """``say`` an answer for a path; what is not said is answered ``OK``. ``asked`` are methods with paths."""

    url: str = ""
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answers: dict[str, Mapping[str, Any] | web.Response] = field(default_factory=dict)

    def say(self, path: str, answer: Mapping[str, Any] | web.Response) -> None:
        """Answer a path with JSON, or with a whole response."""
        self.answers[path] = answer

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Any request."""
        self.asked.append(f"{request.method} {request.raw_path}")
        self.headers.append(dict(request.headers))
        answer = self.answers.get(request.raw_path, self.answers.get(request.path))
        if answer is None:
            return web.Response(text="OK\n")
        return copy.copy(answer) if isinstance(answer, web.Response) else web.json_response(answer)


@asynccontextmanager
async def admin_stand() -> AsyncIterator[AdminStand]:
    """Listen on a free port while the block runs."""
    found = AdminStand()
    runner = web.ServerRunner(web.Server(found.handle))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield found
    finally:
        await runner.cleanup()
