"""The tritonclient, with bounded bodies, no redirects, and the fleet's one HTTP session."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import aiohttp
from tritonclient.http.aio import InferenceServerClient
from tritonclient.utils import InferenceServerException

from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.plan import ControlError
from console.domain.text import visible
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
_HIDDEN = "failed to poll from model repository"
_NO_VERSION = "at least one version must be available"


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

    async def load(self, model: str, config: str | None = None) -> None:
        """Load a model, with ``config`` (JSON) in place of its file's; returns when the server has, however long that takes.

        Raises ControlError with the server's reason when it refuses.
        """
        await self._change(model, "load", {"config": config} if config is not None else {})

    async def unload(self, model: str, *, dependents: bool = False) -> None:
        """Unload a model, and with ``dependents`` what was loaded through it; raises as ``load``."""
        await self._change(model, "unload", {"unload_dependents": True} if dependents else {})

    async def _change(self, model: str, verb: str, parameters: Mapping[str, object]) -> None:
        response = await whole(
            self._http.session.post(
                f"{self._url}/v2/repository/models/{model}/{verb}",
                data=json.dumps({"parameters": parameters}).encode(),
                headers={"Content-Type": "application/json", **self._http.target_headers},
                allow_redirects=False,
                # The session's own limit is five minutes, and a load may take longer.
                timeout=aiohttp.ClientTimeout(total=None),
            )
        )
        if response.status == 200:
            return
        body = (await response.read()).decode(errors="replace")
        said = error_text(body)
        if response.status in {401, 403} or said is None:
            raise SourceError(status_failure(response.status, verb, self._url, said or body))
        raise refused(verb, model, said)

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


def error_text(body: str) -> str | None:
    """What Triton's JSON says went wrong, None for any other body."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return str(found["error"]) if isinstance(found, dict) and "error" in found else None


def refused(verb: str, model: str, said: str) -> ControlError:
    """Triton's refusal of a load or unload with what to do about it."""
    shown = visible(said.strip(), 600)
    if _HIDDEN in said:
        hint = "Triton keeps the reason to its own log: its config, its files or its name was not accepted"
    elif _NO_VERSION in said:
        hint = "the version's directory is not in the repository, or holds nothing to load"
    else:
        hint = "what served before goes on serving"
    return ControlError(f"the server refused to {verb} {visible(model, 80)}: {shown}", hint)


def addressable(model: str) -> bool:
    """Whether Triton can be asked for this name: it does not decode percent-encoding in paths."""
    return quote(model, safe="") == model


def answer(body: Any, kind: type) -> Any:
    """The body, if it has the JSON type that Triton gives; else ValueError."""
    if not isinstance(body, kind):
        raise ValueError(f"expected {kind.__name__}")  # noqa: TRY004 - one error type for every odd answer
    return body
