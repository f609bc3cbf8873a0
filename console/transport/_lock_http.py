"""The deploy lock's resource on a server.

GET answers 200 with the lock, or 404, 410 or 204 for none; PUT writes it, with ``If-None-Match: *`` where there
was none and ``If-Match`` where the server gave it a strong entity tag; DELETE removes it. 412 and 409 mean that
somebody else was faster.
"""

from collections.abc import Mapping
from typing import NamedTuple

import aiohttp

from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.lock import SOURCE
from console.domain.plan import ChangedError
from console.domain.secret import Secret
from console.transport.http import Http, failure_of, status_failure

_TIMEOUT = aiohttp.ClientTimeout(total=8)
_NONE = {204, 404, 410}
_WRITTEN = {200, 201, 202, 204}
_LOST = {409, 412}


class Answer(NamedTuple):
    """The lock's text, None where there is none, and its strong entity tag, if any."""

    body: bytes | None
    tag: str = ""


class LockServer:
    """One URL and the headers that open it."""

    def __init__(self, url: str, headers: Mapping[str, Secret], http: Http) -> None:
        self.url = url
        self._secrets = headers
        self._http = http

    async def get(self) -> Answer:
        """The lock's text; raises SourceError."""
        status, body, tag = await self._ask("GET", {"Cache-Control": "no-cache"})
        if status in _NONE:
            return Answer(None)
        if status != 200:
            raise SourceError(self._failure(status))
        return Answer(body, "" if tag.startswith("W/") else tag)

    async def put(self, data: bytes | None, found: Answer) -> None:
        """Write the text, or remove it (None), if it still is what was found; raises ChangedError or SourceError."""
        if data is None and found.body is None:
            return
        headers = {"If-None-Match": "*"} if found.body is None else {}
        if found.tag:
            headers["If-Match"] = found.tag
        method = "DELETE" if data is None else "PUT"
        status, _, _ = await self._ask(method, headers, data)
        if status in _LOST:
            raise ChangedError(f"changed under you: {self.url} was written by somebody else meanwhile")
        if status not in _WRITTEN and not (data is None and status in _NONE):
            raise SourceError(self._failure(status))

    async def _ask(
        self, method: str, headers: Mapping[str, str], data: bytes | None = None
    ) -> tuple[int, bytes, str]:
        sent = {name: secret.reveal() for name, secret in self._secrets.items()} | dict(headers)
        if data is not None:
            sent["Content-Type"] = "application/json"
        asked = self._http.session.request(
            method, self.url, headers=sent, data=data, allow_redirects=False, timeout=_TIMEOUT
        )
        try:
            async with asked as response:
                body = await response.read()
                return response.status, body, response.headers.get("ETag", "")
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise SourceError(failure_of(error, SOURCE, self.url)) from error

    def _failure(self, status: int) -> Failure:
        failure = status_failure(status, SOURCE, self.url)
        if failure.kind is FailureKind.FORBIDDEN:
            return failure._replace(hint="set freeze.headers in the settings")
        return failure
