"""The HTTP under prometheus-api-client: bounded in time and size, without redirects, its answers read as rows."""

import json
import ssl
import time
from collections.abc import Iterator, Mapping
from typing import Any

import requests
import urllib3
from urllib3.exceptions import (
    InsecureRequestWarning,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
)

from console.domain.failure import Failure, FailureKind, SourceError
from console.domain.fleet import Tls
from console.domain.text import visible
from console.transport._prometheus_answer import Rows, read
from console.transport._prometheus_refusal import BASE_URL, NOT_PROMETHEUS, PART, refused
from console.transport.http import Answer, status_failure, too_large

BODY_LIMIT = 16 * 2**20
# Proxies take addresses of 8 kB; what is longer goes as a form.
_LONGEST_QUERY = 4000
_CHUNK = 64 * 2**10
_PARSED = ("/query", "/query_range")


class Answered:
    """An answer in the shape that prometheus-api-client wants; ``rows`` are what it said, warnings included."""

    status_code = 200
    content = b""

    def __init__(self, body: Any) -> None:
        self._body = body

    def json(self) -> Any:
        """``{"data": {"result": Rows}}`` of a query, the whole answer of anything else."""
        return self._body


class BoundedSession(requests.Session):
    """A session for one Prometheus; ``timeout`` of a request is for all of it, and what goes wrong is a SourceError."""

    def __init__(self, tls: Tls) -> None:
        super().__init__()
        self.verify = (tls.ca or True) if tls.verify else False
        if not tls.verify:
            # Somebody wrote so in the settings; a line about it in the middle of a screen helps nobody.
            urllib3.disable_warnings(InsecureRequestWarning)
        # No proxy, .netrc or authorities of the environment: what is sent, and where to, stands in the settings.
        self.trust_env = False

    def request(self, method: str, url: str, **options: Any) -> Any:  # type: ignore[override]  # made for its one user
        """The answer, with its body read and judged."""
        seconds = float(options["timeout"])
        deadline = time.monotonic() + seconds
        if len((options.get("params") or {}).get("query", "")) > _LONGEST_QUERY:
            method, options = "POST", {**options, "data": options["params"], "params": None}
        options |= {"allow_redirects": False, "stream": True}
        try:
            with super().request(method, url, **options) as response:
                if 300 <= response.status_code < 400:
                    goal = response.headers.get("Location", "")
                    raise SourceError(status_failure(response.status_code, PART, url, goal))
                answer = Answer(response.status_code, b"".join(_pieces(response, deadline)))
        except (requests.RequestException, OSError) as error:
            raise SourceError(_failure(error, url, seconds)) from error
        return Answered(_read(answer, url, options.get("headers") or {}))


def _pieces(response: Any, deadline: float) -> Iterator[bytes]:
    size = 0
    for piece in response.iter_content(_CHUNK):
        size += len(piece)
        if size > BODY_LIMIT:
            raise SourceError(
                too_large(PART, BODY_LIMIT)._replace(hint="group by fewer labels, or narrow the selector")
            )
        if time.monotonic() > deadline:
            raise TimeoutError
        yield piece


def _read(answer: Answer, url: str, sent: Mapping[str, str]) -> Any:
    if url.endswith(_PARSED):
        rows: Rows = read(answer, url, sent)
        return {"data": {"result": rows}}
    if answer.status != 200:
        raise SourceError(refused(answer.status, "", url, sent))
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        said = f"{url} {NOT_PROMETHEUS}"
        raise SourceError(Failure(FailureKind.GARBAGE, PART, visible(said, 300), BASE_URL)) from None


_ADVICE: tuple[tuple[tuple[type[BaseException], ...], FailureKind, str, str], ...] = (
    (
        (ssl.SSLError,),
        FailureKind.TLS,
        "TLS failed ({})",
        "set prometheus_access.tls.ca in the settings, or use http://",
    ),
    (
        (NameResolutionError,),
        FailureKind.UNRESOLVED,
        "host name not found",
        "check the name and the resolver",
    ),
    (
        (ConnectionRefusedError,),
        FailureKind.REFUSED,
        "connection refused",
        "is Prometheus started, and is the port right?",
    ),
    (
        (requests.exceptions.Timeout, TimeoutError),
        FailureKind.TIMEOUT,
        "no answer within {seconds:g} s",
        "is it overloaded, or far away?",
    ),
    (
        (NewConnectionError,),
        FailureKind.UNREACHABLE,
        "cannot connect ({})",
        "check address, route and firewall",
    ),
    (
        (ProtocolError, ConnectionError),
        FailureKind.RESET,
        "connection closed by the server",
        "it may be stopping or restarting",
    ),
    (
        (
            requests.exceptions.InvalidURL,
            requests.exceptions.InvalidHeader,
            requests.exceptions.InvalidSchema,
        ),
        FailureKind.UNSUPPORTED,
        "cannot be asked ({})",
        "write it as http://HOST:PORT, and headers in plain letters",
    ),
)


def _failure(error: BaseException, url: str, seconds: float) -> Failure:
    """A network error in words; what it is stands somewhere in the chain of its causes."""
    chain = list(_causes(error))
    for types, kind, said, hint in _ADVICE:
        found = next((each for each in chain if isinstance(each, types)), None)
        if found is not None:
            words = said.format(visible(str(found), 100), seconds=seconds)
            return Failure(kind, PART, f"{PART}: {words} at {url}", hint)
    words = visible(str(error), 100)
    return Failure(FailureKind.GARBAGE, PART, f"{PART}: not a valid answer ({words}) at {url}", BASE_URL)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what it wraps, and what that came of."""
    waiting, seen = [error], 0
    while waiting and seen < 20:
        each = waiting.pop(0)
        seen += 1
        yield each
        wrapped = [getattr(each, "reason", None), each.__cause__, each.__context__, *each.args[:2]]
        waiting += [inner for inner in wrapped if isinstance(inner, BaseException)]
