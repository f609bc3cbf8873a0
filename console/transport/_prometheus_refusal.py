"""What a Prometheus, or what stands in for one, says instead of a result, in words that say what to do."""

from collections.abc import Mapping
from typing import NamedTuple

from console.domain.failure import Failure, FailureKind
from console.domain.text import visible

PART = "prometheus"
NOT_PROMETHEUS = "did not answer as Prometheus does"
BASE_URL = "give its base URL, usually http://HOST:9090"
ASK_ITSELF = "ask the same in Prometheus's own page"
_SHOWN = 300
_TENANT = (
    'Mimir and Cortex ask for whom: prometheus_access.headers = { X-Scope-OrgID = { env = "TENANT" } }, or '
    "the settings' headers"
)
_CREDENTIAL = "set prometheus_access.bearer, or user and password, in the settings"
_WRONG = "the credential of prometheus_access is not taken: is it expired, or for another tenant?"
_PREFIX = "is a prefix missing? Mimir has /prometheus, VictoriaMetrics in a cluster /select/0/prometheus"
_NARROWER = "narrow the fleet's selector, or group by fewer labels"


class _Way(NamedTuple):
    """A refusal by its status or by words in it, and what to do."""

    statuses: frozenset[int]
    words: tuple[str, ...]
    hint: str


_WAYS = (
    _Way(frozenset(), ("no org id", "x-scope-orgid"), _TENANT),
    _Way(
        frozenset({422}),
        ("too many samples", "too many points", "exceed", "maximum", "limit", "-search.max"),
        f"it is more than this server answers: {_NARROWER}",
    ),
    _Way(frozenset({429}), ("too many requests", "too many outstanding"), "set a longer refresh, e.g. 15"),
    _Way(
        frozenset({503, 504, 502}),
        ("timed out", "timeout", "context canceled", "deadline exceeded"),
        f"it is overloaded, or part of it is down: {_NARROWER}, or set a longer refresh",
    ),
    _Way(frozenset({404, 405}), (), _PREFIX),
)


def refused(status: int, said: str, url: str, sent: Mapping[str, str] | None = None) -> Failure:
    """Why there is no result; ``said`` are the server's own words, if it has any, ``sent`` the headers it was asked with."""
    way = next((way for way in _WAYS if _fits(way, status, said)), None)
    hint = way.hint if way else ""
    if status in {401, 403}:
        credential = any(name.lower() in {"authorization", "x-scope-orgid"} for name in sent or ())
        wants = "it does not take the credential" if credential else "it wants a credential, and is sent none"
        more = f" ({said})" if said else ""
        hint = hint or (_WRONG if credential else _CREDENTIAL)
        message = f"HTTP {status} at {url}: {wants}{more}"
        return Failure(FailureKind.FORBIDDEN, PART, visible(message, _SHOWN), hint)
    if said:
        return Failure(
            FailureKind.STATUS,
            PART,
            visible(f"Prometheus refuses the query: {said}", _SHOWN),
            hint or ASK_ITSELF,
        )
    message = f"HTTP {status} at {url}"
    if status in {429, 502, 503, 504}:
        return Failure(FailureKind.STATUS, PART, visible(message, _SHOWN), hint)
    message = visible(f"{message}: it {NOT_PROMETHEUS}", _SHOWN)
    return Failure(FailureKind.GARBAGE, PART, message, hint or BASE_URL)


def _fits(way: _Way, status: int, said: str) -> bool:
    words = said.lower()
    return status in way.statuses or any(word in words for word in way.words)
