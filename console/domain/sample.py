"""What one poll of one source returned, an error included."""

from collections.abc import Iterator
from typing import NamedTuple

from console.domain.around import GatewayReading, LinkReading, PagesReading, WorkloadReading
from console.domain.contract import ContractReading
from console.domain.drift import DriftReading
from console.domain.failure import Failure
from console.domain.gpu import GpuReading
from console.domain.incident import IncidentReading
from console.domain.journal import JournalNews
from console.domain.lock import LockReading
from console.domain.probe import ProbeReading
from console.domain.prospect import PrometheusReading, TargetsReading
from console.domain.triton import TritonReading

Reading = (
    TritonReading
    | GpuReading
    | ProbeReading
    | LockReading
    | DriftReading
    | GatewayReading
    | LinkReading
    | WorkloadReading
    | PagesReading
    | IncidentReading
    | JournalNews
    | ContractReading
    | TargetsReading
    | PrometheusReading
)


class Part(NamedTuple):
    """What one poll tells in another source's name: of ``target``, or of the fleet where that is None.

    ``mono`` is when that was so (monotonic seconds), None for now. ``every`` is how often there is news of it, in seconds,
    where that is less often than it is asked for.
    """

    source: str
    target: str | None
    reading: Reading | Failure
    mono: float | None = None
    every: float = 0.0


class Spread(NamedTuple):
    """One poll that tells of many: each of ``parts`` is a sample of its own, in order; ``reading`` is the last."""

    parts: tuple[Part, ...]
    reading: Reading

    def samples(self, poll: "Sample") -> Iterator["Sample"]:
        """Each part, and then the reading, as a sample; ``poll`` is one without either."""
        for source, target, told, mono, every in self.parts:
            ago = 0.0 if mono is None else poll.mono - mono
            yield poll._replace(
                source=source,
                target=target,
                at=poll.at - ago,
                mono=poll.mono - ago,
                every=max(poll.every, every),
                reading=None if isinstance(told, Failure) else told,
                failure=told if isinstance(told, Failure) else None,
            )
        yield poll._replace(reading=self.reading)


class Sample(NamedTuple):
    """One poll: when (epoch seconds and monotonic seconds), how long it took, and what came of it.

    ``every`` is how often the source is polled, in seconds. Exactly one of ``reading`` and ``failure`` is set.
    """

    source: str
    target: str | None
    at: float
    mono: float
    took_s: float
    every: float
    reading: Reading | None
    failure: Failure | None
