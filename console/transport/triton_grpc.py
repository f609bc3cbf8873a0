"""Triton's gRPC port, for loads: over it a load holds no thread that serves anybody else.

It takes a tenth of a second to import, so it is imported where a change is made.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped, unused-ignore]
from tritonclient.grpc import service_pb2 as pb
from tritonclient.grpc import service_pb2_grpc as rpc

from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.fleet import Tls
from console.domain.secret import Secret
from console.domain.text import visible
from console.domain.triton import IndexEntry, ServerInfo, State
from console.transport.http import JSON_LIMIT
from console.transport.triton_client import refused

PREFIX = "triton-grpc-protocol-"
_RESTRICTED = "This protocol is restricted"
_KINDS = {
    grpc.StatusCode.DEADLINE_EXCEEDED: (FailureKind.TIMEOUT, "the process may be stopped or overloaded"),
    grpc.StatusCode.UNIMPLEMENTED: (FailureKind.UNSUPPORTED, "is this Triton's gRPC port?"),
    grpc.StatusCode.UNAUTHENTICATED: (FailureKind.FORBIDDEN, "set headers in the settings"),
    grpc.StatusCode.PERMISSION_DENIED: (FailureKind.FORBIDDEN, "set headers in the settings"),
}


class TritonGrpc:
    """One server's gRPC port (``address`` is HOST:PORT); each call opens its own channel and may raise SourceError."""

    def __init__(self, address: str, headers: Mapping[str, Secret], tls: Tls, *, secure: bool) -> None:
        self.address = address
        self._metadata = tuple(_metadata(headers))
        self._tls = tls
        self._secure = secure

    async def load(self, model: str, config: str | None = None) -> None:
        """As ``TritonClient.load``."""
        request = pb.RepositoryModelLoadRequest(model_name=model)
        if config is not None:
            request.parameters["config"].string_param = config
        await self._change("load", model, "RepositoryModelLoad", request)

    async def unload(self, model: str, *, dependents: bool = False) -> None:
        """As ``TritonClient.unload``."""
        request = pb.RepositoryModelUnloadRequest(model_name=model)
        if dependents:
            request.parameters["unload_dependents"].bool_param = True
        await self._change("unload", model, "RepositoryModelUnload", request)

    async def server(self, seconds: float) -> ServerInfo:
        """Server metadata."""
        found = await self._ask("ServerMetadata", pb.ServerMetadataRequest(), seconds)
        return ServerInfo(found.name, found.version, tuple(found.extensions))

    async def index(self, seconds: float) -> tuple[IndexEntry, ...]:
        """The repository index."""
        found = await self._ask("RepositoryIndex", pb.RepositoryIndexRequest(), seconds)
        return tuple(_entry(row) for row in found.models)

    async def inferences(self, model: str, seconds: float) -> int:
        """How many inferences of a model this server has counted."""
        found = await self._ask("ModelStatistics", pb.ModelStatisticsRequest(name=model), seconds)
        return sum(row.inference_count for row in found.model_stats)

    async def _ask(self, method: str, request: Any, seconds: float) -> Any:
        try:
            async with asyncio.timeout(seconds), self._stub() as stub:
                return await getattr(stub, method)(request, metadata=self._metadata)
        except (grpc.aio.AioRpcError, TimeoutError, OSError, ValueError) as error:
            raise SourceError(self._failure(error)) from error

    async def _change(self, verb: str, model: str, method: str, request: Any) -> None:
        """A change takes as long as it takes: whoever waits for it bounds the waiting."""
        try:
            async with self._stub() as stub:
                await getattr(stub, method)(request, metadata=self._metadata)
        except grpc.aio.AioRpcError as error:
            failure = self._failure(error)
            if failure.kind is FailureKind.STATUS:
                raise refused(verb, model, error.details() or error.code().name) from error
            raise SourceError(failure) from error
        except (OSError, ValueError) as error:
            raise SourceError(self._failure(error)) from error

    @asynccontextmanager
    async def _stub(self) -> AsyncIterator[rpc.GRPCInferenceServiceStub]:
        channel = self._channel()
        try:
            yield rpc.GRPCInferenceServiceStub(channel)
        finally:
            await channel.close()

    def _channel(self) -> grpc.aio.Channel:
        options = [
            ("grpc.max_receive_message_length", JSON_LIMIT),
            ("grpc.enable_retries", 0),
            ("grpc.enable_http_proxy", 0),
        ]
        if not self._secure:
            return grpc.aio.insecure_channel(self.address, options)
        authority = Path(self._tls.ca).read_bytes() if self._tls.ca else None
        return grpc.aio.secure_channel(self.address, grpc.ssl_channel_credentials(authority), options)

    def _failure(self, error: BaseException) -> Failure:
        if isinstance(error, TimeoutError):
            return self._said(FailureKind.TIMEOUT, "no answer in time", "is this Triton's gRPC port?")
        if not isinstance(error, grpc.aio.AioRpcError):
            return self._said(
                FailureKind.GARBAGE, visible(str(error), 120), "see tls.ca and grpc= in the settings"
            )
        said = visible(error.details() or error.code().name, 200)
        if _RESTRICTED in said:
            return self._said(
                FailureKind.FORBIDDEN, f"credential missing ({said})", "set headers in the settings"
            )
        if error.code() is grpc.StatusCode.UNAVAILABLE:
            return self._said(FailureKind.REFUSED, said, "is the server started, and is the port right?")
        kind, hint = _KINDS.get(error.code(), (FailureKind.STATUS, "see the server's log"))
        return self._said(kind, said, hint)

    def _said(self, kind: FailureKind, said: str, hint: str) -> Failure:
        return Failure(kind, "grpc", f"grpc: {said} at {self.address}", hint)


def _metadata(headers: Mapping[str, Secret]) -> list[tuple[str, str]]:
    """A restricted protocol asks for its key under a prefix; a proxy asks for ``authorization`` without one."""
    pairs = [(PREFIX + name.lower(), secret.reveal()) for name, secret in headers.items()]
    plain = [(name.lower(), secret.reveal()) for name, secret in headers.items()]
    return pairs + [pair for pair in plain if pair[0] == "authorization"]


def _entry(row: Any) -> IndexEntry:
    known = {state.value: state for state in State}
    state = known.get(row.state, State.UNKNOWN) if row.state else State.ABSENT
    return IndexEntry(row.name, row.version, state, row.reason)
