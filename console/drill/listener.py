"""A listening socket that can go and come back on the same port."""

from collections.abc import Awaitable, Callable

from aiohttp import web

HOST = "127.0.0.1"


class Listener:
    """Answers every request on one port with one function; closed, the port refuses connections."""

    def __init__(
        self, answer: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]], port: int = 0
    ) -> None:
        self.port = port
        self._answer = answer
        self._runner: web.ServerRunner | None = None

    async def open(self) -> int:
        """Listen, if it does not yet, and return the port; raises OSError where it is taken."""
        if self._runner is not None:
            return self.port
        runner = web.ServerRunner(
            web.Server(self._answer, access_log=None), handle_signals=False, shutdown_timeout=0.05
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, HOST, self.port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        self.port = runner.addresses[0][1]
        return self.port

    async def close(self) -> None:
        """Refuse new connections and drop the open ones."""
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()
