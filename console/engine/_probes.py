"""What the synthetic inferences found, by target and model."""

from collections import deque

from console.domain.marker import Marker, MarkerKind
from console.domain.probe import ProbeOutcome, ProbeReading, ProbeSummary
from console.domain.sample import Sample

_SAMPLES = 1000
_LEAST_FOR_P99 = 100


class ProbeMemory:
    """Newest outcomes, and durations of the good answers."""

    def __init__(self) -> None:
        self._summaries: dict[tuple[str, str], ProbeSummary] = {}
        self._versions: dict[tuple[str, str], str] = {}
        self._durations: dict[tuple[str, str], deque[float]] = {}

    def take(self, sample: Sample, reading: ProbeReading) -> list[Marker]:
        """Remember one probe; returns a marker when its outcome changed.

        A model that the target does not serve has no probe there.
        """
        target = sample.target or ""
        key = (target, reading.model)
        if reading.outcome is ProbeOutcome.NOT_SERVED:
            self._summaries.pop(key, None)
            return []
        durations = self._durations.setdefault(key, deque(maxlen=_SAMPLES))
        good = reading.outcome is ProbeOutcome.OK
        if good:
            durations.append(reading.took_ms)
        before = self._summaries.get(key)
        changed = before is None or before.outcome is not reading.outcome
        since = sample.at if before is None or changed else before.since
        if reading.version:
            self._versions[key] = reading.version
        self._summaries[key] = ProbeSummary(
            target,
            reading.outcome,
            reading.detail,
            sample.at,
            since,
            len(durations),
            _percentile(durations, 0.5, 1),
            _percentile(durations, 0.99, _LEAST_FOR_P99),
        )
        if not changed or (before is None and good):
            return []
        said = f"probe of {reading.model} on {target}: {reading.outcome}"
        detail = f"{said}. {reading.detail}" if reading.detail else said
        return [Marker(sample.at, MarkerKind.PROBE, reading.model, detail, reading.model, "", target)]

    def forget(self, target: str) -> None:
        """A target is gone, and nothing of it is probed."""
        for known in (self._summaries, self._versions, self._durations):
            for key in [key for key in known if key[0] == target]:
                del known[key]

    def of(self, model: str, version: str, newest: str) -> tuple[ProbeSummary, ...]:
        """Probes of one version; one whose answer named no version is counted to the ``newest``."""
        if not self._summaries:
            return ()
        return tuple(
            summary
            for (target, probed), summary in self._summaries.items()
            if probed == model and self._versions.get((target, probed), newest) == version
        )


def _percentile(durations: deque[float], q: float, least: int) -> float | None:
    """Nearest-rank percentile, None under ``least`` samples."""
    if len(durations) < least:
        return None
    ordered = sorted(durations)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]
