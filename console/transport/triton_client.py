"""The tritonclient, with bounded bodies, no redirects, and the fleet's one HTTP session."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import aiohttp
from tritonclient.http.aio import InferenceServerClient
from tritonclient.utils import InferenceServerException

from console.domain.failure import Failure, FailureKind, SourceError
from console.transport.http import Http, failure_of, status_failure, whole

NETWORK_ERRORS = (
    aiohttp.ClientError,
    OSError,
    TimeoutError,
    InferenceServerException,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    RecursionError,
)

# The parent's words for an error without Triton's JSON; they quote the whole body.
_UNDECODED = "an exception occurred in the client"


class TritonClient(InferenceServerClient):  # type: ignore[misc]
    """One server's API; every call may raise SourceError.

    The parent would open a session per server, follow redirects with the credentials,
    and read bodies of any size; so its transport is replaced, and nothing else.
    """

    def __init__(self, url: str, http: Http) -> None:
        self._plugin = None
        self._verbose = False
        self._url = url.rstrip("/")
        self._http = http

    async def close(self) -> None:
        """Nothing to do: the session is the fleet's."""

    async def _get(self, request_uri: str, headers: object, query_params: object) -> aiohttp.ClientResponse:  # noqa: ARG002
        return await whole(
            self._http.session.get(
                f"{self._url}/{request_uri}", headers=self._http.target_headers, allow_redirects=False
            )
        )

    async def _post(
        self,
        request_uri: str,
        request_body: str | bytes,
        headers: Mapping[str, str] | None,
        query_params: object,  # noqa: ARG002
    ) -> aiohttp.ClientResponse:
        body = request_body.encode() if isinstance(request_body, str) else request_body
        return await whole(
            self._http.session.post(
                f"{self._url}/{request_uri}",
                data=body,
                headers={**(headers or {}), **self._http.target_headers},
                allow_redirects=False,
            )
        )

    async def health(self, what: str) -> bool:
        """``live`` or ``ready`` as the server says; SourceError when it says neither 200 nor 400."""
        response = await self._get(f"v2/health/{what}", None, None)
        detail = (await response.read()).decode(errors="replace")
        if response.status not in {200, 400}:
            raise SourceError(
                status_failure(response.status, what, self._url, response.headers.get("Location") or detail)
            )
        return response.status == 200

    async def infer_json(
        self, model: str, version: str | None, body: bytes, seconds: float
    ) -> tuple[int, bytes]:
        """Send a v2 inference as JSON; returns status and body, or raises TimeoutError after that long."""
        path = f"v2/models/{model}" + (f"/versions/{version}" if version else "") + "/infer"
        async with asyncio.timeout(seconds):
            response = await self._post(path, body, {"Content-Type": "application/json"}, None)
            return response.status, await response.read()

    def failure(self, error: BaseException, part: str) -> Failure:
        """Whatever a call raised, as a Failure of that part."""
        if isinstance(error, SourceError):
            return error.failure._replace(part=part)
        if isinstance(error, InferenceServerException) and (error.status() or "").isdigit():
            said = error.message() or ""
            detail = "" if said.startswith(_UNDECODED) else said
            return status_failure(int(error.status()), part, self._url, detail)
        if isinstance(error, (aiohttp.ClientError, OSError, TimeoutError)):
            return failure_of(error, part, self._url)
        return Failure(
            FailureKind.GARBAGE,
            part,
            f"{part}: {self._url} did not answer as Triton does",
            "is this address a Triton server's HTTP port?",
        )


def addressable(model: str) -> bool:
    """Whether Triton can be asked for this name: it does not decode percent-encoding in paths."""
    return quote(model, safe="") == model


def answer(body: Any, kind: type) -> Any:
    """The body, if it has the JSON type that Triton gives; else ValueError."""
    if not isinstance(body, kind):
        raise ValueError(f"expected {kind.__name__}")  # noqa: TRY004 - one error type for every odd answer
    return body
