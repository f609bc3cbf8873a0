"""The facts of a post-mortem: what was promised and what was kept, what happened, what was done, what stays unknown.

Nothing here is judged or guessed: every figure says how it is known, and what is not known is None with its reason.
Times are epoch seconds, durations ms, shares 0-1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from console.domain.contract import Contract
from console.domain.drift import Drift
from console.domain.fleet import Fleet, Objective
from console.domain.incident import Incident
from console.domain.journal import Entry
from console.domain.lock import Lock
from console.domain.marker import Marker
from console.domain.release import Release
from console.domain.triage import Walk


class Stretch(NamedTuple):
    """From when to when; ``why`` says what it is, where that is not plain."""

    since: float
    until: float
    why: str = ""

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.until - self.since


class Tape(NamedTuple):
    """The recording that the facts are from: its whole stretch, the console that made it, and what is not in it.

    ``gaps`` are stretches of the window without a frame. ``looks`` are how many pictures were made of the window,
    ``every_s`` seconds apart at most.
    """

    path: str
    since: float
    until: float
    consoles: tuple[str, ...] = ()
    sessions: int = 1
    gaps: tuple[Stretch, ...] = ()
    problems: tuple[str, ...] = ()
    looks: int = 0
    every_s: float = 0.0


class Peak(NamedTuple):
    """The worst value that a figure had: when, whose it was (``subject``), and how it is known."""

    value: float
    at: float
    subject: str = ""
    basis: str = ""


class Reset(NamedTuple):
    """The counters of a version (``ranker/7``) on a target began anew."""

    version: str
    target: str
    at: float


class Counted(NamedTuple):
    """What the counters grew by: requests served, and failed by reason; differences, added over the targets.

    What a version had counted between the last look before it began anew and that moment is lost: with ``resets`` the
    sums are at least so many. ``slow`` are those
    that were proven slower than promised, None where nothing tells; ``slow_basis`` is how.
    """

    served: float = 0.0
    failed: Mapping[str, float] = {}
    resets: tuple[Reset, ...] = ()
    slow: float | None = None
    slow_basis: str = ""

    @property
    def broken(self) -> float:
        """Failed requests that count against the promise: a client that gave up says nothing about the server."""
        return sum(number for reason, number in self.failed.items() if reason != "CANCELED")

    @property
    def requests(self) -> float:
        """What the promise is about: all that was served or failed."""
        return self.served + self.broken


class Budget(NamedTuple):
    """The share of the period's error budget that went within the window, and how fast at the worst.

    ``spent`` is of ``period_s`` at the rate of requests that came in the window. ``peak`` is the greatest burn rate of
    ``window`` and when. None is unknown. ``latency`` is whether slow requests are in it: without percentiles they are not.
    """

    spent: float | None = None
    peak: Peak | None = None
    window: str = ""
    latency: bool = False


_NO_BUDGET = Budget()


@dataclass(frozen=True, slots=True)
class Impact:
    """What one model's users felt; ``counted`` is None where no counter of it was ever read.

    ``p99`` and ``mean`` are the worst there were. ``percentile`` is the worst value of the promised quantile.
    ``unknown_p99`` says why there is none. ``slow_s`` is how long that was over what is promised, ``failing_s`` how
    long too many failed, ``broken_s`` how long either, ``down_s`` how long no version served; each
    out of ``judged_s`` that was seen. ``first`` and ``last`` are the first and last look at which it was so.
    ``within`` is whether the last look of the window found it within its promise again, None where that is not known.
    ``caveats`` are sentences about what its counters do not tell.
    """

    model: str
    objective: Objective
    versions: tuple[str, ...] = ()
    counted: Counted | None = None
    budget: Budget = _NO_BUDGET
    p99: Peak | None = None
    percentile: Peak | None = None
    mean: Peak | None = None
    unknown_p99: str = ""
    slow_s: float = 0.0
    failing_s: float = 0.0
    down_s: float = 0.0
    broken_s: float = 0.0
    judged_s: float = 0.0
    first: float | None = None
    last: float | None = None
    within: bool | None = None
    caveats: tuple[str, ...] = ()


class GatewayImpact(NamedTuple):
    """What a gateway counted on one route, or on its clients' side (``edge``); None is what it does not count.

    ``resets`` is how often its counters began anew: the sums are then at least so many.
    """

    name: str
    kind: str
    models: tuple[str, ...] = ()
    edge: bool = False
    requests: float | None = None
    refused: float | None = None
    failed: float | None = None
    retries: float | None = None
    timeouts: float | None = None
    resets: int = 0


class AlertSpan(NamedTuple):
    """One alert from its first sign to its end, None while it held at the last look.

    ``paged`` is when it was a page, None if it never was. ``note`` is why somebody silenced it.
    """

    id: str
    subject: str
    message: str
    evidence: str
    since: float
    paged: float | None = None
    until: float | None = None
    note: str = ""
    model: str = ""
    target: str = ""


class Answered(NamedTuple):
    """One walk of a runbook: as it was answered and shown at the time (``recorded``), else computed from the recording.

    ``again`` counts later answers of the same verdict, the last of them at ``last``.
    """

    walk: Walk
    recorded: bool
    again: int = 0
    last: float | None = None


class Done(NamedTuple):
    """One plan and when it ended, None where no end is written."""

    entry: Entry
    ended: float | None = None


class Versions(NamedTuple):
    """What served of one model at a moment: on how many targets each version was ready, and its config's digests.

    ``config`` maps a digest to the number of targets that have it.
    """

    ready: Mapping[str, int] = {}
    config: Mapping[str, int] = {}


class Served(NamedTuple):
    """One model at the first and the last look of the window, None where it was not seen."""

    model: str
    before: Versions | None = None
    after: Versions | None = None

    @property
    def changed(self) -> bool:
        """Whether other versions, or another config, serve since."""
        return self.before != self.after


class Watched(NamedTuple):
    """One target at the last look: its address, its Triton's version, and how models are loaded there; None is unknown."""

    name: str
    url: str
    up: bool | None = None
    server: str = ""
    mode: str = ""


class Remains(NamedTuple):
    """What stood at the last look: the deploy lock, drifts, and alerts that hold."""

    at: float | None = None
    lock: Lock | None = None
    drifts: tuple[Drift, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a report says. ``window`` is what it is about; ``written`` when it was made, by which ``console``.

    ``tape`` is None where nothing was recorded: then there are no figures. ``incident`` is None for a stretch of a
    recording. ``impacts`` are by model, the worst first. ``missing`` are sentences about what could not be had.
    ``contracts`` are those of the models by name, as they were read last.
    """

    fleet: Fleet
    window: Stretch
    written: float
    console: str = ""
    incident: Incident | None = None
    tape: Tape | None = None
    impacts: tuple[Impact, ...] = ()
    gateways: tuple[GatewayImpact, ...] = ()
    alerts: tuple[AlertSpan, ...] = ()
    markers: tuple[Marker, ...] = ()
    answers: tuple[Answered, ...] = ()
    done: tuple[Done, ...] = ()
    served: tuple[Served, ...] = ()
    targets: tuple[Watched, ...] = ()
    releases: tuple[Release, ...] = ()
    remains: Remains = field(default_factory=Remains)
    contracts: Mapping[str, Contract] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
