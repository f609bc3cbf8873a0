"""A model's contract: what its owners promise of it, clause by clause, who they are, and who is to be called."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from console.domain.text import visible

_NAME, _ADDRESS = 80, 300


class Escalation(NamedTuple):
    """Who is to be called first and next, where people talk about it, and when somebody is there; empty is not said."""

    primary: str = ""
    secondary: str = ""
    channel: str = ""
    url: str = ""
    hours: str = ""


class Artifact(NamedTuple):
    """The format of a version's files, and the SHA-256 (hex) of those named; empty where any content will do."""

    format: str = ""
    files: Mapping[str, str] = {}


class Tensor(NamedTuple):
    """One input or output as a client sends or gets it, the batch dimension included; -1 is open, None is not said."""

    name: str
    datatype: str = ""
    shape: tuple[int, ...] | None = None


class Io(NamedTuple):
    """The tensors of a request and of its answer; None where the contract does not say."""

    inputs: tuple[Tensor, ...] | None = None
    outputs: tuple[Tensor, ...] | None = None


class Envelope(NamedTuple):
    """What one target may give the model: bytes on its GPU, instances, their kind (GPU or CPU), processor cores."""

    gpu_memory_bytes: float | None = None
    instances_least: int | None = None
    instances_most: int | None = None
    kind: str = ""
    cpu: float | None = None


class RequestShape(NamedTuple):
    """One kind of valid request: its batch sizes, and the shape of one item (without the batch) by input."""

    name: str = ""
    batch_least: int = 1
    batch_most: int = 1
    shapes: Mapping[str, tuple[int, ...]] = {}


class Health(NamedTuple):
    """An inference that must be answered: its body (JSON) inline or in ``file``, and what must come within ``timeout`` seconds.

    ``expect`` (JSON) maps an output's name to its data, within ``tolerance`` (absolute); empty expects any answer.
    """

    file: str = ""
    request: str = ""
    expect: str = ""
    tolerance: float = 1e-6
    timeout: float = 5.0


class GateLimits(NamedTuple):
    """What a gate lets pass, by the names of its options; None leaves a limit to the gate."""

    p99_ratio: float | None = None
    queue_ratio: float | None = None
    gpu_memory_ratio: float | None = None
    errors_over: float | None = None
    tolerance: float | None = None
    rtol: float | None = None
    min_requests: float | None = None


_NO_LIMITS = GateLimits()


class Rollout(NamedTuple):
    """How a new version goes out: the strategy, how many versions stay at hand, the canary's share (per cent), its gate."""

    strategy: str = ""
    versions: int | None = None
    canary_percent: float | None = None
    gate: GateLimits = _NO_LIMITS


class Performance(NamedTuple):
    """``quantile`` of the requests within ``latency_ms``, at up to ``rate`` requests per second of ``batch`` items."""

    latency_ms: float
    quantile: float = 0.99
    rate: float | None = None
    batch: int | None = None


_NOBODY, _ANY_ROLLOUT = Escalation(), Rollout()


@dataclass(frozen=True, slots=True)
class Contract:
    """All that one model's contract says; ``origin`` is its file. What is None or empty is not promised.

    ``problems`` are sentences about what of the file could not be understood: the rest of it stands.
    """

    model: str
    origin: str = ""
    owner: str = ""
    escalation: Escalation = _NOBODY
    labels: Mapping[str, str] = field(default_factory=dict)
    backend: str = ""
    artifact: Artifact | None = None
    io: Io | None = None
    envelope: Envelope | None = None
    requests: tuple[RequestShape, ...] = ()
    health: Health | None = None
    rollout: Rollout = _ANY_ROLLOUT
    performance: Performance | None = None
    problems: tuple[str, ...] = ()

    @property
    def calls(self) -> str:
        """Who is to be called, in words: empty where nobody is named."""
        said = self.escalation
        parts = [visible(said.primary, _NAME)] if said.primary else []
        parts += [f"{'then ' if parts else ''}{visible(said.secondary, _NAME)}"] if said.secondary else []
        parts += [visible(said.channel, _NAME)] if said.channel else []
        parts += [visible(said.url, _ADDRESS)] if said.url else []
        hours = f" ({visible(said.hours, _NAME)})" if said.hours and parts else ""
        return ", ".join(parts) + hours

    @property
    def whose(self) -> str:
        """Owner and whom to call, in words; empty where the contract names nobody."""
        owner = f"owner {visible(self.owner, _NAME)}" if self.owner else ""
        return "; ".join(part for part in (owner, f"call {self.calls}" if self.calls else "") if part)

    @property
    def measured(self) -> bool:
        """Whether it promises what shows only while the model is watched."""
        memory = self.envelope is not None and self.envelope.gpu_memory_bytes is not None
        return memory or self.performance is not None

    def bare(self) -> "Contract":
        """The contract without what is sent to the model and what comes back: that is nobody's to keep."""
        if self.health is None:
            return self
        return replace(self, health=self.health._replace(request="", expect=""))


class ContractReading(NamedTuple):
    """The contracts of the models as one look at their folder found them, by model, and what else was wrong there."""

    contracts: tuple[Contract, ...]
    problems: tuple[str, ...] = ()


class Clause(NamedTuple):
    """How one clause stands: ``passed`` is None where that cannot be known; ``detail`` says what was found, and where."""

    id: str
    passed: bool | None
    detail: str = ""


class Held(NamedTuple):
    """A model's contract, and how those of its clauses stand that the console can judge without asking the model."""

    contract: Contract
    clauses: tuple[Clause, ...] = ()

    @property
    def broken(self) -> tuple[Clause, ...]:
        """The clauses that do not hold."""
        return tuple(clause for clause in self.clauses if clause.passed is False)
