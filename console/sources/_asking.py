"""What one server says of one model now, asked at once: health, index, metadata, config."""

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

from console.domain.failure import SourceError
from console.domain.serving import Serving, read_serving
from console.domain.triton import IndexEntry
from console.transport.triton_client import NETWORK_ERRORS, TritonClient, answer
from console.transport.triton_json import read_index

READ_S = 5.0
_NOT_THERE = {"400", "404", "503"}


class Asked(NamedTuple):
    """Whether the server is ready, its whole index, and what it says of the model."""

    ready: bool
    entries: tuple[IndexEntry, ...]
    serving: Serving


async def asked(client: TritonClient, model: str) -> Asked:
    """The server's answers; raises SourceError where one cannot be had, ValueError and the like for odd ones."""
    ready, index, metadata, config = await asyncio.gather(
        _ask(client, "ready", client.health("ready")),
        _ask(client, "index", _index(client)),
        _of_model(client, "metadata", client.get_model_metadata(model)),
        _of_model(client, "config", client.get_model_config(model)),
    )
    return Asked(ready, index, read_serving(model, index, metadata, config))


async def _index(client: TritonClient) -> tuple[IndexEntry, ...]:
    return read_index(answer(await client.get_model_repository_index(), list))


async def _of_model(client: TritonClient, part: str, call: Any) -> Mapping[str, Any] | None:
    """An answer about the model, None where it is not ready."""
    try:
        async with asyncio.timeout(READ_S):
            found: Mapping[str, Any] = answer(await call, dict)
            return found
    except NETWORK_ERRORS as error:
        status = getattr(error, "status", None)
        if callable(status) and status() in _NOT_THERE:
            return None
        raise SourceError(client.failure(error, part)) from error


async def _ask(client: TritonClient, part: str, call: Any) -> Any:
    try:
        async with asyncio.timeout(READ_S):
            return await call
    except (*NETWORK_ERRORS, SourceError) as error:
        raise SourceError(client.failure(error, part)) from error
