"""Pods as a cluster lists them, and which of them are servers to ask."""

import ipaddress
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from console.domain.fleet import Discovery, Target
from console.domain.found import Found
from console.domain.instant import utc
from console.domain.text import visible, whole

# The names that charts give the ports of a Triton's container.
_HTTP = ("http", "triton-http", "http-triton", "http-api", "rest")
_GRPC = ("grpc", "triton-grpc", "grpc-triton", "grpc-api")
_METRICS = ("metrics", "triton-metrics", "metrics-triton", "http-metrics", "prometheus")
# An end of a container so long ago (seconds) is no news.
_NEWS_S = 3600.0
_NAMED = 5
_LAST_PORT = 65535
_USUAL = Discovery()


class Trouble(NamedTuple):
    """What is wrong with a pod's container: why it waits, how often it was begun again, and how and when it ended last."""

    waiting: str = ""
    restarts: int = 0
    ended: str = ""
    ended_at: float | None = None


class Pod(NamedTuple):
    """One pod. ``ports`` are its containers' by name; ``scrape`` is the port of its annotation, as written.

    ``blocked`` says why it has no node yet, ``reason`` why it failed. Times are epoch seconds.
    """

    name: str
    namespace: str = ""
    phase: str = ""
    address: str = ""
    node: str = ""
    terminating: bool = False
    ports: Mapping[str, int] = {}
    scrape: str = ""
    blocked: str = ""
    reason: str = ""
    trouble: Trouble = Trouble()


def found_pods(pods: Sequence[Pod], wanted: Discovery, now: float) -> Found:
    """The running ones as targets, and of the others what they wait for; ``now`` is epoch seconds."""
    targets, left_out = [], Counter[str]()
    pending: list[Pod] = []
    for pod in sorted(pods, key=lambda each: (each.namespace, each.name)):
        why = _left_out(pod)
        if not why:
            targets.append(_target(pod, wanted))
            continue
        left_out[why] += 1
        if why in {"pending", "without an address"}:
            pending.append(pod)
    notes = (*_pending(pending), *_failed(pods), *_troubled(pods, now))
    return Found(tuple(targets), notes, tuple(f"{number} {why}" for why, number in left_out.items()))


def _left_out(pod: Pod) -> str:
    """Why it is no target, empty where it is one."""
    if pod.terminating:
        return "terminating"
    if pod.phase in {"Succeeded", "Failed"}:
        return "completed" if pod.phase == "Succeeded" else "failed"
    if pod.phase == "Pending":
        return "pending"
    return "" if _host(pod) else "without an address"


def _host(pod: Pod) -> str:
    """Its address as it stands in a URL, empty where it has none."""
    try:
        address = ipaddress.ip_address(pod.address)
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        return f"[{address}]" if address.scope_id is None else ""
    return str(address)


def _target(pod: Pod, wanted: Discovery) -> Target:
    host = _host(pod)
    http = _port(pod, _HTTP, wanted.port, _USUAL.port)
    grpc = _port(pod, _GRPC, wanted.grpc_port, _USUAL.grpc_port)
    scraped = whole(pod.scrape) or 0
    usual = scraped if 0 < scraped <= _LAST_PORT else _USUAL.metrics_port
    metrics = _port(pod, _METRICS, wanted.metrics_port, _USUAL.metrics_port, usual)
    name = visible(pod.name, 120)
    return Target(
        name=name,
        url=f"http://{host}:{http}",
        metrics=f"http://{host}:{metrics}/metrics",
        grpc=f"{host}:{grpc}",
        namespace=visible(pod.namespace, 120),
        pod=name,
        node=visible(pod.node, 120),
    )


def _port(pod: Pod, names: Iterable[str], wanted: int, usual: int, otherwise: int | None = None) -> int:
    """What the settings say where they say something else than usual, then the container's own, then the usual."""
    if wanted != usual:
        return wanted
    own = (pod.ports[name] for name in names if 0 < pod.ports.get(name, 0) <= _LAST_PORT)
    return next(own, usual if otherwise is None else otherwise)


def _pending(pods: Sequence[Pod]) -> Iterator[str]:
    waiting = Counter(visible(pod.blocked or pod.trouble.waiting, 160) for pod in pods)
    for reason, number in waiting.most_common(_NAMED):
        yield f"{_counted(number)} pending{f': {reason}' if reason else ''}"


def _failed(pods: Sequence[Pod]) -> Iterator[str]:
    reasons = Counter(
        visible(pod.reason, 80) for pod in pods if pod.phase == "Failed" and not pod.terminating
    )
    for reason, number in reasons.most_common(_NAMED):
        yield f"{_counted(number)} failed{f': {reason}' if reason else ''}"


def _troubled(pods: Sequence[Pod], now: float) -> Iterator[str]:
    """Pods that run, with a container that waits or that ended not long ago."""
    mine = [pod for pod in pods if not _left_out(pod) and _is_news(pod.trouble, now)]
    mine.sort(key=lambda pod: (-pod.trouble.restarts, pod.name))
    for pod in mine[:_NAMED]:
        yield f"{visible(pod.name, 120)}: {_told(pod.trouble)}"
    if len(mine) > _NAMED:
        yield f"and {_counted(len(mine) - _NAMED)} more whose containers ended"


def _is_news(trouble: Trouble, now: float) -> bool:
    return bool(trouble.waiting) or (trouble.ended_at is not None and now - trouble.ended_at < _NEWS_S)


def _told(trouble: Trouble) -> str:
    times = f"{trouble.restarts} restart{'' if trouble.restarts == 1 else 's'}" if trouble.restarts else ""
    at = "" if trouble.ended_at is None else f" at {utc(trouble.ended_at, '%H:%M:%SZ')}"
    ended = f"the last end {visible(trouble.ended, 80)}{at}" if trouble.ended else ""
    return ", ".join(part for part in (visible(trouble.waiting, 80), times, ended) if part)


def _counted(number: int) -> str:
    return f"{number} pod{'' if number == 1 else 's'}"
