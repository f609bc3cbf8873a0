"""One Triton server as the controls see it: what it serves, how a load travels to it, and the one load under way."""

import asyncio
import secrets
from collections.abc import Awaitable, Coroutine, Mapping
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from console.domain.failure import SourceError
from console.domain.fleet import Fleet, Target
from console.domain.plan import ControlError, StillRunningError
from console.domain.serving import Config, Serving, read_serving
from console.domain.text import visible
from console.domain.triton import ControlMode, IndexEntry
from console.transport.kit import Kit
from console.transport.triton_client import NETWORK_ERRORS, TritonClient, addressable, answer
from console.transport.triton_json import read_index, read_server

T = TypeVar("T")
READ_S = 4.0
GRPC_S = 2.0
# A caller that bounds us hears our own words first.
_MARGIN_S = 0.5
_NOT_EXPLICIT = "explicit model load / unload is not allowed"
_NOT_THERE = {"400", "404"}


class Carrier(NamedTuple):
    """How a load travels: ``grpc`` is HOST:PORT, empty for HTTP; ``note`` says why not by gRPC."""

    grpc: str = ""
    note: str = ""


class Server:
    """One target; reads raise SourceError, changes ControlError too. At most one load of ours is under way."""

    def __init__(self, target: Target, fleet: Fleet, kit: Kit) -> None:
        self.target = target
        self._fleet = fleet
        self._kit = kit
        self._client = TritonClient(target.url, kit.http)
        self._flight: tuple[str, asyncio.Task[None]] | None = None

    @property
    def busy(self) -> str:
        """Which model a load of ours is under way for, empty when none is."""
        return self._flight[0] if self._flight and not self._flight[1].done() else ""

    async def index(self) -> tuple[IndexEntry, ...]:
        """The repository index."""
        return read_index(answer(await self._ask("index", self._client.get_model_repository_index()), list))

    async def serving(self, model: str) -> Serving:
        """What it says of a model."""
        if not addressable(model):
            raise ControlError(
                f"Triton cannot be asked about {visible(model, 80)!r}",
                "it does not decode names in addresses",
            )
        index, metadata, config = await asyncio.gather(
            self.index(),
            self._of_model("metadata", self._client.get_model_metadata(model)),
            self._of_model("config", self._client.get_model_config(model)),
        )
        return read_serving(model, index, metadata, config)

    async def mode(self) -> tuple[ControlMode, str]:
        """The control mode, asked by unloading a name that cannot exist; and why it is unknown."""
        try:
            async with asyncio.timeout(READ_S):
                await self._client.unload(f"triton-console-asks-for-the-control-mode-{secrets.token_hex(4)}")
        except ControlError as error:
            if _NOT_EXPLICIT in str(error):
                return ControlMode.NONE_OR_POLL, ""
            return ControlMode.UNKNOWN, str(error)
        except (*NETWORK_ERRORS, SourceError) as error:
            return ControlMode.UNKNOWN, self._client.failure(error, "mode").message
        return ControlMode.EXPLICIT, ""

    async def carrier(self, model: str) -> Carrier:
        """How loads travel: by gRPC where its port is known to be this very server's, else by HTTP."""
        address = self.target.grpc or _beside(self.target.url)
        if not address:
            return Carrier(note="its gRPC address is not in the settings (grpc=HOST:PORT)")
        if self._secure and not self._fleet.tls.verify:
            return Carrier(note="gRPC cannot leave a certificate unverified: set tls.ca")
        try:
            same = await self._same_server(address, model)
        except (*NETWORK_ERRORS, SourceError) as error:
            return Carrier(note=self._client.failure(error, "grpc").message)
        return Carrier(address) if same else Carrier(note=f"another server answers at {address}")

    async def _same_server(self, address: str, model: str) -> bool:
        """Whether both ports tell the same: server, index, and a count of inferences that lies between two of HTTP's."""
        client = self._grpc(address)
        told = read_server(answer(await self._ask("server", self._client.get_server_metadata()), dict))
        if told != await client.server(GRPC_S) or set(await self.index()) != set(await client.index(GRPC_S)):
            return False
        before = await self._inferences(model)
        if before is None:
            return True
        between = await client.inferences(model, GRPC_S)
        after = await self._inferences(model)
        return after is None or before <= between <= after

    async def _inferences(self, model: str) -> int | None:
        raw = await self._of_model("statistics", self._client.get_inference_statistics(model))
        rows = raw.get("model_stats") if raw else None
        return sum(int(row["inference_count"]) for row in rows) if isinstance(rows, list) else None

    async def load(self, model: str, config: str | None, grpc: str, seconds: float) -> None:
        """Load a model, at most ``seconds`` long; StillRunningError leaves it to the server, which goes on."""
        client = self._grpc(grpc) if grpc else self._client
        await self._fly(model, client.load(model, config), seconds)

    async def unload(self, model: str, grpc: str, seconds: float, *, dependents: bool) -> None:
        """Unload a model, as ``load``; it is answered before the requests in flight are."""
        client = self._grpc(grpc) if grpc else self._client
        await self._fly(model, client.unload(model, dependents=dependents), seconds)

    async def _fly(self, model: str, call: Coroutine[Any, Any, None], seconds: float) -> None:
        if self.busy:
            call.close()
            raise ControlError(
                f"a load of {visible(self.busy, 80)} is still under way on {self.target.name}",
                "one at a time: wait until it has ended",
            )
        task = asyncio.create_task(call)
        task.add_done_callback(_forget)
        self._flight = (model, task)
        # The request is left alone when the waiting ends: the server would go on with it anyway.
        done, _ = await asyncio.wait({task}, timeout=max(seconds - _MARGIN_S, _MARGIN_S))
        if not done:
            raise StillRunningError(
                await self._still(model, seconds), "read it back later; nothing is sent again"
            )
        try:
            await task
        except NETWORK_ERRORS as error:
            raise SourceError(self._client.failure(error, "load")) from error

    async def _still(self, model: str, seconds: float) -> str:
        try:
            moving = (await self.serving(model)).moving or "nothing of it shows in the index"
        except (SourceError, ControlError) as error:
            moving = str(error)
        return f"not answered after {seconds:.0f} s and it goes on by itself: {moving}"

    async def settled(self, model: str, seconds: float) -> Serving:
        """What it says of a model once nothing of it loads or unloads, or after that long."""
        until = self._kit.clock.monotonic() + seconds
        while True:
            found = await self.serving(model)
            if not found.moving or self._kit.clock.monotonic() >= until:
                return found
            await self._kit.clock.sleep(0.1)

    async def close(self) -> None:
        """Leave a load to the server."""
        if self._flight is not None:
            self._flight[1].cancel()
            await asyncio.gather(self._flight[1], return_exceptions=True)

    async def _of_model(self, part: str, call: Awaitable[Any]) -> Config | None:
        """An answer about a model, None where no version of it is ready."""
        try:
            async with asyncio.timeout(READ_S):
                found: Mapping[str, Any] = answer(await call, dict)
                return found
        except NETWORK_ERRORS as error:
            status = getattr(error, "status", None)
            if callable(status) and status() in _NOT_THERE:
                return None
            raise SourceError(self._client.failure(error, part)) from error

    async def _ask(self, part: str, call: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(READ_S):
                return await call
        except NETWORK_ERRORS as error:
            raise SourceError(self._client.failure(error, part)) from error

    @property
    def _secure(self) -> bool:
        return self.target.url.startswith("https:")

    def _grpc(self, address: str) -> Any:
        from console.transport.triton_grpc import TritonGrpc  # noqa: PLC0415 - slow to import, and needed late

        return TritonGrpc(address, self._fleet.headers, self._fleet.tls, secure=self._secure)


def _beside(url: str) -> str:
    """Triton's own pair of ports is 8000 and 8001; beside any other port nothing can be guessed."""
    split = urlsplit(url)
    return f"{split.hostname}:8001" if split.hostname and split.port == 8000 else ""


def _forget(task: asyncio.Task[None]) -> None:
    """An answer that nobody waits for any more is not an error of ours."""
    if not task.cancelled():
        task.exception()
