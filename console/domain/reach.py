"""From what Prometheus calls a server to the address at which it is asked directly."""

import ipaddress
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from console.domain.fleet import Target
from console.domain.text import visible

# The spellings of usual scrape configurations, best first.
POD = ("pod", "pod_name", "kubernetes_pod_name")
NAMESPACE = ("namespace", "pod_namespace", "kubernetes_namespace")
NODE = ("node", "node_name", "kubernetes_node", "nodename")
_POD_IP = ("pod_ip", "podIP", "pod_ip_address")
_NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?")
_LONGEST_HOST = 253
_LAST_PORT = 65535


class _Address(NamedTuple):
    scheme: str
    host: str
    port: int | None


def direct_target(
    instance: str,
    labels: Mapping[str, str],
    port: int = 8000,
    metrics_port: int = 8002,
    grpc_port: int | None = None,
) -> Target | None:
    """The server that is scraped as ``instance``, at ``port``; None where nothing says an address.

    Its metrics are at the port that ``instance`` names, else at ``metrics_port``. ``labels`` of its series tell pod, node
    and namespace, and the pod's address where ``instance`` is a name somebody gave it. It is called as its pod is, else as
    its host.
    """
    address = _address(instance)
    told = _address(first(labels, _POD_IP))
    if told is not None and (address is None or address.port is None):
        address = told
    if address is None:
        return None
    host = f"[{address.host}]" if ":" in address.host else address.host
    pod = visible(first(labels, POD))
    return Target(
        name=pod or address.host,
        url=f"{address.scheme}://{host}:{port}",
        metrics=f"{address.scheme}://{host}:{address.port or metrics_port}/metrics",
        grpc=None if grpc_port is None else f"{host}:{grpc_port}",
        namespace=visible(first(labels, NAMESPACE)),
        pod=pod,
        node=visible(first(labels, NODE)),
    )


def first(labels: Mapping[str, str], names: tuple[str, ...]) -> str:
    """The first of these labels that says something, empty where none does."""
    return next((text for name in names if (text := labels.get(name))), "")


def _address(text: str) -> _Address | None:
    """Scheme, host and port of ``host``, ``host:port``, an IPv6 address in any spelling, or a URL; None for what is none."""
    bare = _ip(text)
    if bare:
        return _Address("http", bare, None)
    try:
        split = urlsplit(text if "://" in text else f"//{text}", scheme="http")
        host, port = split.hostname or "", split.port
    except ValueError:
        return None
    known = split.scheme in {"http", "https"} and (port is None or 0 < port <= _LAST_PORT)
    named = len(host) <= _LONGEST_HOST and _NAME.fullmatch(host) is not None
    if not known or split.username is not None or not (named or _ip(host)):
        return None
    return _Address(split.scheme, _ip(host) or host, port)


def _ip(text: str) -> str:
    """An address of numbers in its usual spelling, empty for anything else."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""
