"""What Triton's answers do not say, named where it applies."""

from collections.abc import Iterator

from console.domain.basis import Missing
from console.domain.config import ModelConfig
from console.domain.failure import FailureKind
from console.domain.fleet import ModelVersion
from console.domain.probe import ProbeSummary
from console.domain.rows import ModelRow, Warn
from console.domain.text import whole
from console.domain.triton import ControlMode, IndexEntry, State, TritonReading
from console.domain.versions import VersionState, is_trouble

SUMMARIES_HINT = "start Triton with --metrics-config summary_latencies=true"
_NO_PERCENTILES = "no-percentiles"
STUB_HINT = "a dead python stub needs unload and load; a plain load does nothing"


def version_warnings(key: ModelVersion, found: VersionState, config: ModelConfig | None) -> Iterator[Warn]:
    """Warnings of one version from its state and config."""
    if found.state is State.READY and found.reason:
        yield Warn(
            "ready-with-reason",
            f"READY, but its last update was refused: {found.reason}",
            "the old configuration still serves; load a corrected one",
        )
    if found.omitted:
        yield Warn(
            "not-in-index",
            "serves although the repository index does not list it: its directory is gone",
            "it cannot be reloaded; restore the directory before any unload",
        )
    if config is not None and found.state is State.READY:
        yield from _config_warnings(key, config)


def percentile_warnings(
    missing: Missing | None, *, others_have: bool, scraped: bool = False
) -> Iterator[Warn]:
    """Why a version has no percentiles, and how to have them; ``others_have`` when its servers export some.

    Of one that is known by Prometheus alone (``scraped``) it may be Prometheus that has none.
    """
    if missing is not Missing.UNSUPPORTED:
        return
    if scraped:
        text = "only means are known: Prometheus has no request summaries of it now"
        hint = "Triton keeps none of a model that uses the response cache" if others_have else SUMMARIES_HINT
        yield Warn(_NO_PERCENTILES, text, f"{hint}, unless a note says why they are not told", note=True)
    elif others_have:
        text = "only means are known: Triton keeps no request summary of a model that uses the response cache"
        yield Warn(_NO_PERCENTILES, text, "a gateway's histogram would tell", note=True)
    else:
        text = "only means are known: this server exports no percentiles"
        yield Warn(_NO_PERCENTILES, text, SUMMARIES_HINT, note=True)


def percentile_hint(row: ModelRow) -> str | None:
    """How to have a row's percentiles, None where that is not what is missing."""
    if row.latency_missing is not Missing.UNSUPPORTED:
        return None
    return next((warn.hint for warn in row.warnings if warn.id == _NO_PERCENTILES), SUMMARIES_HINT)


def _config_warnings(key: ModelVersion, config: ModelConfig) -> Iterator[Warn]:
    if config.queue_limit:
        yield Warn(
            "queue-full-uncounted",
            f"max_queue_size {config.queue_limit}: requests refused by a full queue (503) are in no counter",
            "look at the gateway's 503s; pending at the limit is the only trace here",
            note=True,
        )
    if config.backend == "python":
        yield Warn(
            "python-errors-count-as-success",
            "an error that the python model returns counts as a success",
            "a probe with an expected answer sees it",
            note=True,
        )
    if config.composing:
        yield Warn(
            "ensemble-steps",
            f"an ensemble of {', '.join(config.composing)}: each request counts again in each step",
            "do not add the steps' rates to the ensemble's",
            note=True,
        )
    kind, versions = config.policy
    number = whole(key.version)
    if kind == "specific" and number is not None and number not in versions:
        yield Warn(
            "config-stale",
            f"the served config names versions {', '.join(map(str, versions))}, yet {key.version} serves",
            "after an in-place policy change Triton's config answer is out of date",
        )


def probe_warnings(state: State, probes: tuple[ProbeSummary, ...]) -> Iterator[Warn]:
    """A version that says READY and fails its probe."""
    for probe in probes:
        if probe.failing:
            claim = "READY, but " if state is State.READY else ""
            detail = f": {probe.detail}" if probe.detail else ""
            text = f"{claim}its probe on {probe.target} ends in {probe.outcome}{detail}"
            yield Warn("probe-failed", text, _probe_hint(probe.detail))


def _probe_hint(detail: str) -> str:
    if "Stub process" in detail:
        return STUB_HINT
    if "Exceeds maximum queue size" in detail:
        return "its queue is full: lower the traffic or add instances"
    return "send the probe's request by hand, and read the server's log"


def coverage_warnings(reporting: int, ready: int) -> Iterator[Warn]:
    """Figures that cover only some of the targets that serve the version."""
    if 0 < reporting < ready:
        yield Warn(
            "partial-coverage",
            f"only {reporting} of {ready} targets that serve it report: the figures are theirs",
            "see which targets are stale or without metrics",
        )


def load_warnings(
    state: State, pending: float | None, full: int, error_ratio: float | None
) -> Iterator[Warn]:
    """What pending requests and errors say beyond their numbers; ``full`` is where a queue refuses, 0 for never."""
    if pending is not None and full and pending >= full:
        yield Warn(
            "queue-full",
            f"{pending:.0f} requests wait where {full} may: the next ones are refused, and counted nowhere",
            "lower the traffic or add instances; the gateway's 503s tell how many were refused",
        )
    if state is State.READY and error_ratio == 1.0:
        yield Warn(
            "every-request-fails",
            "READY, but every request fails",
            "send one request by hand, and read the server's log",
        )


def target_warnings(reading: TritonReading) -> Iterator[Warn]:
    """Warnings of one server."""
    held = any(f.part == "live" and f.kind is FailureKind.TIMEOUT for f in reading.failures)
    if held and reading.counters is not None:
        yield Warn(
            "api-held",
            "its API does not answer while its metrics do: it hangs, or a load over HTTP holds the connection",
            "such a load frees it when it ends; the figures are from the metrics alone",
        )
    if reading.ready is False:
        yield from _not_ready(reading.index or ())
    if reading.mode is ControlMode.UNKNOWN and reading.mode_note:
        yield Warn("mode-unknown", f"control mode unknown: {reading.mode_note}", note=True)
    if reading.broken_lines:
        yield Warn("broken-lines", f"{reading.broken_lines} lines of its metrics could not be read")


def _not_ready(index: tuple[IndexEntry, ...]) -> Iterator[Warn]:
    """Not ready while nothing loads or unloads: a load failed, and Triton never forgets it."""
    moving = any(e.state in {State.LOADING, State.UNLOADING} for e in index)
    failed = [e.model for e in index if is_trouble(e.state, e.reason)]
    if failed and not moving:
        yield Warn(
            "not-ready-for-good",
            f"not ready since a load of {failed[0]} failed; it stays so until that very version loads",
            "a load balancer that asks /v2/health/ready sends no traffic here",
        )
