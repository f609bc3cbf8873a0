"""What stands around the servers: gateways, the network, deployments, and who else was paged."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from console.domain.basis import Basis
from console.domain.triton import Histogram


class RouteCounters(NamedTuple):
    """One route's counters since its gateway began; None is what this gateway does not count.

    ``name`` is the cluster or backend. ``tries`` are requests sent upstream, ``retries`` those of them that repeat one.
    ``failed`` are answers 5xx, ``rejected`` what the gateway refused itself (overflow, 429, 503 without a server).
    ``total_ms`` sums what ``tries`` took. ``histogram`` is of the upstream time, ``average_ms`` the gateway's own mean
    where it keeps no sum; ``queue_ms`` and ``connect_ms`` are means. ``weights`` are by server or cluster.
    ``connect_total_ms`` sums what ``connects`` took, where the gateway counts that in place of a mean.
    """

    name: str
    tries: float | None = None
    retries: float | None = None
    timeouts: float | None = None
    failed: float | None = None
    rejected: float | None = None
    connect_failures: float | None = None
    total_ms: float | None = None
    histogram: Histogram | None = None
    average_ms: float | None = None
    queue_ms: float | None = None
    connect_ms: float | None = None
    queued: float | None = None
    weights: Mapping[str, float] = {}
    connects: float | None = None
    connect_total_ms: float | None = None


class GatewayReading(NamedTuple):
    """One look at a gateway: routes by name, and its clients' side (``edge``), where it counts that apart.

    ``kind`` is ``envoy``, ``haproxy`` or ``nginx``; ``query`` is what anyone can ask to see the same.
    ``models`` are the globs of models that a route carries, by its name. ``revision`` is the fingerprint of the
    gateway's configuration, where it tells one.
    """

    kind: str
    routes: tuple[RouteCounters, ...]
    edge: RouteCounters | None = None
    models: Mapping[str, tuple[str, ...]] = {}
    query: str = ""
    notes: tuple[str, ...] = ()
    revision: str = ""


class RouteRow(NamedTuple):
    """One route over the last seconds: per second, except ms means and percentiles. None is unknown or not counted.

    ``rate`` is what clients asked for (tries without retries). The edge is a row of its own with ``edge`` set.
    ``queued`` is how many wait in the gateway now.
    """

    name: str
    kind: str
    models: tuple[str, ...]
    edge: bool
    rate: float | None
    retries: float | None
    timeouts: float | None
    failed: float | None
    rejected: float | None
    connect_failures: float | None
    mean_ms: float | None
    p50_ms: float | None
    p99_ms: float | None
    basis: Basis
    queue_ms: float | None
    connect_ms: float | None
    weights: Mapping[str, float]
    query: str
    age_s: float
    stale: bool
    queued: float | None = None


class LinkReading(NamedTuple):
    """Time to reach one target, measured by the console: ms each, None where there is no such part or it failed.

    ``failed`` names the part that failed (``dns``, ``connect``, ``tls``), ``detail`` how.
    """

    target: str
    dns_ms: float | None = None
    connect_ms: float | None = None
    tls_ms: float | None = None
    address: str = ""
    failed: str = ""
    detail: str = ""


class LinkRow(NamedTuple):
    """The newest way to one target, and its age."""

    link: LinkReading
    age_s: float
    stale: bool


class WorkloadReading(NamedTuple):
    """What runs Triton in a cluster, as its controller says; ``images`` by container.

    ``revision`` counts rollouts. ``changed_at`` is when the newest revision was made (epoch seconds), None if it
    does not say. ``cause`` is who or what, in words. ``rolling`` is True while pods are being replaced.
    ``replicas`` are those that are available and those that are wanted. ``before`` are the images of the revision
    before this one. ``at`` is when this was read (epoch seconds); ``notes`` say what could not be.
    """

    name: str
    revision: str = ""
    images: Mapping[str, str] = {}
    changed_at: float | None = None
    cause: str = ""
    rolling: bool = False
    replicas: tuple[int, int] | None = None
    query: str = ""
    before: Mapping[str, str] = {}
    at: float = 0.0
    notes: tuple[str, ...] = ()


class PageState(StrEnum):
    """Whether somebody was told."""

    ACTIVE = "active"
    SUPPRESSED = "suppressed"


class Page(NamedTuple):
    """One alert of Alertmanager: its name and labels, since when (epoch seconds), and who was told.

    ``silenced_by`` are ids of silences and of the alerts that inhibit it.
    """

    fingerprint: str
    name: str
    severity: str
    labels: Mapping[str, str]
    since: float
    state: PageState
    receivers: tuple[str, ...]
    silenced_by: tuple[str, ...] = ()
    summary: str = ""
    url: str = ""


class PagesReading(NamedTuple):
    """The alerts that an Alertmanager holds, those of which somebody was told first, the newest of them first.

    ``at`` is when it was asked (epoch seconds); ``notes`` say what is left out here.
    """

    pages: tuple[Page, ...]
    url: str = ""
    at: float = 0.0
    notes: tuple[str, ...] = ()
