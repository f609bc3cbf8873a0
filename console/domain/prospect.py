"""What is learned of a fleet as a whole: which targets there are, and what a Prometheus tells beside their figures."""

from collections.abc import Mapping
from typing import NamedTuple

from console.domain.basis import Basis
from console.domain.fleet import ModelVersion, Target

DISCOVERY = "discovery"
"""The source that looks for servers."""


class TargetsReading(NamedTuple):
    """The targets that there are now, all of them; ``notes`` say what could not be looked up."""

    targets: tuple[Target, ...]
    notes: tuple[str, ...] = ()


class Group(NamedTuple):
    """One group of a fleet seen through Prometheus: its servers that answer their scrapes, of how many.

    ``target`` is the group's name, ``labels`` what its servers have in common, ``lag_s`` how old the oldest newest
    scrape among those that answer is, None where nothing tells.
    """

    target: str
    labels: Mapping[str, str]
    up: int
    known: int
    lag_s: float | None = None


class Worst(NamedTuple):
    """One server among the slowest of a version: durations in ms, rate in requests per second, None where unknown.

    ``labels`` are those of its series that tell where it is (``instance``, ``pod``, ``node`` …). ``basis`` is that of
    ``value_ms``: a p99 where it is a summary or a histogram, else the mean. ``median_ms`` is what the median server of
    those that had requests has.
    """

    key: ModelVersion
    instance: str
    labels: Mapping[str, str]
    value_ms: float
    basis: Basis
    rate: float | None = None
    median_ms: float | None = None


class Asking(NamedTuple):
    """One query of a refresh: what for, its text, how long it took (seconds) and how many series it gave."""

    purpose: str
    query: str
    seconds: float
    series: int
    problem: str = ""


class PrometheusReading(NamedTuple):
    """What a Prometheus tells of a fleet beside the figures of its groups.

    ``flavour`` is what answers, in words: ``Prometheus 2.42``, ``Thanos``, ``Mimir`` …; ``scrape_s`` the seconds between
    scrapes where that is known, ``window_s`` what rates are taken over. ``at`` is the moment that was asked about (epoch seconds).
    """

    at: float
    groups: tuple[Group, ...]
    worst: tuple[Worst, ...]
    asked: tuple[Asking, ...]
    flavour: str = ""
    scrape_s: float | None = None
    window_s: float | None = None
    notes: tuple[str, ...] = ()
